import { didYouMean } from '../core/suggest.js';
import { isValueMap, Unknown, type Value, type ValueMap } from '../template/value.js';
import type { ArgumentSpec } from './types.js';

/** One argument that does not fit its spec. `path` is how the user finds it: `servers[1].port`. */
export interface ArgumentFault {
  readonly path: string;
  readonly spec: ArgumentSpec;
  /** A sentence that begins with the path. */
  readonly message: string;
  readonly hint?: string;
}

/**
 * Judges the values a role is about to see against its argument specs; pure. `values` holds what is set, undefined and
 * null mean not set. A value that a preview cannot know passes. Empty: all is well.
 */
export function checkRoleArguments(
  specs: readonly ArgumentSpec[],
  values: Readonly<Record<string, Value | undefined>>,
): readonly ArgumentFault[] {
  return specs.flatMap((spec) => checkArgument(spec, { path: spec.name, value: values[spec.name] }));
}

interface Given {
  readonly path: string;
  readonly value: Value | undefined;
}

function checkArgument(spec: ArgumentSpec, given: Given): readonly ArgumentFault[] {
  const { path, value } = given;
  if (value === undefined || value === null) {
    const wanted = spec.description === '' ? undefined : spec.description;
    return spec.required
      ? [fault(spec, { path, text: `must be given: it is a required ${nouns[spec.type]}`, hint: wanted })]
      : [];
  }
  if (value instanceof Unknown) return [];
  const wrong = typeFault(spec.type, value);
  if (wrong !== undefined) return [fault(spec, { path, ...wrong })];
  return [...checkChoice(spec, given), ...checkInside(spec, { path, value })];
}

const nouns: Readonly<Record<ArgumentSpec['type'], string>> = {
  str: 'text',
  int: 'whole number',
  float: 'number',
  bool: 'true or false',
  list: 'list',
  dict: 'map',
  path: 'path',
  any: 'value',
};

function typeFault(
  type: ArgumentSpec['type'],
  value: Value,
): { readonly text: string; readonly hint?: string | undefined } | undefined {
  const found = `this is ${describeValue(value)}`;
  switch (type) {
    case 'any':
      return undefined;
    case 'str':
    case 'path': {
      if (typeof value === 'string') return undefined;
      const hint = typeof value === 'number' || typeof value === 'boolean' ? `quote it: "${value}"` : undefined;
      return { text: `must be ${type === 'path' ? 'a path' : 'text'}, ${found}`, hint };
    }
    case 'int':
      return Number.isInteger(value)
        ? undefined
        : { text: `must be a whole number, ${found}`, hint: numberHint(value) };
    case 'float':
      return typeof value === 'number' ? undefined : { text: `must be a number, ${found}`, hint: numberHint(value) };
    case 'bool':
      return typeof value === 'boolean'
        ? undefined
        : {
            text: `must be true or false, ${found}`,
            hint: 'write true or false without quotes; `-e name=true` gives a text, `-e \'{"name": true}\'` does not',
          };
    case 'list':
      return Array.isArray(value) ? undefined : { text: `must be a list, ${found}` };
    case 'dict':
      return isValueMap(value) ? undefined : { text: `must be a map, ${found}` };
  }
}

function numberHint(value: Value): string | undefined {
  if (typeof value !== 'string' || !/^-?\d+(\.\d+)?$/.test(value)) return undefined;
  return `write the number without quotes; \`-e name=${value}\` gives a text, \`-e '{"name": ${value}}'\` a number`;
}

function checkChoice(spec: ArgumentSpec, { path, value }: Given): readonly ArgumentFault[] {
  const { choices } = spec;
  if (choices === undefined) return [];
  const chosen: readonly (Value | undefined)[] = Array.isArray(value) ? (value as readonly Value[]) : [value];
  return chosen.flatMap((one) => {
    if (one instanceof Unknown || choices.some((choice) => choice === one)) return [];
    const hint = typeof one === 'string' ? didYouMean(one, choices.map(String)) : undefined;
    return [
      fault(spec, {
        path,
        text: `must be one of ${choices.map((choice) => `\`${choice}\``).join(', ')}, this is ${describeValue(one ?? null)}`,
        hint,
      }),
    ];
  });
}

/** Elements of a list and options of a map. */
function checkInside(
  spec: ArgumentSpec,
  given: { readonly path: string; readonly value: Value },
): readonly ArgumentFault[] {
  const { path, value } = given;
  if (Array.isArray(value)) {
    const { elements, options } = spec;
    if (elements === undefined && options === undefined) return [];
    const { choices: _judgedAbove, elements: _outer, ...rest } = spec;
    const element: ArgumentSpec = { ...rest, type: elements ?? 'dict' };
    return (value as readonly Value[]).flatMap((item, index) =>
      checkArgument(element, { path: `${path}[${index}]`, value: item }),
    );
  }
  return isValueMap(value) && spec.options !== undefined ? checkOptions(spec.options, { path, value, spec }) : [];
}

function checkOptions(
  options: readonly ArgumentSpec[],
  given: { readonly path: string; readonly value: ValueMap; readonly spec: ArgumentSpec },
): readonly ArgumentFault[] {
  const { path, value, spec } = given;
  const names = options.map((option) => option.name);
  const unknown = Object.keys(value).filter((key) => !names.includes(key));
  return [
    ...unknown.map((key) =>
      fault(spec, {
        path: `${path}.${key}`,
        text: 'is not known here',
        hint: didYouMean(key, names) ?? `known: ${names.join(', ')}`,
      }),
    ),
    ...options.flatMap((option) =>
      checkArgument(option, { path: `${path}.${option.name}`, value: value[option.name] }),
    ),
  ];
}

function fault(
  spec: ArgumentSpec,
  options: { readonly path: string; readonly text: string; readonly hint?: string | undefined },
): ArgumentFault {
  const { path, text, hint } = options;
  return { path, spec, message: `\`${path}\` ${text}`, ...(hint === undefined ? {} : { hint }) };
}

function describeValue(value: Value): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : 'a map';
}
