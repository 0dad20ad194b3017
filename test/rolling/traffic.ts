import { setTimeout as delay } from 'node:timers/promises';
import { children, connectClient, content, create, type ZooKeeperClient } from './zookeeper-client.js';

/** What became of the znodes that were written while something else went on. */
export interface TrafficReport {
  /** Writes that the ensemble acknowledged. */
  readonly acknowledged: number;
  /** Acknowledged writes that one of the members does not know at the end; must be empty. */
  readonly lost: readonly string[];
  /** Acknowledged writes that were read back with their content while it went on. */
  readonly readBack: number;
  /** Acknowledged writes that were read back with another content; must be empty. */
  readonly wrong: readonly string[];
  /** The longest time between two acknowledged writes, in milliseconds. */
  readonly longestGap: number;
  /** Time without an acknowledged write, all gaps above a second together, in milliseconds. */
  readonly withoutService: number;
}

export interface Traffic {
  /** Ends the writing and reads everything back from each member by itself. */
  stop(): Promise<TrafficReport>;
}

const pauseMilliseconds = 20;
const noticeableMilliseconds = 1000;

/** Writes numbered znodes, one after the other, and reads every tenth back through another client, until it is stopped. */
export async function startTraffic(servers: readonly string[]): Promise<Traffic> {
  const root = `/rolling-${Date.now()}`;
  const writer = connectClient(servers.join(','));
  const reader = connectClient([...servers].reverse().join(','));
  await untilDone(() => create(writer, root));
  const written: { readonly name: string; readonly at: number }[] = [];
  const wrong: string[] = [];
  const counts = { readBack: 0 };
  const stopped = new AbortController();

  const writing = (async () => {
    for (let number = 0; !stopped.signal.aborted; number++) {
      const name = String(number).padStart(8, '0');
      // A write whose answer was lost is tried again: the same znode, so nothing is counted twice.
      await untilDone(() => create(writer, `${root}/${name}`, `written-${name}`));
      written.push({ name, at: performance.now() });
      await delay(pauseMilliseconds);
    }
  })();
  const reading = (async () => {
    while (!stopped.signal.aborted) {
      const last = written.at(-1)?.name;
      if (last !== undefined) {
        const found = await content(reader, `${root}/${last}`).catch(() => undefined);
        // A member that has not applied it yet says that there is none: the last reading of all decides.
        if (found === `written-${last}`) counts.readBack++;
        else if (found !== undefined) wrong.push(last);
      }
      await delay(10 * pauseMilliseconds);
    }
  })();

  return {
    async stop() {
      stopped.abort();
      await Promise.all([writing, reading]);
      for (const client of [writer, reader]) client.close();
      const lost = await Promise.all(servers.map((server) => missingOn(server, { root, written })));
      const gaps = written.slice(1).map(({ at }, index) => at - (written[index]?.at ?? at));
      return {
        acknowledged: written.length,
        lost: lost.flat(),
        readBack: counts.readBack,
        wrong,
        longestGap: Math.round(Math.max(0, ...gaps)),
        withoutService: Math.round(
          gaps.filter((gap) => gap > noticeableMilliseconds).reduce((sum, gap) => sum + gap, 0),
        ),
      };
    },
  };
}

/** What one member, asked by itself, does not know of what the ensemble acknowledged. */
async function missingOn(
  server: string,
  { root, written }: { readonly root: string; readonly written: readonly { readonly name: string }[] },
): Promise<readonly string[]> {
  const client: ZooKeeperClient = connectClient(server);
  try {
    // Its last writes may be a moment behind.
    const deadline = Date.now() + 10_000;
    for (;;) {
      const known = new Set(await untilDone(() => children(client, root)));
      const missing = written.filter(({ name }) => !known.has(name)).map(({ name }) => `${name} on ${server}`);
      if (missing.length === 0 || Date.now() > deadline) return missing;
      await delay(200);
    }
  } finally {
    client.close();
  }
}

/** Asks again until there is an answer, as any client of ZooKeeper has to; at most two minutes. */
async function untilDone<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(pauseMilliseconds);
    }
  }
}
