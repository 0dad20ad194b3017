import type { z } from 'zod';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { entryOf, isTemplate, type Located, plainData } from './located.js';
import { explainIssue, type Issue } from './zod-issues.js';

/**
 * Checks a located value against a zod schema before any template in it is rendered: a mistake at a place that holds a
 * template is left to the run (`parseData`). `what` names the whole in messages: "`copy`".
 */
export function checkData(options: {
  readonly schema: z.ZodType;
  readonly located: Located;
  readonly what: string;
}): readonly Diagnostic[] {
  const { schema, located, what } = options;
  const result = schema.safeParse(plainData(located), { reportInput: true });
  if (result.success) return [];
  return result.error.issues
    .filter((issue) => !waitsForTemplate(issue, located))
    .flatMap((issue) => explainIssue({ issue, schema, located, what }));
}

export type Parsed<T> =
  | { readonly kind: 'valid'; readonly value: T }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] };

/**
 * Checks rendered data and gives it in the schema's types. Mistakes point into `located`, what the data was rendered
 * from, as far down as it goes; or at a span when there is no such value.
 */
export function parseData<T>(options: {
  readonly schema: z.ZodType<T>;
  readonly data: unknown;
  readonly located?: Located;
  readonly span?: Span;
  readonly what: string;
}): Parsed<T> {
  const { schema, data, located, span, what } = options;
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return { kind: 'valid', value: result.data };
  const diagnostics = result.error.issues.flatMap((issue) =>
    explainIssue({
      issue,
      schema,
      what,
      ...(located === undefined ? {} : { located }),
      ...(span === undefined ? {} : { span }),
    }),
  );
  return { kind: 'invalid', diagnostics };
}

/** Whether an issue is about a value that only rendering will tell. */
function waitsForTemplate(issue: Issue, located: Located): boolean {
  if (crossesTemplate(located, issue.path)) return true;
  if (issue.code === 'custom') {
    // A rule about a whole map looks at values which may still be templates.
    const whole = locate(located, issue.path);
    return whole !== undefined && holdsTemplate(whole);
  }
  if (issue.code !== 'invalid_union') return false;
  // A union fails as a whole; it waits when one of its choices fails for nothing but templates.
  const inner = locate(located, issue.path);
  if (inner === undefined) return false;
  return issue.errors.some((choice) => choice.length > 0 && choice.every((nested) => waitsForTemplate(nested, inner)));
}

function crossesTemplate(located: Located, path: readonly PropertyKey[]): boolean {
  let here: Located | undefined = located;
  for (const step of path) {
    if (here === undefined || isTemplate(here)) break;
    here = locate(here, [step]);
  }
  return here !== undefined && isTemplate(here);
}

function locate(located: Located, path: readonly PropertyKey[]): Located | undefined {
  let here: Located | undefined = located;
  for (const step of path) {
    if (here?.kind === 'map') here = entryOf(here, String(step))?.value;
    else if (here?.kind === 'list') here = here.items[Number(step)];
    else return undefined;
  }
  return here;
}

function holdsTemplate(located: Located): boolean {
  switch (located.kind) {
    case 'scalar':
      return isTemplate(located);
    case 'list':
      return located.items.some(holdsTemplate);
    case 'map':
      return located.entries.some((entry) => holdsTemplate(entry.value));
  }
}
