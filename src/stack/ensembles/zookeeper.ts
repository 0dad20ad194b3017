import type { Ensemble, EnsembleContext, EnsembleKind, MemberVariables } from '../../rollout/types.js';
import { forgetStep, keepStep, rollBackStep, type KeptThings } from './kept-container.js';
import { numberOf, saysYes } from './member-variables.js';
import { zookeeperLook } from './zookeeper-look.js';
import { zookeeperMembers, type ZooKeeperMember } from './zookeeper-members.js';
import { observeZooKeeper } from './zookeeper-observe.js';
import { zookeeperRefusals } from './zookeeper-refusals.js';

/** Set by the named operations, which change who belongs to the ensemble in the order that is safe. */
export const membershipChangeVariable = 'zookeeper_membership_change';

/** A ZooKeeper ensemble: followers first, the leader last, and after each step all followers in sync again. */
export const zookeeperKind: EnsembleKind = {
  name: 'zookeeper',
  summary:
    'A ZooKeeper ensemble: before the next server is stopped there is one leader, and all followers are in sync with it.',
  settings: {},
  open: openZooKeeper,
};

function openZooKeeper(context: EnsembleContext): Ensemble {
  const members = zookeeperMembers(context);
  const byHost = new Map(members.map((member) => [member.host, member]));
  const variables = context.hosts.find(({ host }) => byHost.has(host));
  const membershipChange = variables !== undefined && saysYes(variables, membershipChangeVariable);
  const memberOn = (host: string): ZooKeeperMember => {
    const member = byHost.get(host);
    if (member === undefined) throw new Error(`${host} is no member of the ensemble`);
    return member;
  };
  return {
    title: 'ZooKeeper',
    members: members.map(({ host }) => host),
    quorum: Math.floor(members.length / 2) + 1,
    timing: {
      inARow: 3,
      intervalSeconds: 1,
      deadlineSeconds: variables === undefined ? 140 : usualDeadline(variables),
    },
    look: (host) => zookeeperLook(memberOn(host)),
    observe: (replies) => observeZooKeeper(members, replies),
    refusals: (observation, pending) => zookeeperRefusals({ members, observation, pending, membershipChange }),
    keep: (host) => keepStep(keptOf(memberOn(host))),
    rollBack: (host) => rollBackStep(keptOf(memberOn(host))),
    forget: (host) => forgetStep(keptOf(memberOn(host))),
  };
}

function keptOf({ container, directory }: ZooKeeperMember): KeptThings {
  return { container, files: [`${directory}/conf/zoo.cfg`, `${directory}/conf/java.env`] };
}

/** A server may take `initLimit` ticks for its first sync, after it has started. */
function usualDeadline(variables: MemberVariables): number {
  const firstSync =
    (numberOf(variables, 'zookeeper_init_limit', 10) * numberOf(variables, 'zookeeper_tick_time', 2000)) / 1000;
  return Math.ceil(firstSync + numberOf(variables, 'zookeeper_start_timeout', 120));
}
