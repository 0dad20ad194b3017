import type { Plan, PlannedPlay } from '../../plan/types.js';
import type { Play, RoleStep, Step, VariableBlock } from '../../playbook/types.js';

/** Whether a play takes its hosts through a role, wherever in it that stands. */
export function hasRole(play: Play, role: string): boolean {
  return rolesOf(play.roles).includes(role);
}

/** The plays that take hosts through a role. */
export function playsWith(plan: Plan, role: string): readonly PlannedPlay[] {
  return plan.plays.filter(({ play }) => hasRole(play, role));
}

function rolesOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => (step.kind === 'role' ? [step.context.role.name, ...rolesOf(step.steps)] : []));
}

/**
 * What a play does about images and nothing else, on all its hosts at the same time: the role's own tasks with its own
 * variables. Undefined when it has no such task.
 */
export function imagesOnly(
  planned: PlannedPlay,
  options: { readonly name: string; readonly hosts: readonly string[]; readonly vars: VariableBlock },
): PlannedPlay | undefined {
  const { name, hosts, vars } = options;
  const only = (steps: readonly Step[]): readonly Step[] => steps.flatMap((step) => imageStep(step, vars) ?? []);
  const { ensemble: _ensemble, ...rest } = planned.play;
  const play: Play = {
    ...rest,
    name,
    preTasks: only(rest.preTasks),
    roles: only(rest.roles).filter((step): step is RoleStep => step.kind === 'role'),
    tasks: only(rest.tasks),
    postTasks: only(rest.postTasks),
    handlers: [],
    serial: [],
    gate: [],
    onFailure: [],
  };
  const count = play.preTasks.length + play.roles.length + play.tasks.length + play.postTasks.length;
  return count === 0 ? undefined : { name, play, hosts, batches: [hosts], needs: [] };
}

function imageStep(step: Step, vars: VariableBlock): Step | undefined {
  switch (step.kind) {
    case 'module':
      return step.module === 'docker_image' ? { ...step, vars: [...step.vars, vars] } : undefined;
    case 'role': {
      const steps = step.steps.flatMap((each) => imageStep(each, vars) ?? []);
      return steps.length === 0 ? undefined : { ...step, steps };
    }
    case 'block': {
      const block = step.block.flatMap((each) => imageStep(each, vars) ?? []);
      return block.length === 0 ? undefined : { ...step, block, rescue: [], always: [] };
    }
    case 'include-tasks':
    case 'include-role':
    case 'meta':
      return undefined;
  }
}
