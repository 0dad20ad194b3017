import { formatSpan, type Span } from '../../core/span.js';
import type { MembershipPlan } from '../../stack/membership/types.js';
import type { ServiceName } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';
import type { Change } from './plan-change.js';
import { componentGroup } from './group.js';

/** What the inventory must say from now on, so that the next `apply` finds the members as they are. */
export function inventoryAdvice(request: {
  readonly cluster: Pick<OpenCluster, 'inventory' | 'variablesOf'>;
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
  // As the role numbers a server that has no `zookeeper_myid`: by its position in the group.
  const staying = [...(cluster.inventory.groups.get(componentGroup(cluster, 'zookeeper'))?.hosts ?? [])].filter(
    (host) => !leaving.includes(host),
  );
  const position = (host: string): number => staying.indexOf(host) + 1;
  const ids = planned.flatMap(({ plan }) => (plan.kind === 'steps' ? [...(plan.ids ?? [])] : []));
  const numbers = ids
    .filter(([host, id]) => Number(cluster.variablesOf(host).read('zookeeper_myid') ?? position(host)) !== id)
    .map(([host, id]) => `  ${placeAt(cluster.inventory.hosts.get(host)?.span)}${host}: zookeeper_myid: ${id}`);
  const lines = [...removals, ...numbers];
  const isChanged = planned.some(({ plan }) => plan.kind === 'steps' && plan.steps.length > 0);
  if (lines.length === 0 && !isChanged) return [];
  return [
    lines.length === 0 ? '\nDone. The inventory is right as it stands.' : '\nDone. Write into the inventory:',
    ...lines,
    ...(numbers.length === 0
      ? []
      : ['(without `zookeeper_myid` these would be numbered by their position in the group)']),
    'Then `runner apply` tells the new list to whoever connects to it, one host at a time.',
  ];
}

function placeAt(span: Span | undefined): string {
  return span === undefined ? '' : `${formatSpan(span)}: `;
}
