import type { Observation, Refusal } from '../../rollout/types.js';
import type { Value } from '../../template/value.js';
import type { ZooKeeperMember } from './zookeeper-members.js';
import type { ZooKeeperDetails } from './zookeeper-observe.js';
import { youngDataProblem, zookeeperPathProblem } from './zookeeper-path.js';

/** What is asked for before the first step. */
export interface RefusalQuestion {
  readonly members: readonly ZooKeeperMember[];
  readonly observation: Observation;
  readonly pending: readonly string[];
  /** A named operation changes who belongs to the ensemble, and knows how. */
  readonly membershipChange: boolean;
}

/** Why these servers must not be stepped; all reasons at once. */
export function zookeeperRefusals(question: RefusalQuestion): readonly Refusal[] {
  const { members, observation, pending, membershipChange } = question;
  const steps = members.filter(({ host }) => pending.includes(host));
  return [
    ...steps.flatMap((member) => serverRefusals(member, observation)),
    ...(membershipChange ? [] : membershipRefusals(members, observation)),
  ];
}

function detailsOf(observation: Observation, host: string): ZooKeeperDetails | undefined {
  const details: Value | undefined = observation.baseline?.[host];
  return details as ZooKeeperDetails | undefined;
}

function serverRefusals(member: ZooKeeperMember, observation: Observation): readonly Refusal[] {
  const { host } = member;
  const state = observation.members.find((each) => each.host === host);
  const details = detailsOf(observation, host);
  if (state === undefined || details === undefined) return [];
  const path =
    state.version === undefined || member.version === undefined
      ? undefined
      : zookeeperPathProblem(state.version, member.version);
  const young = details.young && member.version !== undefined ? youngDataProblem(member.version) : undefined;
  return [
    ...[path, young].flatMap((problem) => (problem === undefined ? [] : [{ host, ...problem }])),
    ...identityRefusals(member, state.identity),
    ...dataRefusals(member, details),
  ];
}

function identityRefusals({ host, id }: ZooKeeperMember, identity: string | undefined): readonly Refusal[] {
  if (identity === undefined || identity === id) return [];
  return [
    {
      host,
      message: `it is server ${identity} of the ensemble, and the inventory would make it server ${id}: a server that changes its number forgets its votes`,
      hint: `set \`zookeeper_myid: ${identity}\` for ${host}; a new server in an old one's place is \`runner replace\``,
    },
  ];
}

function dataRefusals(member: ZooKeeperMember, details: ZooKeeperDetails): readonly Refusal[] {
  const { host, container, directory } = member;
  if (details.foreign) {
    return [
      {
        host,
        message: `a server answers at ${member.endpoint}, but not from a container named ${container}: a second one would share its port and its data`,
        hint: 'set `zookeeper_container` to the name it has, or stop the one that is not of this playbook',
      },
    ];
  }
  if (!details.dataKnown) return [];
  if (details.data === null) {
    return [
      {
        host,
        message: `the data of container ${container} is inside the container, not on the host: replacing it would throw the data away`,
        hint: `copy it out first: stop the container, \`docker cp ${container}:…\` to ${directory}/data, then start one that mounts it`,
      },
    ];
  }
  if (details.data === `${directory}/data`) return [];
  return [
    {
      host,
      message: `its data is in ${details.data}, and the inventory would start it on ${directory}/data: it would come up empty`,
      hint: `set \`zookeeper_directory\` so that its folder data is ${details.data}, or move the data while the server is stopped`,
    },
  ];
}

/** Who belongs to an ensemble is not changed by editing a list. */
function membershipRefusals(members: readonly ZooKeeperMember[], observation: Observation): readonly Refusal[] {
  const wanted = new Map(members.length === 1 ? [] : members.map(({ id, server }) => [id, server]));
  const differing = members.flatMap(({ host }) => {
    const servers = detailsOf(observation, host)?.servers;
    const present = observation.members.some((each) => each.host === host && each.present);
    if (!present || servers === undefined || servers === null) return [];
    const words = differences(new Map(Object.entries(servers)), wanted);
    return words.length === 0 ? [] : [{ host, words: words.join(', ') }];
  });
  const [first] = differing;
  if (first === undefined) return [];
  return [
    {
      message: `the ensemble that runs is not the one of the inventory: ${first.host} knows it ${first.words}. Who belongs to an ensemble is not changed by editing a list`,
      hint: 'use `runner scale-out HOST`, `runner scale-in HOST` or `runner replace OLD NEW`',
    },
  ];
}

function differences(running: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): readonly string[] {
  const without = [...wanted]
    .filter(([id]) => !running.has(id))
    .map(([id, server]) => `without server.${id} (${server})`);
  const besides = [...running].filter(([id]) => !wanted.has(id)).map(([id, server]) => `with server.${id} (${server})`);
  const others = [...running].flatMap(([id, server]) => {
    const other = wanted.get(id);
    return other === undefined || other === server ? [] : [`with server.${id} at ${server} instead of ${other}`];
  });
  return [...without, ...besides, ...others];
}
