import { assertNever } from '../core/assert.js';
import type { ModuleStep, Step } from '../playbook/types.js';
import type { ScopeLayer } from '../template/types.js';
import type { Frame, PlayHost } from './play-state.js';
import { isSelected } from './selection.js';

/** What comes after a step: the rest of its own list, then what comes after that list. */
export interface Following {
  readonly steps: readonly Step[];
  /** Index of the next step in `steps`. */
  readonly from: number;
  readonly frame: Frame;
  readonly outer: Following | undefined;
}

/** A task that a host will reach, unless something stops it on the way. */
export interface UpcomingTask {
  readonly step: ModuleStep;
  readonly frame: Frame;
  /** The names of the items that are left of its loop, which is under way; all of them when missing. */
  readonly items?: readonly (readonly ScopeLayer[])[];
}

/** The tasks that stand ahead of a host, in order, up to the first step whose tasks only the run itself can tell. */
export function* upcomingTasks(following: Following | undefined, host: PlayHost): Generator<UpcomingTask> {
  for (let list = following; list !== undefined; list = list.outer) {
    if (!(yield* tasksOf(list.steps.slice(list.from), { frame: list.frame, host }))) return;
  }
}

/** Gives the tasks of these steps; returns whether the steps after them can be told. */
function* tasksOf(
  steps: readonly Step[],
  options: { readonly frame: Frame; readonly host: PlayHost },
): Generator<UpcomingTask, boolean> {
  const { frame, host } = options;
  for (const step of steps) {
    if (!isSelected(step, frame)) continue;
    switch (step.kind) {
      case 'module':
        yield { step, frame };
        break;
      case 'block':
        if (!(yield* tasksOf([...step.block, ...step.always], options))) return false;
        break;
      case 'role':
        if (step.oncePerHost && host.rolesDone.has(step.context.key)) break;
        if (!(yield* tasksOf(step.steps, options))) return false;
        break;
      case 'meta':
        if (step.action === 'noop' || (step.action === 'flush_handlers' && host.notified.size === 0)) break;
        return false;
      case 'include-tasks':
      case 'include-role':
        return false;
      default:
        return assertNever(step);
    }
  }
  return true;
}
