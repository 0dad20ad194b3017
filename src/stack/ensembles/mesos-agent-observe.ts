import type { MemberState, Observation, Unmet } from '../../rollout/types.js';
import { metricsOf, programVersion } from '../mesos/master-state.js';
import type { Answer, Endpoint } from '../probe/ask.js';
import { parseHttp, parseJsonBody, textOf } from '../probe/http.js';
import type { AgentRow } from '../status/types.js';
import { counted } from '../status/words.js';
import { hostFolder, mesosFlag } from './container-made.js';
import { memberState, seenOf, unmetMember, type Seen, type Sighting } from './service-members.js';

/** The keys of what an agent's host is asked beyond the agent's own metrics. */
export const stateKey = 'mesos agent state';
export const oldStateKey = 'mesos agent state.json';
export const masterKey = (master: Endpoint): string => `${master} metrics`;
export const masterVersionKey = (master: Endpoint): string => `${master} version`;

/** What is true of the agents at one moment, beyond each one's health. */
export type AgentFacts = {
  /** As the elected master counts them; null: none says that it is elected. */
  readonly activeAgents: number | null;
  readonly masterVersion: string | null;
  readonly agents: Readonly<Record<string, AgentFact>>;
};

/** An agent and how its container was made. */
export type AgentFact = {
  readonly version: string | null;
  readonly runningTasks: number;
  /** Frameworks whose tasks end with the agent. */
  readonly withoutCheckpoints: readonly string[];
  /** Flags it would be refused with if they changed; null: not given. */
  readonly flags: Readonly<Record<FixedFlag, string | null>>;
  readonly mesosImage: boolean;
  readonly workDirectory: string | null;
  /** The folder of the host that the work directory is; null: none. */
  readonly hostFolder: string | null;
};

/** What an agent must not come back with another value of (mesos docs/agent-recovery.md). */
export const fixedFlags = ['hostname', 'port', 'attributes', 'resources'] as const;
export type FixedFlag = (typeof fixedFlags)[number];

interface AgentState {
  readonly id?: unknown;
  readonly frameworks?: readonly { readonly name?: unknown; readonly id?: unknown; readonly checkpoint?: unknown }[];
}

export function agentFactsOf(observation: Observation | undefined): AgentFacts | undefined {
  return observation?.baseline as AgentFacts | undefined;
}

export function observeAgents(
  all: readonly Sighting<AgentRow>[],
  options: {
    readonly before: Observation | undefined;
    readonly masters: readonly Endpoint[];
    /** Whether an agent must have as many tasks as before. */
    readonly countTasks: boolean;
  },
): Observation {
  const { masters, countTasks } = options;
  const seen = seenOf(all);
  const before = agentFactsOf(options.before);
  const members = all.map((sighting) =>
    memberState(sighting, ({ row, heard }) => {
      const id = textOf(stateIn(heard.answers)?.id);
      return {
        healthy: row.details?.registered === true && row.details.recoveryErrors === 0,
        leads: false,
        identity: id === '' ? undefined : id,
      };
    }),
  );
  const facts = readFacts(seen, masters);
  return {
    members,
    unmet: [
      ...members.flatMap((member) => unmetMember(member, 'the agent has registered without errors of recovery')),
      ...(countTasks ? members.flatMap((member) => unmetTasks(member, { facts, before })) : []),
      ...unmetActive(facts, before),
    ],
    baseline: facts,
  };
}

function unmetTasks(
  { host, healthy }: MemberState,
  { facts, before }: { readonly facts: AgentFacts; readonly before: AgentFacts | undefined },
): readonly Unmet[] {
  const least = before?.agents[host]?.runningTasks ?? 0;
  const now = facts.agents[host]?.runningTasks ?? 0;
  if (!healthy || now >= least) return [];
  return [{ host, condition: `it runs ${counted(least, 'task')} as before`, said: `it runs ${now}` }];
}

function unmetActive(facts: AgentFacts, before: AgentFacts | undefined): readonly Unmet[] {
  const least = before?.activeAgents ?? null;
  if (facts.activeAgents === null)
    return [{ condition: 'an elected master counts the agents', said: 'none says that it is elected' }];
  if (least === null || facts.activeAgents >= least) return [];
  const condition = `the elected master counts ${counted(least, 'active agent')} as before`;
  return [{ condition, said: `it counts ${facts.activeAgents}` }];
}

function readFacts(seen: readonly Seen<AgentRow>[], masters: readonly Endpoint[]): AgentFacts {
  const elected = seen.flatMap(({ heard }) =>
    masters.flatMap((master) => {
      const metrics = metricsOf(parseHttp(heard.answers.get(masterKey(master))));
      if (metrics?.['master/elected'] !== 1) return [];
      return [
        {
          active: metrics['master/slaves_active'],
          version: programVersion(heard.answers.get(masterVersionKey(master))),
        },
      ];
    }),
  );
  return {
    activeAgents: elected[0]?.active ?? null,
    masterVersion: elected[0]?.version ?? null,
    agents: Object.fromEntries(seen.flatMap((one) => (one.made === undefined ? [] : [[one.row.host, factOf(one)]]))),
  };
}

function factOf({ row, heard, made }: Seen<AgentRow>): AgentFact {
  const workDirectory = mesosFlag(made, 'work_dir') ?? null;
  const frameworks = stateIn(heard.answers)?.frameworks ?? [];
  return {
    version: row.version.running ?? null,
    runningTasks: row.details?.runningTasks ?? 0,
    withoutCheckpoints: frameworks.flatMap(({ name, id, checkpoint }) =>
      checkpoint === false ? [textOf(name) || textOf(id)] : [],
    ),
    flags: {
      hostname: mesosFlag(made, 'hostname') ?? null,
      port: mesosFlag(made, 'port') ?? null,
      attributes: mesosFlag(made, 'attributes') ?? null,
      resources: mesosFlag(made, 'resources') ?? null,
    },
    mesosImage: mesosFlag(made, 'docker_mesos_image') !== undefined,
    workDirectory,
    hostFolder: made === undefined || workDirectory === null ? null : (hostFolder(made, workDirectory) ?? null),
  };
}

/** `/state`, or `/state.json` of agents before 0.25. */
function stateIn(answers: ReadonlyMap<string, Answer>): AgentState | undefined {
  for (const key of [stateKey, oldStateKey]) {
    const reply = parseHttp(answers.get(key));
    const data = reply?.status === 200 ? parseJsonBody(reply) : undefined;
    if (typeof data === 'object' && data !== null) return data;
  }
  return undefined;
}
