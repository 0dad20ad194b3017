import type { Refusal } from '../../rollout/types.js';
import { compareVersions, versionOf } from '../version.js';
import type { MasterFact, MasterFacts } from './mesos-master-observe.js';
import { staleFilesHint } from './stale-files.js';
import { mastersRefusedBy, mesosPathProblem, missingCapabilities } from './mesos-path.js';
import { saysYes, wordOf } from './member-variables.js';
import type { ServiceMember } from './service-members.js';

/** Set by the named operations, which change the quorum in the order that is safe. */
export const membershipChangeVariable = 'mesos_membership_change';

interface Step {
  readonly service: ServiceMember;
  /** How the master that runs there was made; undefined: there is none yet. */
  readonly fact: MasterFact | undefined;
  readonly to: string | undefined;
}

/** Why masters must not be stepped at all. */
export function masterRefusals(options: {
  readonly services: readonly ServiceMember[];
  readonly facts: MasterFacts | undefined;
  readonly pending: readonly string[];
}): readonly Refusal[] {
  const { services, facts, pending } = options;
  if (facts === undefined) return [];
  const steps = services
    .filter(({ member }) => pending.includes(member.host))
    .map((service): Step => ({
      service,
      fact: facts.masters[service.member.host],
      to: versionOf(wordOf(service.variables, 'mesos_version')),
    }));
  return [
    ...steps.flatMap(movedLog),
    ...quorumRefusals(options, facts),
    ...steps.flatMap(pathRefusal),
    ...companyRefusals(steps, facts),
  ];
}

/** A new container in another place begins with an empty log; one whose log lies inside it takes the log along when it goes. */
function movedLog({ service, fact }: Step): readonly Refusal[] {
  const { host, container } = service.member;
  const from = fact?.workDirectory;
  if (fact === undefined || from === undefined || from === null) return [];
  const wanted = wordOf(service.variables, 'mesos_master_work_dir') ?? from;
  if (fact.hostFolder === null) {
    return [
      {
        host,
        message: `the container \`${container}\` keeps its replicated log in ${from}, which is no folder of the host: whoever replaces the container throws the log away`,
        hint: `stop it, copy ${from} out of it to ${wanted} with \`docker cp\`, and start it with that folder mounted; one master at a time`,
      },
    ];
  }
  if (fact.hostFolder === wanted) return [];
  return [
    {
      host,
      message: `its replicated log is in ${fact.hostFolder}, and the playbook would start it with an empty one in ${wanted}`,
      hint: `set \`mesos_master_work_dir: ${fact.hostFolder}\` for this host`,
    },
  ];
}

/** The quorum is changed by a recipe of its own; more masters than 2*quorum-1 can corrupt the log. */
function quorumRefusals(
  { services, pending }: { readonly services: readonly ServiceMember[]; readonly pending: readonly string[] },
  { masters }: MasterFacts,
): readonly Refusal[] {
  const allowed = services.some(({ variables }) => saysYes(variables, membershipChangeVariable));
  const running = Object.entries(masters).flatMap(([host, { quorum }]) => (quorum === null ? [] : [{ host, quorum }]));
  const wanted = Math.floor(services.length / 2) + 1;
  const other = running.find(({ quorum }) => quorum !== wanted);
  if (allowed || other === undefined || pending.length === 0) return [];
  const { host, quorum } = other;
  const most = 2 * quorum - 1;
  const danger =
    services.length > most
      ? `${services.length} masters with a quorum of ${quorum} could elect two leaders and corrupt the log: it bears ${most}`
      : `a quorum is not changed by editing the list`;
  const operation = wanted > quorum ? 'scale-out' : 'scale-in';
  return [
    {
      host,
      message: `this master runs with a quorum of ${quorum}, and the inventory's ${services.length} masters need ${wanted}: ${danger}`,
      hint: `put the inventory back as it was and use \`runner ${operation}\`, which restarts the masters with the new quorum in the right order`,
    },
  ];
}

function pathRefusal({ service, fact, to }: Step): readonly Refusal[] {
  const from = fact?.version ?? undefined;
  const problem = from === undefined || to === undefined ? undefined : mesosPathProblem(from, to);
  if (problem === undefined || from === undefined || to === undefined) return [];
  return [{ host: service.member.host, message: problem, ...olderHint({ from, to }) }];
}

function olderHint({ from, to }: { readonly from: string; readonly to: string }): { readonly hint?: string } {
  return compareVersions(to, from) < 0
    ? { hint: staleFilesHint({ variable: 'mesos_version', files: to, running: from }) }
    : {};
}

/** What registry, agents and Marathon need of the masters; asked only where a version changes. */
function companyRefusals(steps: readonly Step[], facts: MasterFacts): readonly Refusal[] {
  const changes = steps.flatMap(({ fact, to }) =>
    fact === undefined || fact.version === null || to === undefined || fact.version === to
      ? []
      : [{ from: fact.version, to }],
  );
  const targets = [...new Set(changes.map(({ to }) => to))];
  const company = targets.flatMap((to) => {
    const from = changes.find((change) => change.to === to)?.from ?? to;
    return mastersRefusedBy({ to, agents: facts.agentVersions, marathon: facts.marathonVersion ?? undefined }).map(
      (message) => ({ message, ...olderHint({ from, to }) }),
    );
  });
  const downgrades = changes.filter(({ from, to }) => compareVersions(to, from) < 0).map(({ to }) => to);
  const missing = [...new Set(downgrades)].flatMap((to) =>
    missingCapabilities(to, facts.capabilities).map((capability) => ({ to, capability })),
  );
  return [
    ...company,
    ...missing.map(({ to, capability }) => ({
      message: `the registry needs masters that know ${capability}, and ${to} does not: it would refuse to start`,
      hint: capabilityHint(capability),
    })),
  ];
}

function capabilityHint(capability: string): string {
  return capability === 'AGENT_DRAINING'
    ? 'reactivate every drained or deactivated agent first (REACTIVATE_AGENT)'
    : 'take back what was set with the new feature first (mesos docs/downgrades.md)';
}
