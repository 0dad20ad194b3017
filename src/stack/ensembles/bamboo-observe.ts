import type { Observation, Unmet } from '../../rollout/types.js';
import type { Answer, Endpoint } from '../probe/ask.js';
import { parseHttp, parseJsonBody, textOf } from '../probe/http.js';
import type { BambooRow } from '../status/types.js';
import { listed } from '../status/words.js';
import { versionOf } from '../version.js';
import { memberState, seenOf, unmetMember, type Seen, type Sighting } from './service-members.js';

/** The keys of what a host is asked beyond its Bamboo's own state. */
export const statusKey = 'bamboo status';
export const appsKey = (marathon: Endpoint): string => `${marathon} apps`;
export const infoKey = (marathon: Endpoint): string => `${marathon} info`;

/** What is true of the routes at one moment. */
export type BambooFacts = {
  /** Marathon's apps that have ports and running tasks; null: no Marathon says. */
  readonly apps: readonly string[] | null;
  readonly marathonVersion: string | null;
  /** By host, the backends of its HAProxy that have a server. */
  readonly backends: Readonly<Record<string, readonly string[]>>;
};

interface AppJson {
  readonly id?: unknown;
  readonly tasksRunning?: unknown;
  readonly ports?: unknown;
  readonly portDefinitions?: unknown;
  readonly container?: {
    readonly portMappings?: unknown;
    readonly docker?: { readonly portMappings?: unknown } | null;
  } | null;
}

export function bambooFactsOf(observation: Observation | undefined): BambooFacts | undefined {
  return observation?.baseline as BambooFacts | undefined;
}

export function observeBamboo(
  all: readonly Sighting<BambooRow>[],
  options: { readonly before: Observation | undefined; readonly marathons: readonly Endpoint[] },
): Observation {
  const seen = seenOf(all);
  const facts = readFacts(seen, options.marathons);
  const before = bambooFactsOf(options.before);
  const members = all.map((sighting) =>
    memberState(sighting, ({ row, heard }) => ({
      healthy: row.health.state === 'well' && parseHttp(heard.answers.get(statusKey))?.status === 200,
      leads: false,
    })),
  );
  const working = seen.filter(({ row }) => members.some(({ host, healthy }) => host === row.host && healthy));
  return {
    members,
    unmet: [
      ...members.flatMap((member) => unmetMember(member, 'Bamboo lists its apps and HAProxy answers')),
      ...working.flatMap((one) => unmetApps(one, facts)),
      ...working.flatMap((one) => unmetRoutes(one, { facts, before })),
    ],
    baseline: facts,
  };
}

function unmetApps({ row }: Seen<BambooRow>, { apps }: BambooFacts): readonly Unmet[] {
  const missing = (apps ?? []).filter((app) => row.details?.apps?.includes(app) !== true);
  if (missing.length === 0) return [];
  return [
    {
      host: row.host,
      condition: 'it lists every app of Marathon that has ports and runs',
      said: `it lacks ${listed(missing)}`,
    },
  ];
}

/** A route that was served must be served again, unless an app went meanwhile. */
function unmetRoutes(
  { row }: Seen<BambooRow>,
  { facts, before }: { readonly facts: BambooFacts; readonly before: BambooFacts | undefined },
): readonly Unmet[] {
  const went = before?.apps?.some((app) => facts.apps?.includes(app) !== true) ?? false;
  const missing = (before?.backends[row.host] ?? []).filter(
    (name) => facts.backends[row.host]?.includes(name) !== true,
  );
  if (went || missing.length === 0) return [];
  return [
    {
      host: row.host,
      condition: 'its HAProxy has a server in every backend that it had',
      said: `none in ${listed(missing)}`,
    },
  ];
}

function readFacts(seen: readonly Seen<BambooRow>[], marathons: readonly Endpoint[]): BambooFacts {
  const told = seen.flatMap(({ heard }) =>
    marathons.flatMap((marathon) => {
      const data = jsonOf(heard.answers.get(appsKey(marathon))) as { readonly apps?: unknown } | undefined;
      return Array.isArray(data?.apps) ? [data.apps as readonly AppJson[]] : [];
    }),
  );
  const versions = seen.flatMap(({ heard }) =>
    marathons.flatMap((marathon) => {
      const info = jsonOf(heard.answers.get(infoKey(marathon))) as { readonly version?: unknown } | undefined;
      return versionOf(textOf(info?.version)) ?? [];
    }),
  );
  return {
    apps: told[0]?.filter(isRouted).map(({ id }) => textOf(id)) ?? null,
    marathonVersion: versions[0] ?? null,
    backends: Object.fromEntries(
      seen.map(({ row }) => [
        row.host,
        Object.entries(row.details?.haproxy.backends ?? {}).flatMap(([name, servers]) =>
          servers.length > 0 ? [name] : [],
        ),
      ]),
    ),
  };
}

/** Where the ports of an app are said depends on Marathon's version. */
function isRouted({ tasksRunning, ports, portDefinitions, container }: AppJson): boolean {
  const places = [ports, portDefinitions, container?.portMappings, container?.docker?.portMappings];
  return Number(tasksRunning ?? 0) > 0 && places.some((place) => Array.isArray(place) && place.length > 0);
}

function jsonOf(answer: Answer | undefined): unknown {
  const reply = parseHttp(answer);
  const data = reply?.status === 200 ? parseJsonBody(reply) : undefined;
  return typeof data === 'object' && data !== null ? data : undefined;
}
