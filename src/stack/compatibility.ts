import { isAtLeast } from './version.js';

/** The oldest Mesos that each Marathon works with (marathon docs/docs/mesos-compatibility.md). Newest first. */
const minimalMesos = [
  { marathon: '1.7.0', mesos: '1.5.0' },
  { marathon: '1.4.0', mesos: '1.1.0' },
  { marathon: '1.3.0', mesos: '1.0.0' },
] as const;

/** The oldest Mesos a Marathon works with; undefined where nothing is said. */
export function minimalMesosFor(marathon: string): string | undefined {
  return minimalMesos.find((row) => isAtLeast(marathon, row.marathon))?.mesos;
}

/**
 * Whether an agent of one version can register with a master of another: masters from 1.2.1 on and from 1.3 on refuse
 * agents of 0.x, and an agent is never newer than its master (mesos docs/upgrades.md).
 */
export function agentProblem(agent: string, master: string): string | undefined {
  if (!isAtLeast(master, agent))
    return `agents of ${agent} are newer than the masters of ${master}; masters are upgraded first`;
  if (isAtLeast(master, '1.2.1') && !isAtLeast(agent, '1.0.0'))
    return `masters of ${master} refuse agents of ${agent}: bring the agents to 1.0 first`;
  return undefined;
}

/** Marathon's callbacks over HTTP, on which a Bamboo without the event stream lives, are gone from this version on. */
export const noCallbacksFrom = '1.5.0';

/** Bamboo knows the event stream from this version on, and a validation command from the other. */
export const eventStreamFrom = '0.2.20';
export const validationFrom = '0.2.15';

/** Schedulers with libmesos below 0.23, in Marathon's images up to 0.10, cannot find masters of 0.24 and later. */
export function libmesosProblem(marathon: string, mesos: string): string | undefined {
  if (isAtLeast(marathon, '0.11.0') || !isAtLeast(mesos, '0.24.0')) return undefined;
  return `Marathon ${marathon} carries libmesos 0.22, which cannot find masters of ${mesos}: bring Marathon to 0.11 first`;
}
