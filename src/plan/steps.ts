import { plainData } from '../syntax/located.js';
import type { Play, Step } from '../playbook/types.js';

/** The steps of a play known before the run, in the order they run; those inside blocks and roles stand in their place. */
export function stepsOfPlay(play: Play): readonly Step[] {
  return [...play.preTasks, ...play.roles, ...play.tasks, ...play.postTasks].flatMap(leavesOf);
}

function leavesOf(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'block':
      return [...step.block, ...step.rescue, ...step.always].flatMap(leavesOf);
    case 'role':
      return step.steps.flatMap(leavesOf);
    case 'module':
    case 'include-tasks':
    case 'include-role':
    case 'meta':
      return [step];
  }
}

/** A step's name as it is written, or what it does when it has none. */
export function writtenName(step: Step): string {
  if (step.name !== undefined) return String(plainData(step.name));
  switch (step.kind) {
    case 'module':
      return step.module;
    case 'meta':
      return `meta: ${step.action}`;
    case 'include-tasks':
      return `include_tasks: ${String(plainData(step.file))}`;
    case 'include-role':
      return `include_role: ${String(plainData(step.roleName))}`;
    case 'role':
      return `role ${step.context.role.name}`;
    case 'block':
      return 'block';
  }
}
