import type { Diagnostic } from '../../core/diagnostic.js';
import type { PlanCheck, PlanCheckContext } from '../../plan/check.js';
import { finding } from './report.js';
import { groupSize, placements, type Placement } from './view.js';

/** Quorums that are no majority, ensembles that are even or too small for what leans on them. */
export const checkQuorums: PlanCheck = (plan, context) =>
  placements(plan, context).flatMap((placement) => {
    switch (placement.component) {
      case 'zookeeper':
        return evenEnsemble(placement, { context, variable: 'zookeeper_group', what: 'ZooKeeper servers' });
      case 'mesos-master':
        return [
          ...wrongQuorum(placement, context),
          ...evenEnsemble(placement, { context, variable: 'mesos_master_group', what: 'Mesos masters' }),
          ...loneZooKeeper(placement, context),
        ];
      default:
        return [];
    }
  });

function wrongQuorum(placement: Placement, context: PlanCheckContext): readonly Diagnostic[] {
  const masters = mastersCounted(placement, context);
  if (masters === undefined) return [];
  const wanted = Math.floor(masters / 2) + 1;
  const option = placement.map('mesos_master_options')['quorum'];
  const given = [
    { value: placement.number('mesos_master_quorum'), span: placement.span('mesos_master_quorum') },
    {
      value: option === undefined ? undefined : Number(option),
      span: placement.keySpan('mesos_master_options', 'quorum'),
    },
  ];
  return given.flatMap(({ value, span }) => {
    if (value === undefined || value === wanted) return [];
    return [
      finding({
        severity: 'error',
        code: 'wrong-quorum',
        message: `a quorum of ${value} is no majority of ${masters} masters: floor(${masters}/2)+1 is ${wanted}, and any other can corrupt the replicated log`,
        span,
        hint: 'leave `mesos_master_quorum` out: it is computed',
      }),
    ];
  });
}

/** While a named operation changes the masters, the quorum is that of the size they are on their way to. */
function mastersCounted(placement: Placement, context: PlanCheckContext): number | undefined {
  const addresses = placement.value('mesos_master_addresses');
  return placement.flag('mesos_membership_change') === true && Array.isArray(addresses)
    ? addresses.length
    : groupSize(context, placement.text('mesos_master_group'));
}

function evenEnsemble(
  placement: Placement,
  options: { readonly context: PlanCheckContext; readonly variable: string; readonly what: string },
): readonly Diagnostic[] {
  const { context, variable, what } = options;
  // On its way from one odd size to another an ensemble is even for a moment; the operation has judged its end.
  if (changesMembers(placement)) return [];
  const group = placement.text(variable);
  const size = groupSize(context, group);
  if (group === undefined || size === undefined || size % 2 === 1) return [];
  return [
    finding({
      severity: 'warning',
      code: 'even-ensemble',
      message: `${size} ${what} survive the loss of ${Math.ceil(size / 2) - 1}, as many as ${size - 1} would`,
      span: context.inventory.groups.get(group)?.span ?? placement.span(variable),
      hint: `take one away from the group \`${group}\`, or add one`,
    }),
  ];
}

function changesMembers(placement: Placement): boolean {
  return ['zookeeper_membership_change', 'mesos_membership_change'].some((name) => placement.flag(name) === true);
}

function loneZooKeeper(placement: Placement, context: PlanCheckContext): readonly Diagnostic[] {
  const group = placement.text('zookeeper_group');
  const servers = groupSize(context, group);
  const masters = groupSize(context, placement.text('mesos_master_group'));
  if (group === undefined || servers !== 1 || masters === undefined || masters < 3) return [];
  return [
    finding({
      severity: 'warning',
      code: 'lone-zookeeper',
      message: `${masters} Mesos masters lean on one ZooKeeper server: when it stops, all of them stop`,
      span: context.inventory.groups.get(group)?.span ?? placement.span('zookeeper_group'),
      hint: `give the group \`${group}\` three hosts`,
    }),
  ];
}
