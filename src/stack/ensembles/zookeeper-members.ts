import type { EnsembleContext, MemberVariables } from '../../rollout/types.js';
import { isValueMap, type Value } from '../../template/value.js';
import type { Endpoint } from '../probe/ask.js';
import { versionOf } from '../version.js';
import { hostsInGroup, numberOf, wordOf } from './member-variables.js';

/** What the inventory wants of one server. */
export interface ZooKeeperMember {
  readonly host: string;
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly container: string;
  /** The folder of the host that holds conf, data and datalog. */
  readonly directory: string;
  /** Undefined: the image alone says it, and it is no number. */
  readonly version?: string;
  /** Its line in zoo.cfg: "10.0.0.1:2888:3888". */
  readonly server: string;
}

/** The servers of the inventory, in its order, as the role numbers them. */
export function zookeeperMembers(context: EnsembleContext): readonly ZooKeeperMember[] {
  const members = hostsInGroup(context, { variable: 'zookeeper_group', usual: 'zookeeper' });
  const listed = listedMembers(members[0]?.read('zookeeper_members'));
  return members.map((member, position) => memberOf(member, { position, listed: listed.get(member.host) }));
}

interface Listed {
  readonly id: string;
  readonly address?: string;
}

function memberOf(
  member: MemberVariables,
  { position, listed }: { readonly position: number; readonly listed: Listed | undefined },
): ZooKeeperMember {
  const address = listed?.address ?? wordOf(member, 'node_address') ?? member.address;
  const version = versionOf(wordOf(member, 'zookeeper_version'));
  const [quorum, election] = [
    numberOf(member, 'zookeeper_quorum_port', 2888),
    numberOf(member, 'zookeeper_election_port', 3888),
  ];
  return {
    host: member.host,
    id: listed?.id ?? wordOf(member, 'zookeeper_myid') ?? String(position + 1),
    endpoint: `${address}:${numberOf(member, 'zookeeper_client_port', 2181)}`,
    container: wordOf(member, 'zookeeper_container') ?? 'zookeeper',
    directory: wordOf(member, 'zookeeper_directory') ?? '/data/zookeeper',
    ...(version === undefined ? {} : { version }),
    server: `${address}:${quorum}:${election}`,
  };
}

/** The role's own list, where it can be told before a run. */
function listedMembers(value: Value | undefined): ReadonlyMap<string, Listed> {
  if (!Array.isArray(value)) return new Map();
  return new Map(
    (value as readonly Value[]).flatMap((each): [string, Listed][] => {
      if (!isValueMap(each)) return [];
      const { host, id, address } = each;
      if (typeof host !== 'string' || (typeof id !== 'number' && typeof id !== 'string')) return [];
      return [[host, { id: String(id), ...(typeof address === 'string' ? { address } : {}) }]];
    }),
  );
}
