import { quorumRefusal } from '../../rollout/quorum.js';
import type { Observation, Progress, Refusal, Step } from '../../rollout/types.js';
import { partObservation, type Part } from './docker-observe.js';

/**
 * One host at a time, as every container of it goes with its engine: hosts without an engine together (nothing lives
 * there), then hosts that are down, then those that lead nothing, then leaders: the fewer ensembles a host leads the
 * sooner, and ZooKeeper's leader last of all, as the others stand on it. A host whose step would take the quorum of any
 * ensemble away waits for another's turn; when only such hosts are left, the rollout is refused.
 */
export function nextEngine(parts: readonly Part[], progress: Progress): Step {
  const { observation, pending } = progress;
  if (pending.length === 0) return { kind: 'done' };
  const states = new Map(observation.members.map((member) => [member.host, member]));
  const bare = pending.filter((host) => states.get(host)?.present !== true);
  if (bare.length > 0) return { kind: 'apply', hosts: bare, why: 'no Docker engine there yet' };
  const down = pending.find((host) => states.get(host)?.healthy !== true);
  if (down !== undefined) return { kind: 'apply', hosts: [down], why: 'its Docker engine is down already' };
  const refusals: Refusal[] = [];
  for (const host of byLeading(parts, { hosts: pending, observation })) {
    const refusal = refusalFor(host, { parts, observation });
    if (refusal === undefined) return { kind: 'apply', hosts: [host], why: whyNow(host, { parts, observation }) };
    refusals.push(refusal);
  }
  const [first] = refusals;
  return first === undefined ? { kind: 'done' } : { kind: 'refuse', refusal: first };
}

function byLeading(
  parts: readonly Part[],
  { hosts, observation }: { readonly hosts: readonly string[]; readonly observation: Observation },
): readonly string[] {
  const weight = (host: string): number =>
    ledBy(host, { parts, observation })
      .map(({ kind }) => (kind === 'zookeeper' ? parts.length : 1))
      .reduce((sum, each) => sum + each, 0);
  return hosts.toSorted((left, right) => weight(left) - weight(right));
}

function ledBy(
  host: string,
  { parts, observation }: { readonly parts: readonly Part[]; readonly observation: Observation },
): readonly Part[] {
  return parts.filter(({ kind }) =>
    partObservation(observation, kind)?.members.some((member) => member.host === host && member.leads),
  );
}

function whyNow(host: string, view: Parameters<typeof ledBy>[1]): string {
  const led = ledBy(host, view);
  return led.length === 0 ? 'leads nothing' : `leads ${led.map(({ ensemble }) => ensemble.title).join(' and ')}`;
}

function refusalFor(
  host: string,
  { parts, observation }: { readonly parts: readonly Part[]; readonly observation: Observation },
): Refusal | undefined {
  for (const { kind, ensemble } of parts) {
    const observed = partObservation(observation, kind);
    if (observed === undefined || !ensemble.members.includes(host)) continue;
    const refusal = quorumRefusal(ensemble, { observation: observed, hosts: [host] });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
