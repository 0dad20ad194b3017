import type { MemberState, Observation, Unmet } from '../../rollout/types.js';
import { metricsOf } from '../mesos/master-state.js';
import type { Answer } from '../probe/ask.js';
import { parseHttp, parseJsonBody, textOf } from '../probe/http.js';
import type { MasterRow } from '../status/types.js';
import { counted, listed } from '../status/words.js';
import { versionOf } from '../version.js';
import { hostFolder, mesosFlag } from './container-made.js';
import { memberState, seenOf, unmetMember, type Seen, type Sighting } from './service-members.js';

/** The keys of what a master's host is asked beyond the master's own state. */
export const registryKey = 'mesos registry';
export const marathonKey = 'marathon info';

/** What is true of the masters at one moment, beyond each one's health. */
export type MasterFacts = {
  /** As the elected one counts them; null: none is elected, or it does not say. */
  readonly activeAgents: number | null;
  readonly activeFrameworks: number | null;
  readonly agentVersions: readonly string[];
  /** Features without which the registry cannot be read. */
  readonly capabilities: readonly string[];
  readonly marathonVersion: string | null;
  readonly masters: Readonly<Record<string, MasterFact>>;
};

/** How a master that is there was made. */
export type MasterFact = {
  readonly version: string | null;
  readonly quorum: number | null;
  /** The folder of its replicated log in its container, and the folder of the host that it is; null: it does not say, or it is none. */
  readonly workDirectory: string | null;
  readonly hostFolder: string | null;
};

export function factsOf(observation: Observation): MasterFacts | undefined {
  return observation.baseline as MasterFacts | undefined;
}

export function observeMasters(all: readonly Sighting<MasterRow>[], before: Observation | undefined): Observation {
  const seen = seenOf(all);
  const members = all.map((sighting) =>
    memberState(sighting, ({ row }) => ({
      healthy: row.details !== undefined && row.details.recovered !== false,
      leads: row.details?.elected === true,
    })),
  );
  const facts = readFacts(seen);
  const leaders = members.filter(({ leads }) => leads).map(({ host }) => host);
  return {
    members,
    unmet: [
      ...members.flatMap((member) => unmetMember(member, 'the master answers and its replica of the log votes')),
      ...unmetLeader(seen, leaders),
      ...unmetSize(seen, members),
      ...unmetBaseline(facts, before === undefined ? undefined : factsOf(before)),
    ],
    ...(leaders[0] === undefined ? {} : { leader: leaders[0] }),
    baseline: facts,
  };
}

function unmetLeader(seen: readonly Seen<MasterRow>[], leaders: readonly string[]): readonly Unmet[] {
  const [leader] = leaders;
  if (leader === undefined || leaders.length > 1) {
    const said = leader === undefined ? 'none says that it is' : `${listed(leaders)} say that they are`;
    return [{ condition: 'one master is elected', said }];
  }
  const named = seen.find(({ row }) => row.host === leader)?.row.details?.leader;
  return seen.flatMap(({ row, heard }) =>
    row.details === undefined || row.details.leader === named
      ? []
      : [
          {
            host: row.host,
            condition: `it names ${leader}, the elected master`,
            said: row.details.leader === undefined ? 'it names none' : `it names ${heard.hostAt(row.details.leader)}`,
          },
        ],
  );
}

/** From 1.4 on a master says how many replicas the log has. */
function unmetSize(seen: readonly Seen<MasterRow>[], members: readonly MemberState[]): readonly Unmet[] {
  const expected = members.filter(({ present }) => present).length;
  return seen.flatMap(({ row, heard, service }) => {
    const metrics = metricsOf(parseHttp(heard.answers.get(`${service.member.endpoint} metrics`)));
    const size = metrics?.['registrar/log/ensemble_size'];
    if (size === undefined || size === expected) return [];
    const condition = `the replicated log has ${counted(expected, 'replica')} (registrar/log/ensemble_size)`;
    return [{ host: row.host, condition, said: `it counts ${size}` }];
  });
}

function unmetBaseline(facts: MasterFacts, before: MasterFacts | undefined): readonly Unmet[] {
  const pairs = [
    { noun: 'active agent', now: facts.activeAgents, least: before?.activeAgents ?? null },
    { noun: 'active framework', now: facts.activeFrameworks, least: before?.activeFrameworks ?? null },
  ];
  return pairs.flatMap(({ noun, now, least }) =>
    least === null || (now !== null && now >= least)
      ? []
      : [
          {
            condition: `the elected master counts ${counted(least, noun)} as before`,
            said: now === null ? 'no elected master says' : `it counts ${now}`,
          },
        ],
  );
}

function readFacts(seen: readonly Seen<MasterRow>[]): MasterFacts {
  const elected = seen.find(({ row }) => row.details?.elected === true);
  const registry = jsonOf(elected?.heard.answers.get(registryKey)) as
    | { readonly minimum_capabilities?: readonly { readonly capability?: unknown }[] }
    | undefined;
  const agents = jsonOf(elected?.heard.answers.get(`${elected.service.member.endpoint} slaves`)) as
    | { readonly slaves?: readonly { readonly version?: unknown }[] }
    | undefined;
  const marathons = seen.map(
    ({ heard }) => jsonOf(heard.answers.get(marathonKey)) as { readonly version?: unknown } | undefined,
  );
  return {
    activeAgents: elected?.row.details?.activeAgents ?? null,
    activeFrameworks: elected?.row.details?.activeFrameworks ?? null,
    agentVersions: [...new Set((agents?.slaves ?? []).flatMap(({ version }) => versionOf(textOf(version)) ?? []))],
    capabilities: (registry?.minimum_capabilities ?? []).map(({ capability }) => textOf(capability)),
    marathonVersion:
      marathons.map((info) => versionOf(textOf(info?.version))).find((version) => version !== undefined) ?? null,
    masters: Object.fromEntries(seen.flatMap((one) => (one.made === undefined ? [] : [[one.row.host, factOf(one)]]))),
  };
}

function factOf({ row, made }: Seen<MasterRow>): MasterFact {
  const workDirectory = mesosFlag(made, 'work_dir') ?? null;
  const quorum = Number(mesosFlag(made, 'quorum') ?? Number.NaN);
  return {
    version: row.version.running ?? null,
    quorum: Number.isInteger(quorum) ? quorum : null,
    workDirectory,
    hostFolder: made === undefined || workDirectory === null ? null : (hostFolder(made, workDirectory) ?? null),
  };
}

/** What a program answered as JSON; undefined when it is no object. */
function jsonOf(answer: Answer | undefined): unknown {
  const data = parseJsonBody(parseHttp(answer));
  return typeof data === 'object' && data !== null ? data : undefined;
}
