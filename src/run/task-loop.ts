import type { Loop, ModuleStep } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';
import { evaluate as evaluateLocated } from '../template/evaluate.js';
import { extendScope, type Scope } from '../template/scope.js';
import type { ScopeLayer } from '../template/types.js';
import { isValueMap, Unknown, type Value } from '../template/value.js';
import type { TaskStatus } from './events.js';
import { judge, numberKeyword } from './keywords.js';
import { dataLayer } from './layers.js';
import { outcomeOf } from './outcome.js';
import { type ItemResult, notifies, registered, skipped, unknown, withMembers } from './result.js';
import { guarded, type Task } from './task.js';

/** The items of a loop; a reason when there are none to run. */
export type LoopItems =
  | { readonly kind: 'items'; readonly items: readonly Value[] }
  | { readonly kind: 'result'; readonly result: ItemResult };

/**
 * Evaluates a loop's list. A list that cannot be evaluated does not matter when the condition does not hold anyway.
 * Throws EvaluationError.
 */
export async function loopItems(options: {
  readonly loop: Loop;
  readonly when: ModuleStep['when'];
  readonly scope: Scope;
  readonly evaluate: Task['evaluate'];
}): Promise<LoopItems> {
  const { loop, when, scope, evaluate } = options;
  const conditionFails = async (): Promise<ItemResult | undefined> => {
    try {
      const verdict = await evaluate(() => judge(when, scope));
      return verdict === true || verdict instanceof Unknown
        ? undefined
        : skipped(`the condition does not hold: ${verdict.failed.source}`);
    } catch (error) {
      // The condition reads the item: it says nothing about the task as a whole.
      if (error instanceof EvaluationError) return undefined;
      throw error;
    }
  };
  let list: Value;
  try {
    list = await evaluate(() => evaluateLocated(loop.items, scope));
  } catch (error) {
    const result = error instanceof EvaluationError ? await conditionFails() : undefined;
    if (result) return { kind: 'result', result };
    throw error;
  }
  if (list instanceof Unknown) return { kind: 'result', result: (await conditionFails()) ?? unknown(list) };
  if (!Array.isArray(list)) {
    throw new EvaluationError({
      severity: 'error',
      code: 'loop-not-list',
      message: 'a loop needs a list',
      span: loop.items.span,
      hint: 'for a map write `Object.entries(map)`, for one value `[value]`',
    });
  }
  return { kind: 'items', items: list as readonly Value[] };
}

/** The loop's names for the item at `index`. */
export function itemLayer(
  loop: Loop,
  options: { readonly items: readonly Value[]; readonly index: number },
): ScopeLayer {
  const { items, index } = options;
  return dataLayer('loop', {
    [loop.loopVar]: items[index] ?? null,
    ...(loop.indexVar === undefined ? {} : { [loop.indexVar]: index }),
    ...(loop.extended ? { ansible_loop: standing(items, index) } : {}),
  });
}

/** The names that an item of a loop has, beside those of the task, and those of the items that come after it at once. */
export interface ItemNames {
  readonly own: readonly ScopeLayer[];
  readonly left: () => readonly (readonly ScopeLayer[])[];
}

/** The names of each item from the one at `from` on. */
export function namesFrom(
  loop: Loop,
  options: { readonly items: readonly Value[]; readonly from: number },
): readonly (readonly ScopeLayer[])[] {
  const { items, from } = options;
  return items.slice(from).map((_, offset) => [itemLayer(loop, { items, index: from + offset })]);
}

/** Where an item stands, in Ansible's words; the first has no `previtem`, the last no `nextitem`. */
function standing(items: readonly Value[], index: number): Value {
  const previous = items[index - 1];
  const next = items[index + 1];
  return {
    index: index + 1,
    index0: index,
    revindex: items.length - index,
    revindex0: items.length - index - 1,
    first: index === 0,
    last: index === items.length - 1,
    length: items.length,
    allitems: items,
    ...(previous === undefined ? {} : { previtem: previous }),
    ...(next === undefined ? {} : { nextitem: next }),
  };
}

interface LoopedItem {
  readonly item: Value;
  readonly result: ItemResult;
  /** The names that meant the item. */
  readonly layer: ScopeLayer;
}

/** Runs a task for every item, also after one failed; the task as a whole is what its items were. */
export async function runLoop(options: {
  readonly task: Task<ModuleStep>;
  readonly loop: Loop;
  readonly runItem: (names: ItemNames) => Promise<ItemResult>;
}): Promise<ItemResult> {
  const { task, loop, runItem } = options;
  const { scope, evaluate, frame } = task;
  const { run } = frame.play;
  const found = await loopItems({ loop, when: task.step.when, scope, evaluate });
  if (found.kind === 'result') return found.result;
  const pause = (await evaluate(() => numberKeyword(loop.pause, scope))) ?? 0;
  const results: LoopedItem[] = [];
  for (const [index, item] of found.items.entries()) {
    if (index > 0 && pause > 0 && !run.request.options.preview) {
      await run.clock.sleep(pause * 1000, run.request.signal);
      run.lookAhead.disturb();
    }
    const layer = itemLayer(loop, { items: found.items, index });
    const started = run.clock.now();
    const label = await labelOf({ task, loop, layer, item, index });
    const result = await guarded(task, async () =>
      runItem({
        own: [layer],
        left: () => (pause > 0 ? [] : namesFrom(loop, { items: found.items, from: index + 1 })),
      }),
    );
    results.push({ item, result, layer });
    const outcome = outcomeOf({
      result,
      noLog: task.noLog,
      showDiff: task.showDiff,
      milliseconds: run.clock.now() - started,
    });
    run.bus.emit({ kind: 'item-end', ref: task.ref, item: index, label, outcome });
    if (result.unreachable || result.interrupted || run.halted) break;
    if (await breaks({ task, loop, layer, result })) break;
  }
  return wholeOf(loop, results);
}

/** `break_when`, which sees the item and its result; a result that only the run can know breaks nothing. */
async function breaks(options: {
  readonly task: Task<ModuleStep>;
  readonly loop: Loop;
  readonly layer: ScopeLayer;
  readonly result: ItemResult;
}): Promise<boolean> {
  const { task, loop, layer, result } = options;
  if (loop.breakWhen.length === 0) return false;
  const { register } = task.step;
  const own = register === undefined ? [] : [dataLayer('register', { [register]: result.values })];
  return (await task.evaluate(() => judge(loop.breakWhen, extendScope(task.scope, [layer, ...own])))) === true;
}

async function labelOf(options: {
  readonly task: Task;
  readonly loop: Loop;
  readonly layer: ScopeLayer;
  readonly item: Value;
  readonly index: number;
}): Promise<string> {
  const { task, loop, layer, item, index } = options;
  const { label } = loop;
  if (task.noLog) return `item ${index + 1}`;
  if (!label) return textOf(item);
  let value: Value = null;
  const result = await guarded(task, async () => {
    value = await task.evaluate(() => evaluateLocated(label, extendScope(task.scope, [layer])));
    return skipped('');
  });
  return result.status === 'skipped' ? textOf(value) : textOf(item);
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The task's own result: the worst of its items; every item's result under `results`. */
function wholeOf(loop: Loop, results: readonly LoopedItem[]): ItemResult {
  if (results.length === 0) {
    const none = skipped('there are no items');
    return { ...none, values: withMembers(none.values, { results: [] }) };
  }
  const status = wholeStatus(results.map(({ result }) => result.status));
  const worst = results.find(({ result }) => result.status === status)?.result;
  const bad = results.filter(({ result }) => result.status === 'failed').length;
  const message =
    status === 'failed' && results.length > 1
      ? `${bad} of ${results.length} items failed: ${worst?.message ?? ''}`
      : worst?.message;
  const delegates = [...new Set(results.flatMap(({ result }) => result.delegatedTo ?? []))];
  return {
    status,
    changes: results.flatMap(({ result }) => result.changes),
    values: {
      ...registered({ status, ...(status === 'failed' ? { message } : {}) }),
      ...(results.some(({ result }) => hasChanged(result)) ? { changed: true } : {}),
      ...(status === 'unknown'
        ? { changed: results.find(({ result }) => result.status === 'unknown')?.result.values ?? null }
        : {}),
      results: results.map(({ item, result }) => withMembers(result.values, { [loop.loopVar]: item })),
    },
    warnings: results.flatMap(({ result }) => result.warnings),
    notifying: results.filter(({ result }) => notifies(result)).map(({ layer }) => layer),
    ...(message === undefined ? {} : { message }),
    ...(worst?.hint === undefined ? {} : { hint: worst.hint }),
    ...(worst?.diagnostic === undefined ? {} : { diagnostic: worst.diagnostic }),
    ...(worst?.unreachable === undefined ? {} : { unreachable: worst.unreachable }),
    ...(worst?.interrupted === undefined ? {} : { interrupted: worst.interrupted }),
    ...(delegates.length === 0 ? {} : { delegatedTo: delegates.join(', ') }),
  };
}

/** Conditions read the change of an item beside one that failed, and what an earlier run changed as they would have then. */
function hasChanged({ values }: ItemResult): boolean {
  return isValueMap(values) && values['changed'] === true;
}

const worstFirst: readonly TaskStatus[] = [
  'unreachable',
  'failed',
  'changed',
  'change',
  'unknown',
  'ok',
  'same',
  'skipped',
];

function wholeStatus(statuses: readonly TaskStatus[]): TaskStatus {
  return worstFirst.find((status) => statuses.includes(status)) ?? 'skipped';
}
