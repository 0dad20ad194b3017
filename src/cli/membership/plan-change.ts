import { mastersReplace, mastersScaleIn, mastersScaleOut } from '../../stack/membership/masters.js';
import { servicesReplace, servicesScaleIn, servicesScaleOut } from '../../stack/membership/services.js';
import type { Allowances, MembershipPlan } from '../../stack/membership/types.js';
import { zookeeperScaleIn } from '../../stack/membership/zookeeper-in.js';
import { zookeeperScaleOut } from '../../stack/membership/zookeeper-out.js';
import { zookeeperReplace } from '../../stack/membership/zookeeper-replace.js';
import type { ServiceName } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';
import { liveMembers, zookeeperView } from './situation.js';

/** A named operation on the members of a cluster. */
export type Change =
  | { readonly kind: 'scale-out'; readonly hosts: readonly string[] }
  | { readonly kind: 'scale-in'; readonly hosts: readonly string[] }
  | { readonly kind: 'replace'; readonly old: string; readonly replacement: string };

/** Asks the live cluster and plans what a change takes for one component. */
export async function planChange(request: {
  readonly cluster: OpenCluster;
  readonly component: ServiceName;
  readonly change: Change;
  readonly allow: Allowances;
}): Promise<MembershipPlan> {
  const { cluster, component, change, allow } = request;
  switch (component) {
    case 'zookeeper': {
      const view = await zookeeperView(cluster);
      if (change.kind === 'scale-out') return zookeeperScaleOut(view, change.hosts, allow);
      return change.kind === 'scale-in'
        ? zookeeperScaleIn(view, change.hosts, allow)
        : zookeeperReplace(view, change, allow);
    }
    case 'mesos-master': {
      const view = { members: await liveMembers(cluster, component) };
      if (change.kind === 'scale-out') return mastersScaleOut(view, change.hosts, allow);
      return change.kind === 'scale-in'
        ? mastersScaleIn(view, change.hosts, allow)
        : mastersReplace(view, change, allow);
    }
    case 'mesos-slave':
    case 'marathon':
    case 'bamboo': {
      const view = { component, members: await liveMembers(cluster, component) };
      if (change.kind === 'scale-out') return servicesScaleOut(view, change.hosts);
      return change.kind === 'scale-in' ? servicesScaleIn(view, change.hosts) : servicesReplace(view, change);
    }
  }
}
