import type { MemberState } from '../../rollout/types.js';
import { zookeeperFolders } from '../../stack/backup/configuration.js';
import { lookAtData, parseData } from '../../stack/backup/zookeeper-data.js';
import type { LiveMember } from '../../stack/membership/types.js';
import type { ZooKeeperView } from '../../stack/membership/zookeeper-view.js';
import { splitEndpoint } from '../../stack/probe/ask.js';
import type { ServiceName } from '../../stack/status/types.js';
import { type ListedServer, listedServers, reconfigEnabled } from '../../stack/zookeeper/config.js';
import type { OpenCluster } from '../open-cluster.js';
import { liveEnsemble } from './live-ensemble.js';

/** Every host of a component's group with what is there now. */
export async function liveMembers(cluster: OpenCluster, component: ServiceName): Promise<readonly LiveMember[]> {
  const live = liveEnsemble({ cluster, component });
  const { observation, unreached } = await live.observe();
  return observation.members.map((state) => memberOf(state, { cluster, component, unreached }));
}

function memberOf(
  state: MemberState,
  options: {
    readonly cluster: OpenCluster;
    readonly component: ServiceName;
    readonly unreached: ReadonlySet<string>;
  },
): LiveMember {
  const { cluster, component, unreached } = options;
  const { host, present, healthy, leads, said, version } = state;
  const member = cluster.members.find((one) => one.host === host && one.component === component);
  return {
    host,
    address: member === undefined ? host : splitEndpoint(member.endpoint).host,
    present,
    healthy,
    leads,
    said,
    reachable: !unreached.has(host),
    ...(version === undefined ? {} : { version }),
  };
}

/** The ensemble as its servers are configured now. */
export async function zookeeperView(cluster: OpenCluster): Promise<ZooKeeperView> {
  const members = await liveMembers(cluster, 'zookeeper');
  const found = await Promise.all(
    members
      .filter(({ reachable }) => reachable)
      .map(async (member) => {
        const folders = zookeeperFolders(cluster.variablesOf(member.host));
        return { member, data: parseData(await cluster.run(member.host, lookAtData(folders))) };
      }),
  );
  const listed = found
    .filter(({ member }) => member.healthy)
    .flatMap(({ data }) => listedServers(data.config ?? ''))
    .filter(isFirst);
  const isListed = (address: string): boolean => listed.some((server) => server.address === address);
  const [first] = members;
  const variables = first === undefined ? undefined : cluster.variablesOf(first.host);
  const port = (name: string, usual: number): number => Number(variables?.read(name) ?? usual);
  return {
    members,
    listed,
    wantedIds: new Map(
      members.flatMap(({ host }): [string, number][] => {
        const id = Number(cluster.variablesOf(host).read('zookeeper_myid') ?? Number.NaN);
        return Number.isInteger(id) ? [[host, id]] : [];
      }),
    ),
    holdData: found
      .filter(({ member, data }) => !isListed(member.address) && data.snapshots.length + data.logs.length > 0)
      .map(({ member }) => member.host),
    reconfig: found.some(({ member, data }) => member.healthy && reconfigEnabled(data.config ?? '')),
    ports: {
      quorum: port('zookeeper_quorum_port', 2888),
      election: port('zookeeper_election_port', 3888),
      client: port('zookeeper_client_port', 2181),
    },
  };
}

function isFirst(server: ListedServer, position: number, all: readonly ListedServer[]): boolean {
  return all.findIndex(({ id, address }) => id === server.id && address === server.address) === position;
}
