import { InputError } from '../core/diagnostic.js';
import { spanOfFlag } from '../core/span.js';
import { didYouMean } from '../core/suggest.js';
import { stepsOfPlay, writtenName } from '../plan/steps.js';
import type { Plan } from '../plan/types.js';
import type { Step } from '../playbook/types.js';

/** Where `--start-at-task` begins: the play, and the steps of it that are left out. */
export interface StartingPoint {
  readonly play: string | undefined;
  readonly leftOut: ReadonlySet<string>;
}

/** Finds the task by its name, `role : name` or a pattern with `*`. Throws InputError when there is none. */
export function findStart(plan: Plan): StartingPoint {
  const wanted = plan.selection.startAtTask;
  if (wanted === undefined) return { play: undefined, leftOut: new Set() };
  const pattern = new RegExp(`^${wanted.split('*').map(escapeRegExp).join('.*')}$`);
  const names: string[] = [];
  for (const { name, play } of plan.plays) {
    const leftOut = new Set<string>();
    for (const step of stepsOfPlay(play)) {
      const own = namesOf(step);
      if (own.some((each) => pattern.test(each))) return { play: name, leftOut };
      leftOut.add(step.id);
      names.push(...own);
    }
  }
  const hint = didYouMean(wanted, names);
  throw new InputError([
    {
      severity: 'error',
      code: 'unknown-task',
      message: `no task is called "${wanted}"`,
      span: spanOfFlag('--start-at-task'),
      ...(hint === undefined ? {} : { hint }),
    },
  ]);
}

function namesOf(step: Step): readonly string[] {
  const name = writtenName(step);
  return step.role ? [name, `${step.role.role.name} : ${name}`] : [name];
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
