import { invariant } from '../core/assert.js';
import { notServing, quorumRefusal } from './quorum.js';
import { healthyCount } from './standing.js';
import type { Ensemble, MemberState, Progress, Step } from './types.js';

/**
 * Whose turn it is, from what the live ensemble said just now: the kind's own word or the usual order, refused where it
 * would break the quorum.
 */
export function nextStep(ensemble: Ensemble, progress: Progress): Step {
  if (progress.pending.length === 0 && progress.stopped.length === 0) return { kind: 'done' };
  const step = ensemble.next?.(progress) ?? usualNext(ensemble, progress);
  if (step.kind !== 'apply' && step.kind !== 'stop') return step;
  const hosts = step.kind === 'apply' ? step.hosts : [step.host];
  invariant(
    hosts.length > 0 && hosts.every((host) => progress.pending.includes(host)),
    `${ensemble.title}: ${hosts.join(', ')} is not to be stepped`,
  );
  const refusal = quorumRefusal(ensemble, { observation: progress.observation, hosts });
  return refusal ? { kind: 'refuse', refusal } : step;
}

/**
 * Hosts that are no members first, then members that are down or not there (they cannot be missed), then those that do
 * not lead, the leader last; at most `maxUnavailable` members away at a time, and as few as the quorum asks for. An
 * ensemble that does not serve is only completed: what is not there yet is brought up together.
 */
export function usualNext(ensemble: Pick<Ensemble, 'title' | 'members' | 'quorum'>, progress: Progress): Step {
  const { observation, pending } = progress;
  const states = new Map(observation.members.map((member) => [member.host, member]));
  const members = pending.flatMap((host) => states.get(host) ?? []);
  const strangers = pending.filter((host) => !states.has(host));
  if (strangers.length > 0) return { kind: 'apply', hosts: strangers, why: `no member of ${ensemble.title}` };
  if (members.length === 0) return { kind: 'done' };
  if (healthyCount(observation) < ensemble.quorum) return completed(ensemble, progress, members);
  const down = members.filter(({ healthy }) => !healthy);
  if (down.length > 0) return applied(down.slice(0, progress.maxUnavailable), 'down already');
  const followers = members.filter(({ leads }) => !leads);
  if (followers.length === 0) return applied(members.slice(0, 1), 'leads, comes last');
  return applied(followers.slice(0, affordable(ensemble, progress)), 'does not lead');
}

function completed(
  ensemble: Pick<Ensemble, 'title' | 'members' | 'quorum'>,
  progress: Progress,
  members: readonly MemberState[],
): Step {
  const { observation, bringUp = false } = progress;
  const down = members.filter(({ healthy, present }) => !healthy && (bringUp || !present));
  if (down.length > 0) return applied(down, `${ensemble.title} does not serve: brought up together`);
  if (ensemble.members.length === 1) return applied(members, 'the only member');
  return { kind: 'refuse', refusal: notServing(ensemble, observation) };
}

/** How many healthy members may go at once: the budget less who is away anyhow, never so many that the quorum breaks. */
function affordable(ensemble: Pick<Ensemble, 'quorum'>, progress: Progress): number {
  const { observation, maxUnavailable } = progress;
  const healthy = healthyCount(observation);
  const away = observation.members.length - healthy;
  return Math.max(1, Math.min(maxUnavailable - away, healthy - ensemble.quorum));
}

function applied(members: readonly MemberState[], why: string): Step {
  return { kind: 'apply', hosts: members.map(({ host }) => host), why };
}
