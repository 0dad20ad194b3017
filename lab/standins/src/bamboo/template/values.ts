import { TemplateError } from './tokens.js';

/** What a template sees: a plain object is a Go struct, a Map a Go map (whose missing keys read as ""). */
export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | { readonly [field: string]: Value };

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Go's truth: false, 0, "", nil and what is empty are false; a struct is always true. */
export function truth(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return Boolean(value);
}

export function field(value: Value, name: string): Value {
  if (isMap(value)) return value.get(name) ?? '';
  if (value === null) throw new TemplateError(`nil data; no entry for key "${name}"`);
  if (typeof value !== 'object' || isList(value))
    throw new TemplateError(`can't evaluate field ${name} in ${JSON.stringify(value)}`);
  const found = value[name];
  if (found === undefined) throw new TemplateError(`can't evaluate field ${name}`);
  return found;
}

/** As Go's `fmt` prints with %v. */
export function printed(value: Value): string {
  if (value === null) return '<nil>';
  if (isList(value)) return `[${value.map(printed).join(' ')}]`;
  if (isMap(value)) return `map[${[...value].map(([key, item]) => `${key}:${printed(item)}`).join(' ')}]`;
  if (typeof value === 'object') return `{${Object.values(value).map(printed).join(' ')}}`;
  return String(value);
}
