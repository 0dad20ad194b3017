import type { z } from 'zod';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { didYouMean } from '../core/suggest.js';
import { describe, mistypeHint, modeProblem } from './describe.js';
import { entryOf, isTemplate, type Located, type LocatedEntry } from './located.js';
import { oneOfWords } from './reader.js';
import { schemaKeys } from './schema-keys.js';

export type Issue = z.core.$ZodIssue;

interface Explaining {
  readonly issue: Issue;
  readonly schema: z.ZodType;
  readonly located?: Located;
  readonly span?: Span;
  readonly what: string;
}

/** The place an issue is about: the deepest located value on its path, and whether the path ends there. */
interface Place {
  readonly located?: Located;
  readonly span?: Span;
  /** False when the path goes on where the file has nothing: a missing key, or data that a template gave. */
  readonly exact: boolean;
  /** What the value is called: "`env.PATH`", or the name of the whole. */
  readonly name: string;
}

/** A zod issue as plain sentences with their places. One issue may be several mistakes (unknown keys). */
export function explainIssue(options: Explaining): readonly Diagnostic[] {
  const { issue } = options;
  const place = placeOf(options);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, place, options));
    case 'invalid_type':
      return [wrongType(issue.expected, issue.input, place, options)];
    case 'invalid_union':
      return explainUnion(issue, place, options);
    case 'invalid_value':
      return [wrongChoice(issue.values, place)];
    case 'too_small':
      return [
        mistake(place, `${place.name} must ${atLeast(issue.origin, Number(issue.minimum), issue.inclusive ?? true)}`),
      ];
    case 'too_big':
      return [
        mistake(place, `${place.name} must ${atMost(issue.origin, Number(issue.maximum), issue.inclusive ?? true)}`),
      ];
    case 'not_multiple_of':
      return [mistake(place, `${place.name} must be a multiple of ${issue.divisor}`)];
    case 'invalid_format':
      return [mistake(place, formatMessage(issue, place))];
    case 'invalid_key':
    case 'invalid_element':
      return [
        mistake(place, `${place.name} has a key or an element that is not allowed: ${lowerFirst(issue.message)}`),
      ];
    case 'custom':
      return [mistake(place, sentence(issue.message, place))];
  }
}

function wrongType(expected: string, input: unknown, place: Place, options: Explaining): Diagnostic {
  if (input === undefined && !place.exact) return missing(place, options);
  const isMode = expected === 'string' && /(^|_)mode$/.test(String(options.issue.path.at(-1)));
  const mode = isMode && place.exact && place.located !== undefined ? modeProblem(place.located) : undefined;
  if (mode !== undefined) return mistake(place, mode.message, mode.hint);
  const found =
    place.exact && place.located !== undefined && !isTemplate(place.located)
      ? describe(place.located)
      : describeData(input);
  const wanted = wantedKind(expected);
  const hint =
    wanted === undefined || place.located === undefined || !place.exact
      ? undefined
      : mistypeHint(wanted, place.located);
  return mistake(place, `${place.name} must be ${typeWords[expected] ?? expected}, this is ${found}`, hint);
}

function missing(place: Place, options: Explaining): Diagnostic {
  const key = String(options.issue.path.at(-1) ?? '');
  const parent = options.issue.path.length > 1 ? nameOf(options.issue.path.slice(0, -1)) : options.what;
  return { ...mistake(place, `${parent} needs the key \`${key}\``), code: 'missing-key' };
}

function unknownKey(key: string, place: Place, options: Explaining): Diagnostic {
  const allowed = schemaKeys(options.schema, options.issue.path);
  const entry: LocatedEntry | undefined = place.located?.kind === 'map' ? entryOf(place.located, key) : undefined;
  const few = allowed.length > 0 && allowed.length <= 12 ? `known keys: ${allowed.join(', ')}` : undefined;
  const hint = didYouMean(key, allowed) ?? few;
  const at = entry === undefined ? place : { ...place, span: entry.keySpan };
  return { ...mistake(at, `${place.name} has no key \`${key}\``, hint), code: 'unknown-key' };
}

/** The choice of a union that fails deepest is the one that was meant; when all fail at once, they are named together. */
function explainUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  place: Place,
  options: Explaining,
): readonly Diagnostic[] {
  if ('options' in issue && Array.isArray(issue.options)) return [wrongChoice(issue.options, place)];
  const inside = issue.errors.find(
    (choice) => choice.length > 0 && choice.every((nested) => nested.path.length > 0 || nested.code !== 'invalid_type'),
  );
  if (inside !== undefined) {
    return inside.flatMap((nested) =>
      explainIssue({ ...options, issue: { ...nested, path: [...issue.path, ...nested.path] } }),
    );
  }
  const wanted = issue.errors.flatMap((choice) =>
    choice.flatMap((nested) => (nested.code === 'invalid_type' ? [typeWords[nested.expected] ?? nested.expected] : [])),
  );
  const found =
    place.located !== undefined && place.exact && !isTemplate(place.located)
      ? describe(place.located)
      : describeData(issue.input);
  if (wanted.length === 0) return [mistake(place, `${place.name} is not a value that is accepted here`)];
  return [mistake(place, `${place.name} must be ${[...new Set(wanted)].join(' or ')}, this is ${found}`)];
}

function wrongChoice(values: readonly unknown[], place: Place): Diagnostic {
  const choices = values.map(String);
  const scalar = place.exact && place.located?.kind === 'scalar' ? place.located : undefined;
  const hint = scalar === undefined ? undefined : didYouMean(scalar.source, choices);
  return mistake(place, `${place.name} must be ${oneOfWords(choices)}`, hint);
}

function formatMessage(issue: Extract<Issue, { code: 'invalid_format' }>, place: Place): string {
  if (!issue.message.startsWith('Invalid')) return sentence(issue.message, place);
  return `${place.name} does not look like ${issue.format === 'regex' ? 'what is expected here' : `a valid ${issue.format}`}`;
}

/** A schema's own message: a whole sentence stays, a predicate ("must be absolute") gets the name in front. */
function sentence(message: string, place: Place): string {
  return /^(must|may|needs|cannot|can|is|has|should)\b/.test(message) ? `${place.name} ${message}` : message;
}

function mistake(place: Place, message: string, hint?: string): Diagnostic {
  return {
    severity: 'error',
    code: 'wrong-value',
    message,
    ...(place.span === undefined ? {} : { span: place.span }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function placeOf({ issue, located, span, what }: Explaining): Place {
  const name = issue.path.length === 0 ? what : nameOf(issue.path);
  if (located === undefined) return { exact: false, name, ...(span === undefined ? {} : { span }) };
  let here: Located = located;
  for (const step of issue.path) {
    const next: Located | undefined =
      here.kind === 'map'
        ? entryOf(here, String(step))?.value
        : here.kind === 'list'
          ? here.items[Number(step)]
          : undefined;
    if (next === undefined) return { located: here, span: here.span, exact: false, name };
    here = next;
  }
  return { located: here, span: here.span, exact: true, name };
}

function nameOf(path: readonly PropertyKey[]): string {
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return `\`${name.replace(/^\./, '')}\``;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map',
  record: 'a map',
  map: 'a map',
  null: 'nothing',
};

function wantedKind(expected: string): 'text' | 'boolean' | 'number' | 'list' | 'map' | undefined {
  if (expected === 'string') return 'text';
  if (expected === 'boolean') return 'boolean';
  if (expected === 'number' || expected === 'int') return 'number';
  if (expected === 'array' || expected === 'tuple') return 'list';
  return expected === 'object' || expected === 'record' ? 'map' : undefined;
}

function describeData(input: unknown): string {
  if (input === undefined || input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'string') return 'text';
  if (typeof input === 'object') return 'a map';
  return typeof input === 'number' ? `the number ${input}` : typeof input === 'boolean' ? String(input) : typeof input;
}

function atLeast(origin: string, minimum: number, inclusive: boolean): string {
  if (origin === 'string') return minimum === 1 ? 'not be empty' : `have at least ${minimum} characters`;
  if (origin === 'array' || origin === 'set') return minimum === 1 ? 'not be empty' : `have at least ${minimum} items`;
  return inclusive ? `be at least ${minimum}` : `be more than ${minimum}`;
}

function atMost(origin: string, maximum: number, inclusive: boolean): string {
  if (origin === 'string') return `have at most ${maximum} characters`;
  if (origin === 'array' || origin === 'set') return `have at most ${maximum} items`;
  return inclusive ? `be at most ${maximum}` : `be less than ${maximum}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
