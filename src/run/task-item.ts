import { anything } from '../modules/promises.js';
import type { CommandReply } from '../modules/types.js';
import type { ModuleStep } from '../playbook/types.js';
import type { ShellText } from '../shell/text.js';
import type { Scope } from '../template/scope.js';
import { Unknown, type Value } from '../template/value.js';
import { actionOf, type ItemAction } from './item-action.js';
import { attempt } from './attempt.js';
import { controllerOf } from './controller.js';
import { withDeadline } from './deadline.js';
import { scriptOf, survived } from './host.js';
import type { HostState } from './host-state.js';
import { type Item, settleItem } from './item.js';
import { judge } from './keywords.js';
import { runModule } from './module-run.js';
import { checkParams, renderParams } from './params.js';
import { type ItemResult, skipped, unknown } from './result.js';
import { guarded, type Task } from './task.js';
import type { ItemNames } from './task-loop.js';
import { taskScope } from './task-scope.js';
import { UnknownValue } from './unknown-value.js';
import { type UpcomingTask, upcomingTasks } from './upcoming.js';
import { addMember } from './members.js';
import { setFacts } from './variables.js';

/** Nobody reads faster: of lines that come closer together (milliseconds) only the first is told; the result has all. */
const progressInterval = 100;
const longestProgress = 500;

/** One task, or one item of its loop, on one host: condition, then the module until it is content. */
export async function runItem(task: Task<ModuleStep>, names: ItemNames): Promise<ItemResult> {
  const { step, host, frame, evaluate } = task;
  const scope = taskScope({ host, step, frame, extra: names.own });
  const verdict = await evaluate(() => judge(step.when, scope));
  if (verdict instanceof Unknown) return hiding(host.state, unknown(verdict));
  if (verdict !== true) return skipped(`the condition does not hold: ${verdict.failed.source}`);
  if (frame.perhaps?.has(host))
    return hiding(host.state, unknown(new Unknown('whether this handler is due only the run can tell')));
  const item = { ...(await prepareItem(task, scope)), left: names.left };
  const { run } = frame.play;
  const action = actionOf(item);
  const result = await guardedByItem(item, async () =>
    attempt({
      step,
      scope,
      evaluate,
      preview: item.preview,
      clock: run.clock,
      signal: run.request.signal,
      once: async () => guardedByItem(item, async () => runOnce(item, action)),
      onRetry: (retry) => {
        run.lookAhead.disturb();
        run.bus.emit({
          kind: 'task-retry',
          ref: task.ref,
          ...retry,
          message: task.noLog ? 'hidden by no_log' : retry.message,
        });
      },
    }),
  );
  action?.ended(result);
  // What a task that failed left behind is nobody's promise.
  if (result.status === 'failed') run.confirmations.dropOf(task);
  if (result.acts && result.status === 'unknown') item.target.promises.add([anything]);
  return result;
}

/** An item on its way. */
interface ItemRun extends Item {
  readonly task: Task<ModuleStep>;
  readonly left: ItemNames['left'];
}

async function prepareItem(task: Task<ModuleStep>, scope: Scope): Promise<Omit<ItemRun, 'left'>> {
  const { step, host, frame, evaluate } = task;
  const item = await evaluate(() => settleItem({ step, host, frame, scope }));
  const { become } = item.access;
  if (become?.password !== undefined) frame.play.run.request.masker.learn(become.password);
  return { ...item, task };
}

async function guardedByItem(item: ItemRun, action: () => Promise<ItemResult>): Promise<ItemResult> {
  const result = await guarded(item.task, action);
  return item.delegatedTo === undefined ? result : { ...result, delegatedTo: item.delegatedTo };
}

async function runOnce(item: ItemRun, action: ItemAction | undefined): Promise<ItemResult> {
  const { task, module, scope, target, access, preview } = item;
  const { step, frame, evaluate, host } = task;
  const { run } = frame.play;
  const { masker, overflow } = run.request;
  let values: Readonly<Record<string, unknown>>;
  try {
    values = await evaluate(() => renderParams({ step, module, scope, masker }));
  } catch (error) {
    if (error instanceof UnknownValue) return hiding(target, unknown(error.value));
    throw error;
  }
  const params = checkParams(module, { values, masker, span: step.span });
  let lastProgress = Number.NEGATIVE_INFINITY;
  const progress = (line: string): void => {
    const now = run.clock.now();
    if (task.noLog || now - lastProgress < progressInterval) return;
    lastProgress = now;
    run.bus.emit({ kind: 'task-progress', ref: task.ref, line: line.slice(0, longestProgress) });
  };
  return withDeadline({
    clock: run.clock,
    signal: run.request.signal,
    seconds: item.timeoutSeconds,
    action: async (signal) =>
      runModule({
        module,
        params,
        preview,
        clock: run.clock,
        ...(item.job ? { job: item.job } : {}),
        ...(action ? { earlier: (prepared: unknown) => action.earlier({ params, prepared }) } : {}),
        promises: target.promises,
        controller: controllerOf({ files: frame.files ?? run.request.files, step, scope, evaluate }),
        access: {
          ...access,
          signal,
          progress,
          ...(overflow && !task.noLog ? { overflow: (stream) => overflow({ host: access.name, stream }) } : {}),
        },
        look: async (script) => look(item, { script, signal }),
        onDisturbance: () => run.lookAhead.disturb(),
        onUnsettled: (subject) => run.confirmations.settle({ target: target.name, subject }),
        onConfirmation: (confirmation) => {
          if (!run.request.options.preview)
            run.confirmations.add({ task, module, access, confirmation, now: run.clock.now() });
        },
        onFacts: (facts: Readonly<Record<string, Value>>) =>
          setFacts({ state: item.delegateFacts ? target : host.state, module: step.module, facts }),
        onMember: (member) => addMember({ run, member, host: host.state.name, span: step.span }),
      }),
  });
}

/** Makes a look at the host itself together with those of the tasks that follow; at a delegate, alone. */
async function look(
  item: ItemRun,
  options: { readonly script: ShellText; readonly signal: AbortSignal },
): Promise<CommandReply> {
  const { access, host, frame, target } = item;
  const { become, connection } = access;
  const script = scriptOf(access, options.script);
  const session = await connection.session();
  const { lookAhead, isRehearsal: rehearsal } = frame.play.run;
  const reply =
    target === host.state
      ? await lookAhead.look({
          ...options,
          host,
          session,
          script,
          become,
          rehearsal,
          ahead: () => aheadOf(item),
        })
      : await session.script({ ...options, script, ...(become ? { become } : {}) });
  return survived(access, reply);
}

/** With `--step` every task waits for a word: nothing is done ahead. */
function* aheadOf({ step, frame, host, left }: ItemRun): Generator<UpcomingTask> {
  const { run, planned } = frame.play;
  if (run.request.options.confirm !== undefined || planned.play.throttle !== undefined) return;
  const items = left();
  if (items.length > 0) yield { step, frame, items };
  yield* upcomingTasks(frame.following, host);
}

/** What an unknown task would have made nobody knows: later looks may find something missing that would be there. */
function hiding(state: HostState, result: ItemResult): ItemResult {
  state.promises.add([anything]);
  return result;
}
