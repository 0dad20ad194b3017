import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError, UnreachableError } from '../../core/errors.js';
import {
  awaitContainer,
  isContainer,
  type LoggedName,
  logScript,
  splitStamp,
  type LogWish,
} from '../../stack/lifecycle/log-script.js';
import { BecomeError } from '../../transport/types.js';
import type { OpenCluster } from '../open-cluster.js';

/** How long one question waits for a container to come back; it is then asked again. */
const awaitSeconds = 60;
const reconnectMilliseconds = 2000;

export interface LogSource {
  readonly host: string;
  readonly component: LoggedName;
  /** The container, or for HAProxy the file that its lines go to. */
  readonly place: string;
}

export interface LogJob {
  readonly cluster: OpenCluster;
  readonly source: LogSource;
  readonly wish: LogWish;
  readonly timestamps: boolean;
  readonly signal: AbortSignal;
  /** Lines that came together; awaited before more are asked for. */
  readonly onLines: (lines: readonly string[]) => void | Promise<void>;
  /** What is not of the log: the container stopped, the connection was lost. */
  readonly onNotice: (text: string) => void;
}

export type LogOutcome = 'done' | 'failed' | 'unreachable';

/**
 * Prints a log. Followed, it goes on until the signal fires: with the container that takes the place of this one, and
 * over a connection that was lost; no line comes twice.
 */
export async function followLog(job: LogJob): Promise<LogOutcome> {
  const { wish, signal, onNotice } = job;
  const seen: Seen = { stamp: undefined, isBegun: false };
  for (;;) {
    const outcome = await attempt(job, seen);
    if (!wish.follow || signal.aborted) return outcome;
    if (outcome === 'unreachable') {
      onNotice('the connection is gone; trying again');
      await wait(reconnectMilliseconds, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return outcome;
      continue;
    }
    if (!isContainer(job.source.component)) return outcome;
    onNotice('its container does not run; waiting for it');
    if (!(await comesBack(job))) return 'done';
  }
}

interface Seen {
  /** The time of the last line that was printed. */
  stamp: string | undefined;
  /** Something was printed. */
  isBegun: boolean;
}

async function attempt(job: LogJob, seen: Seen): Promise<LogOutcome> {
  const { cluster, source, wish, signal, onLines, onNotice } = job;
  // A log without comparable times goes on with what is new: what came while the connection was gone is not told.
  const fresh: LogWish = seen.isBegun ? { ...wish, tail: '0' } : wish;
  const again: LogWish = seen.stamp === undefined ? fresh : { ...wish, since: seen.stamp, tail: 'all' };
  const newest = seen.stamp;
  return guarded(job, async () => {
    const { session, become } = await cluster.reach(source.host);
    const { end } = await session.exec({
      script: logScript(source.component, { place: source.place, wish: again }),
      signal,
      ...(become === undefined ? {} : { become }),
      onLines: (lines) =>
        onLines(
          lines.flatMap((line) => {
            const { stamp, text } = splitStamp(line);
            // The engine gives the line of the very time it is asked from once more.
            if (stamp !== undefined && newest !== undefined && stamp <= newest) return [];
            seen.stamp = stamp ?? seen.stamp;
            seen.isBegun = true;
            return [job.timestamps ? line : text];
          }),
        ),
    });
    switch (end.kind) {
      case 'code':
        return end.code === 0 ? 'done' : 'failed';
      case 'lost':
        if (!signal.aborted && !wish.follow) onNotice(`the connection was lost: ${end.message}`);
        return 'unreachable';
      case 'signal':
      case 'timeout':
        return 'failed';
    }
  });
}

/** Whether it runs again; false: the signal fired first. */
async function comesBack(job: LogJob): Promise<boolean> {
  const { cluster, source, signal } = job;
  while (!signal.aborted) {
    const outcome = await guarded(job, async () => {
      const script = awaitContainer(source.place, awaitSeconds);
      const { code } = await cluster.run(source.host, script, { timeoutSeconds: awaitSeconds + 30 });
      return code === 0 ? 'done' : 'failed';
    });
    if (outcome === 'done') return true;
    if (outcome === 'unreachable') await wait(reconnectMilliseconds, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

async function guarded(job: LogJob, work: () => Promise<LogOutcome>): Promise<LogOutcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CancelledError) return 'done';
    const reason = job.cluster.troubleOf(error);
    if (reason === undefined) throw error;
    if (!job.wish.follow || error instanceof BecomeError) job.onNotice(reason);
    return error instanceof UnreachableError ? 'unreachable' : 'failed';
  }
}
