import { z } from 'zod';
import { type Diagnostic, InputError } from '../../core/diagnostic.js';
import { Unknown } from '../../template/value.js';
import { type AnyModule, ModuleFailure } from '../types.js';

/** A module of the project's own, as the catalogue holds it. */
export type OwnModule = AnyModule & {
  /** Why it cannot be used. */
  readonly problem?: Diagnostic;
};

/** What came of a file of the project's own: a module, or everything that is wrong with it. */
export type OwnModuleRead =
  | { readonly kind: 'module'; readonly module: AnyModule }
  | { readonly kind: 'mistakes'; readonly messages: readonly string[] };

const definitionSchema = z.strictObject({
  summary: z.string('must be a sentence').min(1, 'must be a sentence'),
  params: z.instanceof(z.ZodType, { error: 'must be made by `params` or `z` of this program' }),
  freeForm: z.string().optional(),
  expressions: z.array(z.string()).optional(),
  verbatim: z.array(z.string()).optional(),
  secrets: z.array(z.string()).optional(),
  controllerOnly: z.boolean().optional(),
  background: z.enum(['alone', 'awaited']).optional(),
  doneOnce: functionOf<AnyModule['doneOnce']>().optional(),
  prepare: functionOf<AnyModule['prepare']>().optional(),
  look: functionOf<AnyModule['look']>(),
  restsOn: functionOf<AnyModule['restsOn']>().optional(),
  compare: functionOf<AnyModule['compare']>(),
  change: functionOf<AnyModule['change']>(),
});

type Definition = z.output<typeof definitionSchema>;

/**
 * Makes a module of what a project's file exports. What the module answers later is checked, too: types do not bind a
 * file of JavaScript.
 */
export function readOwnModule(exported: unknown, source: Source): OwnModuleRead {
  if (typeof exported !== 'object' || exported === null)
    return mistakes('it has no default export: `export default defineModule({ … })`');
  const definition = definitionSchema.safeParse(exported);
  if (!definition.success) return mistakes(...definition.error.issues.map(messageOf));
  return { kind: 'module', module: checked(definition.data, source) };
}

/** Stands for a module whose file is wrong: nothing can be done with it but to say so. */
export function brokenModule(name: string, problem: Diagnostic): OwnModule {
  const refuse = (): never => {
    throw new InputError([problem]);
  };
  return {
    name,
    summary: problem.message,
    params: z.unknown(),
    look: refuse,
    compare: refuse,
    change: refuse,
    problem,
  };
}

interface Source {
  readonly name: string;
  readonly file: string;
}

/** Its answers, checked. Only keys that are there are set: the runner asks whether they are. */
function checked(definition: Definition, of: Source): AnyModule {
  const { look, compare, change, ...rest } = definition;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...(given as Pick<AnyModule, 'summary' | 'params'>),
    ...of,
    look(context) {
      const answer = look(context);
      checkAnswer(answer, { schema: lookSchema, part: 'look', of });
      return answer;
    },
    compare(found, context) {
      const answer = compare(found, context);
      checkAnswer(answer, { schema: comparisonSchema, part: 'compare', of });
      return answer;
    },
    async change(host, context) {
      const answer = (await change(host, context)) ?? {};
      checkAnswer(answer, { schema: resultSchema, part: 'change', of });
      return answer;
    },
  };
}

const shellText = z.strictObject({ raw: z.string(), masked: z.string() }, { error: 'must be made by `sh`' });

const lookSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('nothing'), found: z.unknown() }),
  z.strictObject({ kind: z.literal('script'), script: shellText, parse: functionOf() }),
  z.strictObject({ kind: z.literal('procedure'), read: functionOf() }),
]);

type Plain = null | boolean | number | string | Unknown | readonly Plain[] | { readonly [key: string]: Plain };

const plain: z.ZodType<Plain> = z.lazy(() =>
  z.union(
    [z.null(), z.boolean(), z.number(), z.string(), z.instanceof(Unknown), z.array(plain), z.record(z.string(), plain)],
    { error: 'must be plain data: texts, numbers, true, false, null, lists and maps of them' },
  ),
);
const values = z.record(z.string(), plain).optional();
const changeSchema = z.strictObject({
  part: z.string(),
  before: plain.optional(),
  after: plain.optional(),
  diff: z
    .strictObject({ before: z.string(), after: z.string(), beforeName: z.string(), afterName: z.string() })
    .optional(),
});

const comparisonSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('same'), message: z.string().optional(), values, facts: values }),
  z.strictObject({
    kind: z.literal('change'),
    changes: z.array(changeSchema),
    values,
    provides: z.array(z.string()).optional(),
  }),
  z.strictObject({ kind: z.literal('act'), summary: z.string() }),
  z.strictObject({ kind: z.literal('unknown'), reason: z.string() }),
  z.strictObject({ kind: z.literal('failed'), message: z.string(), values }),
]);

const resultSchema = z.strictObject({
  changed: z.boolean().optional(),
  values,
  failed: z.string().optional(),
  warnings: z.array(z.string()).optional(),
});

/** Throws ModuleFailure for an answer that the runner could not take. */
function checkAnswer(
  given: unknown,
  { schema, part, of }: { readonly schema: z.ZodType; readonly part: string; readonly of: Source },
): void {
  const read = schema.safeParse(given);
  if (read.success) return;
  const issues = read.error.issues.map(messageOf).join('; ');
  throw new ModuleFailure(`the module \`${of.name}\` (${of.file}) is wrong: \`${part}\` answered ${issues}`);
}

function functionOf<Kind = (...words: readonly never[]) => unknown>(): z.ZodType<NonNullable<Kind>> {
  return z.custom<NonNullable<Kind>>((value) => typeof value === 'function', 'must be a function');
}

function messageOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `\`${path}\` ${issue.message}`;
}

function mistakes(...messages: readonly string[]): OwnModuleRead {
  return { kind: 'mistakes', messages };
}
