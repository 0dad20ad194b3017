import { type ListrBaseClassOptions, type ListrTaskWrapper, PRESET_TIMER } from 'listr2';
import type { Step } from './step.js';

/** How the lab shows progress: a live tree on a terminal, plain lines elsewhere; times either way. */
export function progress<C>(): ListrBaseClassOptions<C> {
  return {
    // listr2's own handler would exit the process before anything is tidied up.
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER, collapseSubtasks: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  };
}

/** What a listr2 task hands to the lab's own functions. */
export function stepOf(task: Pick<ListrTaskWrapper<unknown, never, never>, 'output'>, signal: AbortSignal): Step {
  const show = (line: string): void => {
    task.output = line;
  };
  return { signal, say: process.stdout.isTTY ? show : () => undefined, tell: show };
}
