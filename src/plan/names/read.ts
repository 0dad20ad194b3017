import type { Span } from '../../core/span.js';
import type { Step } from '../../playbook/types.js';
import type { ModuleCatalogue } from '../../playbook/catalogue.js';
import type { Located } from '../../syntax/located.js';
import { parseExpression } from '../../template/expression.js';
import { spanAt } from '../../template/place.js';
import { checkTemplates } from '../../template/text.js';
import type { Expression } from '../../template/types.js';

/** A name that is read and must exist, and the place. */
export interface NameRead {
  readonly name: string;
  readonly span: Span;
}

/** Settings of a play or a block come with each of their steps: parsed once. */
const parsed = new WeakMap<Located, readonly NameRead[]>();

/** Names that templates in a value read. */
export function namesInText(located: Located): readonly NameRead[] {
  switch (located.kind) {
    case 'list':
      return located.items.flatMap(namesInText);
    case 'map':
      return located.entries.flatMap((entry) => namesInText(entry.value));
    case 'scalar': {
      const known = parsed.get(located);
      if (known !== undefined) return known;
      const names = readsOf(checkTemplates(located).names, String(located.value));
      parsed.set(located, names);
      return names;
    }
  }
}

/** The reads of a text; what it asks `typeof` about before it reads it may be missing. */
export function readsOf(names: ReadonlyMap<string, Span>, text: string): readonly NameRead[] {
  const asked = new Set(namesUnderTypeof(text));
  return [...names].flatMap(([name, span]) => (asked.has(name) ? [] : [{ name, span }]));
}

function namesUnderTypeof(source: string): readonly string[] {
  return [...source.matchAll(/typeof\s+\(?\s*([A-Za-z_]\w*)/g)].map((match) => match[1]!);
}

/** Names a bare expression reads, each with its own place. */
export function namesInExpression(expression: Expression): readonly NameRead[] {
  const placed = { text: expression.source, span: expression.span };
  const places = expression.names.map(
    (name) => [name, spanAt(placed, wordIndex(expression.source, name), name.length)] as const,
  );
  return readsOf(new Map(places), expression.source);
}

function wordIndex(source: string, name: string): number {
  return Math.max(0, new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}(?![\\w$])`).exec(source)?.index ?? 0);
}

/** Names a step itself reads when it runs; its variables and the steps inside it are looked at apart. */
export function namesInStep(step: Step, modules: ModuleCatalogue): readonly NameRead[] {
  const { environment, ...keywords } = step.keywords;
  const texts: readonly (Located | undefined)[] = [
    step.name,
    ...environment,
    ...Object.values(keywords),
    ...ownTexts(step),
  ];
  return [
    ...texts.flatMap((text) => (text === undefined ? [] : namesInText(text))),
    ...[...step.when, ...ownExpressions(step)].flatMap(namesInExpression),
    ...(step.kind === 'module' ? namesInParams(step, modules) : []),
  ];
}

function ownTexts(step: Step): readonly (Located | undefined)[] {
  switch (step.kind) {
    case 'module':
      return [
        step.loop?.items,
        step.loop?.label,
        step.loop?.pause,
        step.retries,
        step.delay,
        step.asyncSeconds,
        step.pollSeconds,
        ...step.notify,
      ];
    case 'include-tasks':
      return [step.file, step.loop?.items, step.loop?.label, step.loop?.pause];
    case 'include-role':
      return [step.roleName, ...Object.values(step.files), step.loop?.items, step.loop?.label, step.loop?.pause];
    case 'block':
    case 'role':
    case 'meta':
      return [];
  }
}

function ownExpressions(step: Step): readonly Expression[] {
  const breakWhen = 'loop' in step ? (step.loop?.breakWhen ?? []) : [];
  if (step.kind !== 'module') return breakWhen;
  return [...breakWhen, ...step.until, ...(step.changedWhen ?? []), ...(step.failedWhen ?? [])];
}

function namesInParams(step: Extract<Step, { kind: 'module' }>, modules: ModuleCatalogue): readonly NameRead[] {
  const module = modules.find(step.module);
  return step.params.entries.flatMap(({ key, value }) => {
    if (module?.verbatim?.includes(key) === true) return [];
    return module?.expressions?.includes(key) === true ? namesInBareText(value) : namesInText(value);
  });
}

/** A parameter that holds a bare expression, or a list of them; what cannot be parsed was reported when it was loaded. */
function namesInBareText(value: Located): readonly NameRead[] {
  if (value.kind === 'list') return value.items.flatMap(namesInBareText);
  if (value.kind !== 'scalar') return [];
  const result = parseExpression(String(value.value), value.span);
  return result.kind === 'expression' ? namesInExpression(result.expression) : [];
}

/** Names a condition asks about before it reads them (`typeof x`, `x ??`, `x?.`): where it holds, they exist. */
export function namesAskedFor(conditions: readonly Expression[]): readonly string[] {
  return conditions.flatMap(({ source }) => [
    ...namesUnderTypeof(source),
    ...[...source.matchAll(/(?<![\w.])([A-Za-z_]\w*)\s*\?[?.]/g)].map((match) => match[1]!),
  ]);
}
