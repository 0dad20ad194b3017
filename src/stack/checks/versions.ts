import type { Diagnostic } from '../../core/diagnostic.js';
import type { PlanCheck } from '../../plan/check.js';
import { agentProblem, libmesosProblem, minimalMesosFor } from '../compatibility.js';
import { isAtLeast, versionOf } from '../version.js';
import { finding } from './report.js';
import { placements, type Component, type Placement } from './view.js';

/** Versions of one plan that do not work together. */
export const checkVersions: PlanCheck = (plan, context) => {
  const placed = placements(plan, context);
  const master = placed.find(({ component }) => component === 'mesos-master');
  const mesos = versionOf(master?.text('mesos_version'));
  if (master === undefined || mesos === undefined) return [];
  const of = (component: Component): readonly Placement[] =>
    placed.filter((placement) => placement.component === component);
  return [
    ...of('mesos-slave').flatMap((placement) => agentFindings(placement, mesos)),
    ...of('marathon').flatMap((placement) => marathonFindings(placement, mesos)),
  ];
};

function agentFindings(placement: Placement, master: string): readonly Diagnostic[] {
  const agent = versionOf(placement.text('mesos_version'));
  const problem = agent === undefined ? undefined : agentProblem(agent, master);
  if (problem === undefined) return [];
  return [
    finding({
      severity: 'error',
      code: 'versions-do-not-fit',
      message: problem,
      span: placement.span('mesos_version'),
    }),
  ];
}

function marathonFindings(placement: Placement, mesos: string): readonly Diagnostic[] {
  const marathon = versionOf(placement.text('marathon_version'));
  if (marathon === undefined) return [];
  const span = placement.span('marathon_version');
  const minimum = minimalMesosFor(marathon);
  if (minimum !== undefined && !isAtLeast(mesos, minimum)) {
    const message = `Marathon ${marathon} needs Mesos ${minimum} or later, and the masters are ${mesos}`;
    return [
      finding({
        severity: 'error',
        code: 'versions-do-not-fit',
        message,
        span,
        hint: 'upgrade Mesos first, or choose an older Marathon',
      }),
    ];
  }
  const problem = libmesosProblem(marathon, mesos);
  return problem === undefined
    ? []
    : [finding({ severity: 'error', code: 'versions-do-not-fit', message: problem, span })];
}
