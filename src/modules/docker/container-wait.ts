import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { HostWriter } from '../types.js';
import type { ContainerState } from './engine-types.js';
import { lastLines } from './container-logs.js';

/** When a started container counts as up. */
export interface Readiness {
  /** Seconds it must keep running. */
  readonly after: number;
  /** Seconds it may take. */
  readonly timeout: number;
  /** Whether its health check must say healthy, where it has one. */
  readonly healthy: boolean;
}

const pollMilliseconds = 500;

/** Waits until a container is up. Gives why it is not, with its last lines, or undefined when it is. */
export async function whyNotUp(
  container: Docker.Container,
  options: { readonly host: HostWriter; readonly readiness: Readiness },
): Promise<string | undefined> {
  const { host, readiness } = options;
  const begun = performance.now();
  const first = (await container.inspect()) as ContainerState;
  for (;;) {
    const state = (await container.inspect()) as ContainerState;
    const seconds = (performance.now() - begun) / 1000;
    const ended = endedWith(state, first);
    if (ended !== undefined) return withLines(ended, container);
    const health = readiness.healthy ? state.State?.Health?.Status : undefined;
    const healthy = health === undefined || health === 'none' || health === 'healthy';
    if (healthy && seconds >= readiness.after) return undefined;
    if (seconds >= readiness.timeout) return withLines(notHealthy(state, readiness.timeout), container);
    host.progress(
      health === undefined
        ? 'waiting whether it keeps running'
        : `waiting until it is healthy (${health}, ${Math.floor(seconds)} s)`,
    );
    await delay(pollMilliseconds, undefined, { signal: host.signal });
  }
}

function endedWith(now: ContainerState, first: ContainerState): string | undefined {
  const { State: state } = now;
  const code = state?.ExitCode ?? 0;
  if (state?.Restarting === true || (now.RestartCount ?? 0) > (first.RestartCount ?? 0))
    return `it ended with code ${code} and is being restarted`;
  if (state?.Running === true) return undefined;
  return `it ended with code ${code}${state?.Error ? ` (${state.Error})` : ''}`;
}

function notHealthy(state: ContainerState, timeout: number): string {
  const said = state.State?.Health?.Log?.at(-1)?.Output?.trim();
  return `it is not healthy after ${timeout} s${said ? `; its health check says: ${said.slice(-500)}` : ''}`;
}

async function withLines(reason: string, container: Docker.Container): Promise<string> {
  const lines = await lastLines(container);
  return lines === '' ? reason : `${reason}; its last lines:\n${lines}`;
}
