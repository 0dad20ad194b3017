import { z } from 'zod';
import { fieldAliases, metaOf, shapeOf } from './support/define.js';
import type { AnyModule } from './types.js';

/** One parameter of a module, for people. */
export interface ParameterDocs {
  readonly name: string;
  readonly aliases: readonly string[];
  /** "text", "true or false", "number", "list of text", "map", "expression", "any". */
  readonly type: string;
  readonly required: boolean;
  /** As YAML flow, when there is one. */
  readonly default?: string;
  readonly choices?: readonly string[];
  readonly description: string;
  readonly secret: boolean;
}

export interface ModuleDocs {
  readonly name: string;
  readonly summary: string;
  /** The parameter a bare text is taken for. */
  readonly freeForm?: string;
  /** What `async` makes of it, a sentence; left out: it cannot have it. */
  readonly background?: string;
  readonly parameters: readonly ParameterDocs[];
}

const backgroundSentences = {
  alone: '`async` makes it a job of the host, which `poll: 0` leaves alone.',
  awaited: '`async` makes its commands jobs of the host, which are waited for: `poll: 0` is refused.',
} as const;

/** What a module's own schema says of it: required parameters first, then as they are written. */
export function moduleDocs(module: AnyModule): ModuleDocs {
  const parameters = Object.entries(shapeOf(module.params)).map(([name, field]) =>
    parameterDocs(module, { name, field }),
  );
  return {
    name: module.name,
    summary: module.summary,
    ...(module.freeForm === undefined ? {} : { freeForm: module.freeForm }),
    ...(module.background === undefined ? {} : { background: backgroundSentences[module.background] }),
    parameters: [...parameters.filter(({ required }) => required), ...parameters.filter(({ required }) => !required)],
  };
}

/** The page of a module. */
export function moduleMarkdown(docs: ModuleDocs): string {
  const lines = [`# ${docs.name}`, '', docs.summary, ''];
  if (docs.parameters.length === 0) lines.push('Takes any names.', '');
  else {
    lines.push('| parameter | type | default | meaning |', '|---|---|---|---|');
    for (const parameter of docs.parameters) lines.push(parameterRow(parameter));
    lines.push('');
  }
  if (docs.freeForm !== undefined)
    lines.push(`\`${docs.name}: VALUE\` means \`${docs.name}: {${docs.freeForm}: VALUE}\`.`, '');
  if (docs.background !== undefined) lines.push(docs.background, '');
  return lines.join('\n');
}

/**
 * The JSON schema of a module's parameters for editors. Any value may be a template instead, so everything but a text is
 * also allowed as one that holds `<%`.
 */
export function moduleSchema(module: AnyModule): Readonly<Record<string, unknown>> {
  const shape = shapeOf(module.params);
  const properties: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape)) {
    const schema = fieldSchema(field, { isExpression: module.expressions?.includes(name) === true });
    for (const key of [name, ...fieldAliases(field)]) properties[key] = schema;
  }
  const parameters: Record<string, unknown> = {
    type: 'object',
    description: module.summary,
    properties,
    additionalProperties: Object.keys(shape).length === 0,
  };
  return module.freeForm === undefined
    ? parameters
    : { anyOf: [parameters, { type: ['string', 'number', 'boolean'] }] };
}

function parameterDocs(
  module: AnyModule,
  options: { readonly name: string; readonly field: z.ZodType },
): ParameterDocs {
  const { name, field } = options;
  const schema = jsonSchema(field);
  const description = metaOf(field, 'description');
  const isExpression = module.expressions?.includes(name) === true;
  const choices = Array.isArray(schema['enum']) ? schema['enum'].map(String) : undefined;
  return {
    name,
    aliases: fieldAliases(field),
    type: isExpression ? 'expression' : typeName(schema),
    required: isRequired(field, { isExpression }),
    ...('default' in schema ? { default: JSON.stringify(schema['default']) } : {}),
    ...(choices === undefined ? {} : { choices }),
    description: typeof description === 'string' ? description : '',
    secret: module.secrets?.includes(name) === true,
  };
}

function isRequired(field: z.ZodType, { isExpression }: { readonly isExpression: boolean }): boolean {
  if (isExpression) return !(field instanceof z.ZodOptional);
  return !field.safeParse(undefined).success;
}

function parameterRow(parameter: ParameterDocs): string {
  const { name, aliases, type, required, choices, description, secret } = parameter;
  const also = aliases.length === 0 ? '' : ` (also ${aliases.map((one) => `\`${one}\``).join(', ')})`;
  const words = choices === undefined ? type : choices.map((one) => `\`${one}\``).join(', ');
  const usual = parameter.default === undefined ? '' : `\`${parameter.default}\``;
  const notes = secret ? `${description} Never shown.` : description;
  return `| \`${name}\`${also} | ${words} | ${required ? '**required**' : usual} | ${notes.replaceAll('|', '\\|')} |`;
}

function fieldSchema(field: z.ZodType, { isExpression }: { readonly isExpression: boolean }): unknown {
  const description = metaOf(field, 'description');
  if (isExpression) {
    const one = { type: ['string', 'boolean'] };
    return { description, anyOf: [one, { type: 'array', items: one }] };
  }
  const { aliases: _aliases, ...schema } = jsonSchema(field);
  if (schema['type'] === 'string' && !('enum' in schema)) return { ...schema, type: ['string', 'number'] };
  return { description, anyOf: [schema, { type: 'string', pattern: '<%' }] };
}

/** zod's own JSON schema of a field, of what comes out of it. */
function jsonSchema(field: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _version, ...schema } = z.toJSONSchema(field, { io: 'output', unrepresentable: 'any' });
  return schema;
}

function typeName(schema: Readonly<Record<string, unknown>>): string {
  switch (schema['type']) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return 'whole number';
    case 'number':
      return 'number';
    case 'array':
      return `list of ${typeName((schema['items'] ?? {}) as Readonly<Record<string, unknown>>)}`;
    case 'object':
      return 'map';
    default:
      return 'any';
  }
}
