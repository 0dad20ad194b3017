import { z } from 'zod';
import type { EvaluatedExpression } from '../types.js';

/**
 * The kinds of module parameters. Values come from YAML or from templates, so a field takes what means the same without
 * doubt (the text "8080" for a number) and refuses with a reason what YAML may have changed (1.10 for a text).
 */

/** A text; a whole number is taken as its digits, anything else must be quoted. */
export function text(description: string) {
  return z.preprocess(digitsOf, z.string({ error: textError })).describe(description);
}

/** A text that is not empty. */
export function word(description: string) {
  return z.preprocess(digitsOf, z.string({ error: textError }).min(1, 'must not be empty')).describe(description);
}

/** A text of a certain form; `otherwise` is what to say of any other ("is no name of a user"). */
export function named(form: RegExp, options: { readonly otherwise: string; readonly description: string }) {
  return z
    .preprocess(digitsOf, z.string({ error: textError }).regex(form, options.otherwise))
    .describe(options.description);
}

/** A path on the host; a leading `~` is the home of the user the task runs as. */
export function path(description: string) {
  return z
    .preprocess(
      digitsOf,
      z
        .string({ error: textError })
        .min(1, 'must not be empty')
        .refine((value) => !value.includes('\0'), 'a path cannot hold a NUL character'),
    )
    .describe(description);
}

export function flag(description: string) {
  return z.preprocess(truthOf, z.boolean({ error: flagError })).describe(description);
}

/** A number; the text "8080" counts as one. */
export function number(description: string) {
  return z.preprocess(numberOf, z.number({ error: 'must be a number' })).describe(description);
}

export function integer(description: string) {
  return z.preprocess(numberOf, z.int({ error: 'must be a whole number' })).describe(description);
}

/** Seconds as a number, zero or more. */
export function seconds(description: string) {
  return z
    .preprocess(numberOf, z.number({ error: 'must be a number of seconds' }).nonnegative('must not be negative'))
    .describe(description);
}

export function choice<const Choices extends readonly [string, ...string[]]>(choices: Choices, description: string) {
  return z.enum(choices, { error: () => `must be one of ${choices.join(', ')}` }).describe(description);
}

/** A list of texts; a single text is a list of one, with commas between several. */
export function words(description: string) {
  return z
    .preprocess(listOf, z.array(z.preprocess(digitsOf, z.string({ error: textError }).min(1, 'must not be empty'))))
    .describe(description);
}

/** A list of texts taken as they are; a single text is a list of one. */
export function texts(description: string) {
  return z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(z.preprocess(digitsOf, z.string({ error: textError })), { error: 'must be a list of texts' }),
    )
    .describe(description);
}

/** A list of patterns; commas part those in a single text, but not within brackets. */
export function patterns(description: string) {
  return z
    .preprocess(
      (value) => (typeof value === 'string' ? value.split(/,(?![^([{]*[)\]}])/).map((one) => one.trim()) : value),
      z.array(z.preprocess(digitsOf, z.string({ error: textError })), { error: 'must be a list of texts' }),
    )
    .describe(description);
}

/** The command that must accept a new file before it is put in place. */
export function validation() {
  return z
    .preprocess(
      digitsOf,
      z
        .string({ error: textError })
        .refine(
          (value) => value.includes('%s'),
          'needs `%s`, the path of the new file: without it the old one is checked',
        ),
    )
    .describe('A command that must accept the new file before it is put in place; `%s` is its path.');
}

/** A map of texts (headers, environment). */
export function textMap(description: string) {
  return z.record(z.string(), z.preprocess(digitsOf, z.string({ error: textError }))).describe(description);
}

/** A file mode: octal digits in quotes, or chmod's letters ("u=rw,g=r,o=", "u+x"). */
export function mode(description: string) {
  return z.string({ error: modeError }).regex(modePattern, { error: modeError }).describe(description);
}

/** A file mode, or `preserve` for that of the source. */
export function modeOrPreserve(description: string) {
  const either = new RegExp(`${modePattern.source}|^preserve$`);
  return z.string({ error: modeError }).regex(either, { error: modeError }).describe(description);
}

/** A bare expression, given to the module evaluated. */
export function expression(description: string) {
  return z.custom<EvaluatedExpression>(isEvaluated, 'must be an expression').describe(description);
}

/** One bare expression or a list of them, given to the module evaluated. */
export function expressions(description: string) {
  return z
    .preprocess(
      (value) => (Array.isArray(value) ? value : [value]),
      z.array(z.custom<EvaluatedExpression>(isEvaluated)),
    )
    .describe(description);
}

/** Gives a field the names users of other tools know it by. */
export function alias<Field extends z.ZodType>(field: Field, ...names: readonly string[]): Field {
  return field.meta({ ...field.meta(), aliases: names });
}

const clause = '[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+';
const modePattern = new RegExp(`^(?:[0-7]{3,4}|${clause}(?:,${clause})*)$`);

function digitsOf(value: unknown): unknown {
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
}

function numberOf(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
}

function truthOf(value: unknown): unknown {
  if (value === 'true') return true;
  return value === 'false' ? false : value;
}

function listOf(value: unknown): unknown {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'string') return value;
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function isEvaluated(value: unknown): value is EvaluatedExpression {
  return typeof value === 'object' && value !== null && 'expression' in value && 'value' in value;
}

interface Issue {
  readonly input?: unknown;
}

function textError(issue: Issue): string {
  const { input } = issue;
  if (input === undefined) return 'is required';
  if (typeof input === 'number') return `must be a text: put ${input} in quotes, as YAML may already have changed it`;
  if (typeof input === 'boolean') return `must be a text: put ${input} in quotes`;
  return 'must be a text';
}

function flagError(issue: Issue): string {
  const { input } = issue;
  const isOldWord = typeof input === 'string' && /^(?:yes|no|on|off|y|n)$/i.test(input);
  return isOldWord ? `\`${input}\` is a plain text in YAML 1.2: write true or false` : 'must be true or false';
}

function modeError(issue: Issue): string {
  const { input } = issue;
  if (typeof input === 'number') {
    return 'must be a quoted text such as "0644": YAML reads an unquoted 0644 as another number';
  }
  return 'must be octal digits in quotes ("0644") or letters as chmod takes them ("u=rw,go=r")';
}
