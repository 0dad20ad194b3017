import type { MemberVariables, Refusal } from '../../rollout/types.js';
import { isValueMap } from '../../template/value.js';
import { agentProblem } from '../compatibility.js';
import { isAtLeast, versionOf } from '../version.js';
import { fixedFlags, type AgentFact, type AgentFacts, type FixedFlag } from './mesos-agent-observe.js';
import { mesosPathProblem } from './mesos-path.js';
import { wordOf } from './member-variables.js';
import type { ServiceMember } from './service-members.js';

/** Why agents must not be stepped at all. */
export function agentRefusals(options: {
  readonly services: readonly ServiceMember[];
  readonly facts: AgentFacts | undefined;
  /** The masters' version that the agents will meet. */
  readonly master: string | undefined;
  readonly pending: readonly string[];
}): readonly Refusal[] {
  const { services, facts, master, pending } = options;
  if (facts === undefined) return [];
  return services
    .filter(({ member }) => pending.includes(member.host))
    .flatMap((service) => {
      const fact = facts.agents[service.member.host];
      if (fact === undefined) return [];
      return [
        ...movedWork(service, fact),
        ...reconfigured(service, fact),
        ...losesTasks(service, fact),
        ...versionRefusal(service, { fact, master }),
      ];
    });
}

/** The id of the agent and what it knows of its tasks are in its work directory. */
function movedWork({ member, variables }: ServiceMember, fact: AgentFact): readonly Refusal[] {
  const from = fact.workDirectory;
  if (from === null) return [];
  const wanted = wordOf(variables, 'mesos_slave_work_dir') ?? from;
  if (fact.hostFolder === null) {
    return [
      {
        host: member.host,
        message: `the container \`${member.container}\` keeps its work directory ${from} in itself: without it the agent comes back under another id, and its tasks are lost`,
        hint: drainHint(fact),
      },
    ];
  }
  if (fact.hostFolder === wanted) return [];
  return [
    {
      host: member.host,
      message: `its work directory is ${fact.hostFolder}, and the playbook would start it in ${wanted}, where it is an agent without id and tasks`,
      hint: `set \`mesos_slave_work_dir: ${fact.hostFolder}\` for this host`,
    },
  ];
}

/** An agent that recovers refuses a configuration it cannot reconcile, and its message does not help. */
function reconfigured({ member, variables }: ServiceMember, fact: AgentFact): readonly Refusal[] {
  const additive = reconfigurationPolicy(variables) === 'additive';
  const changes = fixedFlags.flatMap((flag) => {
    const wanted = wantedFlag(variables, flag);
    const now = fact.flags[flag];
    if (wanted === undefined || sameFlag(now, wanted) || (additive && isAdded(flag, { now, wanted }))) return [];
    // A name or port that the container does not give is what the machine says.
    if (now === null && (flag === 'hostname' || flag === 'port')) return [];
    return [`${flag} from ${shown(now)} to ${shown(wanted)}`];
  });
  if (changes.length === 0) return [];
  return [
    {
      host: member.host,
      message: `the agent would be given another ${changes.join(', another ')}: it refuses to start with what is not compatible with its state (reconfiguration_policy is ${additive ? 'additive' : 'equal'})`,
      hint: drainHint(fact),
    },
  ];
}

function drainHint({ workDirectory }: AgentFact): string {
  const latest = `${workDirectory ?? '<work_dir>'}/meta/slaves/latest`;
  return `drain the agent first (its tasks must leave), then remove ${latest} or start it once with --recover=cleanup: it comes back as a new agent`;
}

/** Without containers of their own, executors go down with the agent's. */
function losesTasks({ member }: ServiceMember, fact: AgentFact): readonly Refusal[] {
  const { host } = member;
  const refusals: Refusal[] = [];
  const known = fact.version ?? '';
  if (fact.runningTasks > 0 && !fact.mesosImage && known !== '' && isAtLeast(known, '0.23.0')) {
    refusals.push({
      host,
      message: `the agent runs without --docker_mesos_image: its ${fact.runningTasks} running tasks would end with its container`,
      hint: 'drain the agent first; with `MESOS_DOCKER_MESOS_IMAGE`, which the role sets, its tasks outlive it from then on',
    });
  }
  if (fact.withoutCheckpoints.length > 0) {
    refusals.push({
      host,
      message: `tasks of ${fact.withoutCheckpoints.join(', ')} would be killed: the framework does not checkpoint, so nothing of it outlives a restart of the agent`,
      hint: 'drain the agent first, or stop those tasks',
    });
  }
  return refusals;
}

function versionRefusal(
  { member, variables }: ServiceMember,
  { fact, master }: { readonly fact: AgentFact; readonly master: string | undefined },
): readonly Refusal[] {
  const to = versionOf(wordOf(variables, 'mesos_version'));
  if (to === undefined || to === fact.version) return [];
  const problems = [
    fact.version === null ? undefined : mesosPathProblem(fact.version, to),
    master === undefined ? undefined : agentProblem(to, master),
  ];
  return problems.flatMap((message) => (message === undefined ? [] : [{ host: member.host, message }]));
}

/** What the role would give; undefined: the playbook says nothing of it. */
function wantedFlag(variables: MemberVariables, flag: FixedFlag): string | undefined {
  const options = variables.read('mesos_slave_options');
  const given = isValueMap(options) ? options[flag] : undefined;
  if (typeof given === 'string' || typeof given === 'number') return String(given);
  switch (flag) {
    case 'hostname':
      return wordOf(variables, 'mesos_hostname');
    case 'port':
      return wordOf(variables, 'mesos_slave_port');
    case 'attributes': {
      const attributes = variables.read('mesos_attributes');
      return isValueMap(attributes) ? attributeText(attributes) : undefined;
    }
    case 'resources':
      return isValueMap(options) ? '' : undefined;
  }
}

function attributeText(attributes: Readonly<Record<string, unknown>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}:${String(value)}`)
    .join(';');
}

function reconfigurationPolicy(variables: MemberVariables): string {
  const options = variables.read('mesos_slave_options');
  const policy = isValueMap(options) ? options['reconfiguration_policy'] : undefined;
  return typeof policy === 'string' ? policy : 'equal';
}

function parts(text: string | null): readonly string[] {
  return (text ?? '').split(';').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

function sameFlag(now: string | null, wanted: string): boolean {
  return parts(now).toSorted().join(';') === parts(wanted).toSorted().join(';');
}

/** With `additive` attributes may come, and resources may grow; what was there stays. */
function isAdded(flag: FixedFlag, { now, wanted }: { readonly now: string | null; readonly wanted: string }): boolean {
  if (flag === 'resources') return true;
  return flag === 'attributes' && parts(now).every((part) => parts(wanted).includes(part));
}

function shown(value: string | null): string {
  return value === null || value === '' ? 'none' : `\`${value}\``;
}
