import { TemplateError } from './tokens.js';
import { field, isList, isMap, printed, truth, type Value } from './values.js';

export type TemplateFunction = (...args: Value[]) => Value;

function text(value: Value | undefined): string {
  if (typeof value !== 'string') throw new TemplateError(`expected a string, got ${printed(value ?? null)}`);
  return value;
}

function compare(left: Value | undefined, right: Value | undefined): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  throw new TemplateError('incompatible types for comparison');
}

function same(left: Value | undefined, right: Value): boolean {
  if (typeof left !== typeof right) throw new TemplateError('incompatible types for comparison');
  return left === right;
}

function format(pattern: string, args: readonly Value[]): string {
  let next = 0;
  return pattern.replace(/%(0?)(\d*)([vdsqtfx%])/g, (_match, zero: string, width: string, verb: string) => {
    if (verb === '%') return '%';
    const value = args[next++] ?? null;
    const word =
      verb === 'q'
        ? JSON.stringify(value)
        : verb === 'x' && typeof value === 'number'
          ? value.toString(16)
          : printed(value);
    return word.padStart(Number(width || 0), zero === '0' ? '0' : ' ');
  });
}

function item(container: Value, key: Value): Value {
  if (isMap(container)) return container.get(text(key)) ?? '';
  if (!isList(container)) throw new TemplateError(`can't index ${printed(container)}`);
  const found = container[Number(key)];
  if (found === undefined) throw new TemplateError(`index out of range: ${printed(key)}`);
  return found;
}

/** The functions of Go's text/template that need no short-circuit. */
const builtin: Readonly<Record<string, TemplateFunction>> = {
  not: (value = null) => !truth(value),
  and: (...args) => args.find((value) => !truth(value)) ?? args.at(-1) ?? null,
  or: (...args) => args.find(truth) ?? args.at(-1) ?? null,
  len: (value = null) => (isMap(value) ? value.size : isList(value) || typeof value === 'string' ? value.length : 0),
  index: (container = null, ...keys) => keys.reduce(item, container),
  print: (...args) => args.map(printed).join(''),
  println: (...args) => `${args.map(printed).join(' ')}\n`,
  printf: (pattern, ...args) => format(text(pattern), args),
  urlquery: (...args) => encodeURIComponent(args.map(printed).join('')).replaceAll('%20', '+'),
  eq: (left, ...others) => others.some((right) => same(left, right)),
  ne: (left, right = null) => !same(left, right),
  lt: (left, right) => compare(left, right) < 0,
  le: (left, right) => compare(left, right) <= 0,
  gt: (left, right) => compare(left, right) > 0,
  ge: (left, right) => compare(left, right) >= 0,
};

/** Bamboo's own additions (services/template/template.go). */
const bamboo: Readonly<Record<string, TemplateFunction>> = {
  hasKey: (services = null, id) => isMap(services) && services.has(text(id)),
  getService: (services = null, id) =>
    isMap(services)
      ? (services.get(text(id)) ?? { Id: '', Acl: '', Config: new Map<string, Value>() })
      : field(services, text(id)),
  Split: (value, separator) => text(value).split(text(separator)),
  Contains: (value, part) => text(value).includes(text(part)),
  Join: (list = null, separator) => (isList(list) ? list.map(text).join(text(separator)) : ''),
  Replace: (value, old, fresh, count = -1) => {
    const parts = text(value).split(text(old));
    const times = Number(count) < 0 ? parts.length : Number(count) + 1;
    const [head, tail] = [parts.slice(0, times), parts.slice(times)];
    return [head.join(text(fresh)), ...tail].join(text(old));
  },
  ToUpper: (value) => text(value).toUpperCase(),
  ToLower: (value) => text(value).toLowerCase(),
  ToInt: (value) => {
    if (!/^[+-]?\d+$/.test(text(value)))
      throw new TemplateError(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    return Number(value);
  },
};

export const functions: ReadonlyMap<string, TemplateFunction> = new Map(Object.entries({ ...builtin, ...bamboo }));
