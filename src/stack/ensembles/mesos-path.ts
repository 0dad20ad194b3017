import { agentProblem, libmesosProblem, minimalMesosFor } from '../compatibility.js';
import { compareVersions, isAtLeast } from '../version.js';

/** Why masters must not go from one version to another; undefined: they may (mesos docs/upgrades.md, docs/versioning.md). */
export function mesosPathProblem(from: string, to: string): string | undefined {
  if (isAtLeast(from, '1.0.0') && !isAtLeast(to, '1.0.0'))
    return `Mesos ${from} does not go back to ${to}: only versions of 1.x may go back to one another`;
  if (isAtLeast(from, '1.0.0') || !isAtLeast(to, '1.0.0')) return undefined;
  if (!isAtLeast(from, '0.28.0')) return `Mesos ${from} goes to 0.28 first, then to 1.0, and from there to ${to}`;
  if (isAtLeast(to, '1.1.0'))
    return `Mesos ${from} goes to 1.0 first, masters and then all agents, and from there to ${to}: no later master takes agents of 0.x`;
  return undefined;
}

/** Why masters of one version cannot serve what runs now; every reason. */
export function mastersRefusedBy(options: {
  readonly to: string;
  /** Versions of the agents that run. */
  readonly agents: readonly string[];
  /** Version of the Marathon that runs, as its leader says it. */
  readonly marathon: string | undefined;
}): readonly string[] {
  const { to, agents, marathon } = options;
  const oldest = agents.toSorted(compareVersions)[0];
  const newest = agents.toSorted(compareVersions).at(-1);
  const minimum = marathon === undefined ? undefined : minimalMesosFor(marathon);
  const problems = [
    oldest === undefined ? undefined : agentProblem(oldest, to),
    newest === undefined || newest === oldest ? undefined : agentProblem(newest, to),
    marathon === undefined ? undefined : libmesosProblem(marathon, to),
    minimum === undefined || isAtLeast(to, minimum)
      ? undefined
      : `Marathon ${marathon}, which runs, needs Mesos ${minimum} or later, and the masters would be ${to}`,
  ];
  return [...new Set(problems.filter((problem) => problem !== undefined))];
}

/** Features that a registry needs of every master, and the oldest version that has them (mesos docs/downgrades.md). */
const capabilities: Readonly<Record<string, string>> = { AGENT_DRAINING: '1.9.0', QUOTA_V2: '1.9.0' };

/** Which of the registry's minimum capabilities masters of a version lack. */
export function missingCapabilities(to: string, needed: readonly string[]): readonly string[] {
  return needed.filter((capability) => !isAtLeast(to, capabilities[capability] ?? '1.8.0'));
}
