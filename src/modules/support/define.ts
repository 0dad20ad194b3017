import { z } from 'zod';
import type { ModuleDefinition, ModuleResult } from '../types.js';

/** Declares a module: the types of its three parts follow from `params` and from what its look finds. */
export function defineModule<Params, Prepared, Found>(
  definition: ModuleDefinition<Params, Prepared, Found>,
): ModuleDefinition<Params, Prepared, Found> {
  return definition;
}

/**
 * A strict schema of a module's parameters: an unknown key is an error, an alias is taken for the name it stands for.
 * `check` reports what no single field can ("src and content exclude each other").
 */
export function params<Shape extends z.ZodRawShape>(
  shape: Shape,
  check?: (value: z.output<z.ZodObject<Shape>>) => string | undefined,
): z.ZodType<z.output<z.ZodObject<Shape, z.core.$strict>>> {
  const object = z.strictObject(shape).superRefine((value, context) => {
    const message = check?.(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  const names = aliasesOf(shape);
  return z.preprocess((value, context) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const renamed = new Map<string, unknown>();
    for (const [key, item] of Object.entries(value)) {
      const name = names.get(key) ?? key;
      if (renamed.has(name)) {
        context.addIssue({ code: 'custom', message: `\`${name}\` is said twice, once by another name` });
      }
      renamed.set(name, item);
    }
    return Object.fromEntries(renamed);
  }, object);
}

/** The fields of a schema made by `params`, and the aliases that lead to them. */
export function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  const inner = schema instanceof z.ZodPipe ? schema.def.out : schema;
  return inner instanceof z.ZodObject ? inner.shape : {};
}

/** Alias → name of the parameter. */
export function aliasesOf(shape: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, field] of Object.entries(shape)) {
    for (const other of fieldAliases(field)) names.set(other, name);
  }
  return names;
}

/** Other names of a field, wherever `alias` was put among optional() and default(). */
export function fieldAliases(field: unknown): readonly string[] {
  const found = metaOf(field, 'aliases');
  return Array.isArray(found) ? found.filter((item): item is string => typeof item === 'string') : [];
}

/** A piece of a field's metadata, searched from the outside in. */
export function metaOf(field: unknown, key: 'aliases' | 'description'): unknown {
  let current: unknown = field;
  while (current instanceof z.ZodType) {
    const value = current.meta()?.[key];
    if (value !== undefined) return value;
    current = 'innerType' in current.def ? current.def.innerType : undefined;
  }
  return undefined;
}

/** The change of a module that never changes a host. */
export async function noChange(): Promise<ModuleResult> {
  return { changed: false };
}
