import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What became of the requests of an app while something else went on. */
export interface AppTrafficReport {
  /** Requests through each HAProxy. */
  readonly asked: number;
  /** Requests that were not answered with 200 by the app, by the HAProxy they went through. */
  readonly failed: Readonly<Record<string, number>>;
  /** Times when no HAProxy served the app: a client that tries the other one would have noticed. */
  readonly nowhere: number;
  /** The slowest answer, in milliseconds. */
  readonly slowest: number;
  /** What was said instead, each once, with how often. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface AppTraffic {
  stop(): Promise<AppTrafficReport>;
}

const pauseMilliseconds = 50;
/** Long, since a machine that is busy with other things is slow without anything having failed. */
const patienceMilliseconds = 10_000;

/** Asks for a path through every HAProxy at once, again and again, each time over a connection of its own. */
export function startAppTraffic(options: {
  readonly addresses: readonly string[];
  readonly path: string;
  /** What the app's answer holds, so that no other program can stand in for it. */
  readonly expected: string;
}): AppTraffic {
  const { addresses, path, expected } = options;
  const failed: Record<string, number> = Object.fromEntries(addresses.map((address) => [address, 0]));
  const reasons: Record<string, number> = {};
  const counts = { asked: 0, nowhere: 0, slowest: 0 };
  const stopped = new AbortController();

  const asking = (async () => {
    while (!stopped.signal.aborted) {
      const began = performance.now();
      const answers = await Promise.all(addresses.map((address) => ask(address, { path, expected })));
      counts.asked += answers.length;
      counts.slowest = Math.max(counts.slowest, Math.round(performance.now() - began));
      answers.forEach((reason, index) => {
        if (reason === undefined) return;
        const address = addresses[index] ?? '';
        failed[address] = (failed[address] ?? 0) + 1;
        reasons[`${address}: ${reason}`] = (reasons[`${address}: ${reason}`] ?? 0) + 1;
      });
      if (answers.every((reason) => reason !== undefined)) counts.nowhere++;
      await delay(pauseMilliseconds);
    }
  })();

  return {
    async stop() {
      stopped.abort();
      await asking;
      return { ...counts, failed, reasons };
    },
  };
}

/** Why a request was not served; undefined when it was. */
function ask(
  address: string,
  { path, expected }: { readonly path: string; readonly expected: string },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const outgoing = request({ host: address, path, agent: false, timeout: patienceMilliseconds }, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (body += chunk));
      incoming.on('error', (error) => resolve(error.message));
      incoming.on('end', () => {
        const served = incoming.statusCode === 200 && body.includes(expected);
        resolve(served ? undefined : `${incoming.statusCode} ${body.slice(0, 60).trim()}`);
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 10 s')));
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    outgoing.end();
  });
}
