import { Masker } from '../shell/masker.js';
import type { ShellText } from '../shell/text.js';
import { evaluate } from '../template/evaluate.js';
import type { ScopeLayer } from '../template/types.js';
import { Unknown } from '../template/value.js';
import type { Become } from '../transport/types.js';
import type { ControllerFiles } from './controller.js';
import { controllerOf } from './controller.js';
import { scriptOf } from './host.js';
import { type Item, settleItem } from './item.js';
import { judge } from './keywords.js';
import { contextOf } from './module-run.js';
import { checkParams, renderParams } from './params.js';
import type { PlayHost } from './play-state.js';
import { namesFrom } from './task-loop.js';
import { taskScope } from './task-scope.js';
import type { UpcomingTask } from './upcoming.js';

/** A look that a task would begin with, as it would be sent. */
export interface ForeseenLook {
  readonly script: ShellText;
  readonly become: Become | undefined;
}

/** What can be told of a task before it is reached: its looks; `acts`: it will act whatever its look says. */
export interface Foreseen {
  readonly looks: readonly ForeseenLook[];
  readonly acts: boolean;
}

const nothing: Foreseen = { looks: [], acts: false };

/**
 * Tells the looks of a task that a host has not reached, from what is known now: nothing is registered, read from the
 * host, shown or learned. What it leans on may change until then, so the task itself makes its look anew and takes an
 * answer only for the very same script. Any mistake is the task's own to report, when it is reached.
 */
export async function foresee(task: UpcomingTask, host: PlayHost, files: ControllerFiles): Promise<Foreseen> {
  const { step, frame } = task;
  const { keywords } = step;
  if (keywords.runOnce || keywords.delegateTo) return nothing;
  // What is awaited, or must not happen on many hosts at once, is left to its turn; a rehearsal only looks, and once.
  const inTurn = keywords.throttle ?? step.retries ?? step.until[0];
  if (inTurn && !frame.play.run.isRehearsal) return nothing;
  try {
    const looks: ForeseenLook[] = [];
    for (const extra of extraLayers(task, host)) {
      const scope = taskScope({ host, step, frame, extra });
      if (judge(step.when, scope) !== true) continue;
      const look = await lookOf(settleItem({ step, host, frame, scope }), files);
      if (look === 'acts') return { looks, acts: true };
      if (look !== undefined) looks.push(look);
    }
    return { looks, acts: false };
  } catch {
    return nothing;
  }
}

/** One for a task, or one for each item of its loop that is still to come. */
function extraLayers({ step, frame, items: left }: UpcomingTask, host: PlayHost): readonly (readonly ScopeLayer[])[] {
  const { loop } = step;
  if (left) return left;
  if (!loop) return [[]];
  const items = evaluate(loop.items, taskScope({ host, step, frame }));
  return Array.isArray(items) ? namesFrom(loop, { items, from: 0 }) : [];
}

async function lookOf(item: Item, files: ControllerFiles): Promise<ForeseenLook | 'acts' | undefined> {
  const { module, step, scope, host, access, preview } = item;
  if (item.job) return preview ? undefined : 'acts';
  // Told to a masker of its own: what is secret is learned when the task is reached.
  const masker = new Masker();
  const values = renderParams({ step, module, scope, masker });
  const params = checkParams(module, { values, masker, span: step.span });
  const controller = controllerOf({ files, step, scope, evaluate: async (action) => action() });
  const prepared = module.prepare ? await module.prepare(controller, params) : undefined;
  if (prepared instanceof Unknown) return undefined;
  const context = contextOf({ params, prepared, preview, promises: host.state.promises });
  const look = module.look(context);
  switch (look.kind) {
    case 'script':
      return { script: scriptOf(access, look.script), become: access.become };
    case 'procedure':
      // It may well wait for something: what is looked at before it is out of date after it.
      return 'acts';
    case 'nothing': {
      if (preview || module.controllerOnly === true) return undefined;
      const { kind } = module.compare(look.found, context);
      return kind === 'act' || kind === 'change' ? 'acts' : undefined;
    }
  }
}
