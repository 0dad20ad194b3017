import { assertNever } from '../core/assert.js';
import type { Play, Step } from './types.js';

/** A step and all steps inside it, outermost first: blocks, roles, and includes that were read ahead. */
export function withNested(step: Step): readonly Step[] {
  return [step, ...childrenOf(step).flatMap(withNested)];
}

/** The steps directly inside a step. */
export function childrenOf(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'block':
      return [...step.block, ...step.rescue, ...step.always];
    case 'role':
      return step.steps;
    case 'include-tasks':
      return step.steps ?? [];
    case 'include-role':
      return [...(step.included?.steps ?? []), ...(step.included?.handlers.map((handler) => handler.step) ?? [])];
    case 'module':
    case 'meta':
      return [];
    default:
      return assertNever(step);
  }
}

/** The outermost steps of a play, its handlers included. */
export function outermostSteps(play: Pick<Play, StepList>): readonly Step[] {
  const { preTasks, roles, tasks, postTasks, gate, onFailure, handlers } = play;
  return [...preTasks, ...roles, ...tasks, ...postTasks, ...gate, ...onFailure, ...handlers.map(({ step }) => step)];
}

type StepList = 'preTasks' | 'roles' | 'tasks' | 'postTasks' | 'gate' | 'onFailure' | 'handlers';
