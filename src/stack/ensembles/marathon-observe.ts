import type { Observation, Unmet } from '../../rollout/types.js';
import type { Answer, Endpoint } from '../probe/ask.js';
import { parseHttp, parseJsonBody, textOf } from '../probe/http.js';
import { programVersion } from '../mesos/master-state.js';
import type { MarathonRow } from '../status/types.js';
import { counted, listed } from '../status/words.js';
import { versionOf } from '../version.js';
import { memberState, seenOf, unmetMember, type Seen, type Sighting } from './service-members.js';

/** The keys of what an instance's host is asked beyond the instance's own state. */
export const subscriptionsKey = 'marathon subscriptions';
export const mesosKey = 'mesos version';

/** What is true of Marathon at one moment, beyond each instance's health. */
export type MarathonFacts = {
  readonly frameworkId: string | null;
  /** Running tasks by app, as the leader says; null: no leader says. */
  readonly running: Readonly<Record<string, number>> | null;
  readonly deployments: number;
  /** Where Marathon up to 1.4 calls back. */
  readonly callbacks: readonly string[];
  readonly mesosVersion: string | null;
  /** `MARATHON_ZK` of the containers that are there. */
  readonly stores: Readonly<Record<string, string>>;
};

export function marathonFactsOf(observation: Observation | undefined): MarathonFacts | undefined {
  return observation?.baseline as MarathonFacts | undefined;
}

export function observeMarathon(all: readonly Sighting<MarathonRow>[], before: Observation | undefined): Observation {
  const seen = seenOf(all);
  const leading = seen.filter(({ row }) => row.role === 'leader');
  const facts = readFacts(seen, leading[0]);
  const members = all.map((sighting) =>
    memberState(sighting, ({ row }) => {
      const leads = row.role === 'leader';
      return { healthy: row.details?.leader !== undefined && (leads || row.role === 'standby'), leads };
    }),
  );
  return {
    members,
    unmet: [
      ...members.flatMap((member) => unmetMember(member, 'the instance answers and knows the leader')),
      ...unmetLeader(seen, leading),
      // About Marathon as a whole, whoever leads: a leader that is still to be stepped is no excuse.
      ...leading.flatMap(({ row }) => unmetLeading(row, { facts, before: marathonFactsOf(before) })),
      ...(facts.deployments > 0 ? [busy(facts.deployments)] : []),
    ],
    ...(leading[0] === undefined ? {} : { leader: leading[0].row.host }),
    baseline: facts,
  };
}

function unmetLeader(seen: readonly Seen<MarathonRow>[], leading: readonly Seen<MarathonRow>[]): readonly Unmet[] {
  const [leader] = leading;
  if (leader === undefined || leading.length > 1) {
    const said =
      leader === undefined ? noneLeads(seen) : `${listed(leading.map(({ row }) => row.host))} answer as leaders`;
    return [{ condition: 'one instance leads', said }];
  }
  return seen.flatMap(({ row, heard }) => {
    const named = row.details?.leader;
    if (row.role !== 'standby' || named === undefined || named === leader.row.details?.leader) return [];
    return [
      { host: row.host, condition: `it stands by for ${leader.row.host}`, said: `it names ${heard.hostAt(named)}` },
    ];
  });
}

/** Why no instance that was asked leads: they may all stand by for one that nobody knows. */
function noneLeads(seen: readonly Seen<MarathonRow>[]): string {
  const named = new Set(
    seen.flatMap(({ row, heard }) => (row.details?.leader === undefined ? [] : [heard.hostAt(row.details.leader)])),
  );
  return named.size === 0 ? 'none answers for itself' : `none answers for itself; they name ${listed([...named])}`;
}

/** What a leader must carry on from before the first step. */
function unmetLeading(
  row: MarathonRow,
  { facts, before }: { readonly facts: MarathonFacts; readonly before: MarathonFacts | undefined },
): readonly Unmet[] {
  const { host } = row;
  const unmet: Unmet[] = [];
  const id = before?.frameworkId ?? null;
  if (id !== null && facts.frameworkId !== id)
    unmet.push({
      condition: `${host}, which leads, has the framework id ${id} as before`,
      said: facts.frameworkId ?? 'it has none yet',
    });
  for (const [app, least] of Object.entries(before?.running ?? {})) {
    const now = facts.running?.[app];
    if (now !== undefined && now >= least) continue;
    const said = now === undefined ? 'it does not list the app' : `it counts ${now}`;
    unmet.push({
      condition: `${host}, which leads, counts ${counted(least, 'running task')} of ${app} as before`,
      said,
    });
  }
  const imageVersion = versionOf(/:v?([^:/@]+)$/.exec(row.image.running ?? '')?.[1]);
  const version = row.version.running;
  if (imageVersion !== undefined && version !== undefined && version !== imageVersion)
    unmet.push({ condition: `${host}, which leads, is ${imageVersion}, as its image says`, said: `it is ${version}` });
  return unmet;
}

function busy(deployments: number): Unmet {
  const are = deployments === 1 ? 'is' : 'are';
  return { condition: 'no deployment is under way', said: `${deployments} ${are} (GET /v2/deployments)` };
}

function readFacts(seen: readonly Seen<MarathonRow>[], leading: Seen<MarathonRow> | undefined): MarathonFacts {
  const details = leading?.row.details;
  const subscriptions = jsonOf(leading?.heard.answers.get(subscriptionsKey)) as
    | { readonly callbackUrls?: readonly unknown[] }
    | undefined;
  return {
    frameworkId: details?.frameworkId ?? null,
    running:
      details?.apps === undefined ? null : Object.fromEntries(details.apps.map(({ id, running }) => [id, running])),
    deployments: details?.deployments ?? 0,
    callbacks: (subscriptions?.callbackUrls ?? []).map(textOf),
    mesosVersion:
      seen.map(({ heard }) => programVersion(heard.answers.get(mesosKey))).find((version) => version !== undefined) ??
      null,
    stores: Object.fromEntries(
      seen.flatMap(({ row, made }) => {
        const store = made?.environment.get('MARATHON_ZK');
        return store === undefined ? [] : [[row.host, store]];
      }),
    ),
  };
}

/** What a program answered as JSON; undefined for an error and for what is no object. */
function jsonOf(answer: Answer | undefined): unknown {
  const reply = parseHttp(answer);
  const data = reply?.status === 200 ? parseJsonBody(reply) : undefined;
  return typeof data === 'object' && data !== null ? data : undefined;
}

/** The znode path in zk://host:port,…/path. */
export function storePath(url: Endpoint): string | undefined {
  return /^zk:\/\/[^/]+(\/.*)$/.exec(url)?.[1];
}
