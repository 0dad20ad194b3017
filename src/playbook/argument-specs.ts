import type { Diagnostics } from '../core/diagnostic.js';
import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import { checkKeys } from '../syntax/fields.js';
import { isNothing, readBoolean, readChoice, readEach, readMap, wrongType } from './fields.js';
import { defined } from './module-step.js';
import type { ArgumentSpec } from './types.js';
import { checkVariableName } from './variables.js';

const types = [
  'str',
  'int',
  'float',
  'bool',
  'list',
  'dict',
  'path',
  'any',
] as const satisfies readonly ArgumentSpec['type'][];

/** Words of Ansible's specs for the same types. */
const typeAliases: ReadonlyMap<unknown, ArgumentSpec['type']> = new Map([
  ['raw', 'any'],
  ['string', 'str'],
  ['integer', 'int'],
  ['boolean', 'bool'],
  ['map', 'dict'],
  ['number', 'float'],
]);

const specKeys = [
  'type',
  'elements',
  'options',
  'required',
  'choices',
  'default',
  'description',
  'secret',
  'no_log',
  'version_added',
];

/**
 * The arguments of a role. Ansible's shape (`main: {options: {…}}`, one entry for each file of tasks) or the shorter one,
 * the arguments themselves.
 */
export function readArgumentSpecs(
  entry: LocatedEntry,
  options: { readonly entryPoint: string; readonly diagnostics: Diagnostics },
): readonly ArgumentSpec[] {
  const { entryPoint, diagnostics } = options;
  const map = readMap(entry, diagnostics);
  if (map === undefined) return [];
  if (!hasEntryPoints(map)) return entryPoint === 'main' ? readOptions(map, diagnostics) : [];
  const point = entryOf(map, entryPoint);
  const inner = point === undefined ? undefined : readMap(point, diagnostics);
  if (inner === undefined) return [];
  checkKeys({
    map: inner,
    allowed: ['options', 'short_description', 'description', 'author', 'version_added', 'seealso'],
    what: `\`${entryPoint}\``,
    diagnostics,
  });
  const found = entryOf(inner, 'options');
  const specs = found === undefined || isNothing(found) ? undefined : readMap(found, diagnostics);
  return specs === undefined ? [] : readOptions(specs, diagnostics);
}

function hasEntryPoints(map: LocatedMap): boolean {
  return map.entries.some(
    ({ value }) =>
      value.kind === 'map' &&
      (entryOf(value, 'options') !== undefined || entryOf(value, 'short_description') !== undefined) &&
      entryOf(value, 'type') === undefined,
  );
}

function readOptions(map: LocatedMap, diagnostics: Diagnostics): readonly ArgumentSpec[] {
  return map.entries.flatMap((entry) => {
    if (!checkVariableName(entry.key, { span: entry.keySpan, diagnostics })) return [];
    const spec = readSpec(entry, diagnostics);
    return spec === undefined ? [] : [spec];
  });
}

/** One argument; a bare word is its type (`port: int`). */
function readSpec(entry: LocatedEntry, diagnostics: Diagnostics): ArgumentSpec | undefined {
  const base = { name: entry.key, span: entry.keySpan, required: false, description: '', secret: false };
  if (entry.value.kind === 'scalar')
    return { ...base, type: isNothing(entry) ? 'str' : (readType(entry, diagnostics) ?? 'any') };
  const map = readMap(entry, diagnostics);
  if (map === undefined) return undefined;
  checkKeys({ map, allowed: specKeys, what: `the argument \`${entry.key}\``, diagnostics });
  const field = (key: string): LocatedEntry | undefined => entryOf(map, key);
  const type = field('type');
  const elements = field('elements');
  const nested = field('options');
  const nestedMap = nested === undefined ? undefined : readMap(nested, diagnostics);
  const required = field('required');
  const secret = field('secret') ?? field('no_log');
  const choices = field('choices');
  return {
    ...base,
    type: type === undefined ? (nested === undefined ? 'str' : 'dict') : (readType(type, diagnostics) ?? 'any'),
    required: required === undefined ? false : (readBoolean(required, diagnostics) ?? false),
    secret: secret === undefined ? false : (readBoolean(secret, diagnostics) ?? false),
    description: readDescription(field('description'), diagnostics),
    ...defined('elements', elements === undefined ? undefined : readType(elements, diagnostics)),
    ...defined('options', nestedMap === undefined ? undefined : readOptions(nestedMap, diagnostics)),
    ...defined('choices', choices === undefined ? undefined : readChoices(choices, diagnostics)),
    ...defined('default', field('default')?.value),
  };
}

function readType(entry: LocatedEntry, diagnostics: Diagnostics): ArgumentSpec['type'] | undefined {
  const { value } = entry;
  const alias = value.kind === 'scalar' ? typeAliases.get(value.value) : undefined;
  return alias ?? readChoice(entry, { choices: types, diagnostics });
}

function readChoices(entry: LocatedEntry, diagnostics: Diagnostics): readonly (string | number | boolean)[] {
  return readEach(entry).flatMap((item) => {
    if (item.value.kind === 'scalar' && item.value.value !== null) return [item.value.value];
    wrongType(item, { expected: 'a plain value', diagnostics });
    return [];
  });
}

/** A description is text, or a list of paragraphs as Ansible has it. */
function readDescription(entry: LocatedEntry | undefined, diagnostics: Diagnostics): string {
  if (entry === undefined) return '';
  const paragraphs = readEach(entry).flatMap((item) => {
    if (item.value.kind === 'scalar') return [String(item.value.value)];
    wrongType(item, { expected: 'text', diagnostics });
    return [];
  });
  return paragraphs.join('\n');
}
