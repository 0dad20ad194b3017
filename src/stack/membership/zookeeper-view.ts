import type { Refusal } from '../../rollout/types.js';
import type { ValueMap } from '../../template/value.js';
import { isAtLeast } from '../version.js';
import type { ListedServer } from '../zookeeper/config.js';
import { type LiveMember, writeItThere } from './types.js';

/** What the servers of the inventory's group say, and what they are configured with. */
export interface ZooKeeperView {
  /** Every host of the group, in the inventory's order, also those that are no members yet. */
  readonly members: readonly LiveMember[];
  /** The `server.N` lines that running servers have, each once; a change that was cut off leaves several lists. */
  readonly listed: readonly ListedServer[];
  /** `zookeeper_myid` of hosts that say one. */
  readonly wantedIds: ReadonlyMap<string, number>;
  /** Hosts that hold data although they are no members. */
  readonly holdData: readonly string[];
  readonly reconfig: boolean;
  /** The ports of quorum and election. */
  readonly ports: { readonly quorum: number; readonly election: number; readonly client: number };
}

/** A member with its number. */
export interface NumberedMember extends LiveMember {
  readonly id: number;
}

/** Those whose address the running servers list. */
export function currentMembers(view: ZooKeeperView): readonly NumberedMember[] {
  return view.members.flatMap((member) => {
    const found = view.listed.find(({ address }) => address === member.address);
    return found === undefined ? [] : [{ ...member, id: found.id }];
  });
}

/** Hosts of a change that are no hosts of the group. */
export function strangers(
  view: { readonly members: readonly LiveMember[] },
  hosts: readonly string[],
): readonly Refusal[] {
  return hosts
    .filter((host) => !view.members.some((member) => member.host === host))
    .map((host) => ({
      host,
      message: `${host} is not in the group of ZooKeeper's servers`,
      hint: writeItThere,
    }));
}

/** The running ensemble must be whole as its servers know it before its members change. */
export function unknownServers(view: ZooKeeperView): readonly Refusal[] {
  const addresses = new Set(view.members.map(({ address }) => address));
  return view.listed
    .filter(({ address }) => !addresses.has(address))
    .map(({ id, address }) => ({
      message: `the running servers list server ${id} at ${address}, and no host of the inventory has that address`,
      hint: 'write its host into the inventory, so that it is known; then `scale-in` or `replace` it',
    }));
}

/** A list that is rolled through restarts must not be read by versions that cannot commit afterwards. */
export function reconfigOffProblem(view: ZooKeeperView): readonly Refusal[] {
  if (view.reconfig) return [];
  return view.members.flatMap(({ host, version }) =>
    version !== undefined && cannotGrow(version)
      ? [
          {
            host,
            message: `ZooKeeper ${version} with reconfig off may be left with a leader that cannot commit after its list of servers changed (ZOOKEEPER-3829)`,
            hint: 'upgrade to 3.5.9, 3.6.2 or later first',
          },
        ]
      : [],
  );
}

function cannotGrow(version: string): boolean {
  const affected: readonly (readonly [string, string])[] = [
    ['3.5.0', '3.5.9'],
    ['3.6.0', '3.6.2'],
  ];
  return affected.some(([from, fixed]) => isAtLeast(version, from) && !isAtLeast(version, fixed));
}

/** The variables under which the role renders exactly these servers. */
export function listVariables(
  members: readonly { readonly host: string; readonly id: number; readonly address: string }[],
): ValueMap {
  return {
    zookeeper_members: members.map(({ host, id, address }) => ({ host, id, address })),
    zookeeper_membership_change: true,
  };
}

/** "server.4=10.0.0.4:2888:3888;2181", as `reconfig -add` takes it. */
export function serverLine(member: { readonly id: number; readonly address: string }, view: ZooKeeperView): string {
  const { quorum, election, client } = view.ports;
  const address = member.address.includes(':') ? `[${member.address}]` : member.address;
  return `server.${member.id}=${address}:${quorum}:${election};${client}`;
}
