import { formatSpan, type Span } from '../../core/span.js';
import type { MembershipPlan } from '../../stack/membership/types.js';
import type { ServiceName } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';
import type { Change } from './plan-change.js';
import { componentGroup } from './group.js';

/** What the inventory must say from now on, so that the next `apply` finds the members as they are. */
export function inventoryAdvice(request: {
  readonly cluster: OpenCluster;
  readonly change: Change;
  readonly planned: readonly { readonly component: ServiceName; readonly plan: MembershipPlan }[];
}): readonly string[] {
  const { cluster, change, planned } = request;
  const leaving = change.kind === 'scale-in' ? change.hosts : change.kind === 'replace' ? [change.old] : [];
  const removals = planned.flatMap(({ component }) => {
    const group = componentGroup(cluster, component);
    const place = placeAt(cluster.inventory.groups.get(group)?.span);
    return leaving.map((host) => `  ${place}take ${host} out of the group ${group}`);
  });
  const ids = planned.flatMap(({ plan }) => (plan.kind === 'steps' ? [...(plan.ids ?? [])] : []));
  const numbers = ids
    .filter(([host, id]) => Number(cluster.variablesOf(host).read('zookeeper_myid') ?? Number.NaN) !== id)
    .map(([host, id]) => `  ${placeAt(cluster.inventory.hosts.get(host)?.span)}${host}: zookeeper_myid: ${id}`);
  const lines = [...removals, ...numbers];
  if (lines.length === 0) return [];
  return [
    '\nDone. Write into the inventory:',
    ...lines,
    ...(numbers.length === 0
      ? []
      : ['(without `zookeeper_myid` servers are numbered by their position, which has changed)']),
    'Then `runner apply` tells the new list to whoever connects to it, one host at a time.',
  ];
}

function placeAt(span: Span | undefined): string {
  return span === undefined ? '' : `${formatSpan(span)}: `;
}
