import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The keys a zod schema knows at a path, for "did you mean"; empty when it takes any key or cannot tell. */
export function schemaKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let level: readonly JsonSchema[] = [z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })];
  for (const step of path) level = choices(level).flatMap((one) => below(one, step));
  return [...new Set(choices(level).flatMap((one) => Object.keys(one.properties ?? {})))];
}

/** Schemas with their alternatives opened up. */
function choices(level: readonly JsonSchema[]): readonly JsonSchema[] {
  return level.flatMap((one) => [
    one,
    ...choices([...(one.anyOf ?? []), ...(one.oneOf ?? []), ...(one.allOf ?? [])].filter(isSchema)),
  ]);
}

function below(schema: JsonSchema, step: PropertyKey): readonly JsonSchema[] {
  const candidates =
    typeof step === 'number' ? [schema.items] : [schema.properties?.[String(step)], schema.additionalProperties];
  return candidates.flat().filter(isSchema);
}

function isSchema(candidate: unknown): candidate is JsonSchema {
  return typeof candidate === 'object' && candidate !== null;
}
