import type { PlanCheck } from '../../plan/check.js';
import type { ModuleStep, Step } from '../../playbook/types.js';
import type { LocatedEntry } from '../../syntax/located.js';
import { finding } from './report.js';
import { placements, type Component } from './view.js';

/** The variable that names each component's container. */
const containerVariables: Partial<Record<Component, string>> = {
  zookeeper: 'zookeeper_container',
  'mesos-master': 'mesos_master_container',
  'mesos-slave': 'mesos_slave_container',
  marathon: 'marathon_container',
  bamboo: 'bamboo_container',
};

const reason =
  'Mesos agents of 0.20 to 0.22, 1.0.0, 1.0.1 and 1.1 stop every container whose name starts with `mesos-` when they start';

/** Names that Mesos agents take for containers of their own. */
export const checkContainerNames: PlanCheck = (plan, context) => {
  const ofRoles = placements(plan, context).flatMap((placement) => {
    const variable = containerVariables[placement.component];
    const name = variable === undefined ? undefined : placement.text(variable);
    return variable !== undefined && name?.startsWith('mesos-') === true
      ? [refusal(name, placement.span(variable))]
      : [];
  });
  const ofTasks = plan.plays
    .flatMap(({ play }) => [...play.preTasks, ...play.tasks, ...play.postTasks])
    .flatMap(containerSteps)
    .flatMap((step) => {
      const name = entryOfStep(step, 'name')?.value;
      const isRemoved = plainText(entryOfStep(step, 'state')) === 'absent';
      const text = plainText(entryOfStep(step, 'name'));
      return text?.startsWith('mesos-') === true && !isRemoved ? [refusal(text, name?.span)] : [];
    });
  return [...ofRoles, ...ofTasks];
};

function containerSteps(step: Step): readonly ModuleStep[] {
  if (step.kind === 'block') return [...step.block, ...step.rescue, ...step.always].flatMap(containerSteps);
  return step.kind === 'module' && step.module === 'docker_container' ? [step] : [];
}

function entryOfStep(step: ModuleStep, key: string): LocatedEntry | undefined {
  return step.params.entries.find((entry) => entry.key === key);
}

function plainText(entry: LocatedEntry | undefined): string | undefined {
  return entry?.value.kind === 'scalar' && typeof entry.value.value === 'string' ? entry.value.value : undefined;
}

function refusal(name: string, span: Parameters<typeof finding>[0]['span']): ReturnType<typeof finding> {
  return finding({
    severity: 'error',
    code: 'mesos-container-name',
    message: `a container must not be called \`${name}\`: ${reason}`,
    span,
    hint: `call it \`${name.replace(/^mesos-/, 'm')}\``,
  });
}
