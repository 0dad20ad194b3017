import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fatal, reason } from '../../shared/exit.js';
import { call, postJson } from '../../shared/http-client.js';
import type { Log } from '../../shared/log.js';
import { emptyRegistry, type Registry } from './registry.js';

export interface LogState {
  readonly status: 'EMPTY' | 'STARTING' | 'VOTING';
  readonly position: number;
  readonly registry: Registry;
}

/**
 * A master's replica of the registry and its dealings with the others. Small, but with the real one's outside: a write needs a quorum of
 * voting replicas, an empty replica catches up from a quorum before it votes, and replicas that are all empty start afresh. Not Paxos:
 * the leader ZooKeeper elected is trusted to be alone.
 */
export interface ReplicatedLog {
  readonly state: () => LogState;
  /** Another master's write; false when this replica does not vote yet or knows better. */
  readonly accept: (record: { position: number; registry: Registry }) => boolean;
  /** One attempt to become VOTING; true when this replica votes. */
  readonly recover: () => Promise<boolean>;
  /** The newest registry a quorum knows; undefined while there is no quorum. */
  readonly fetch: () => Promise<Registry | undefined>;
  /** Resolves when a quorum has it; throws a Fatal when there is none for `storeTimeoutMs`. */
  readonly store: (registry: Registry) => Promise<void>;
}

export function openReplicatedLog(options: {
  workDir: string | undefined;
  quorum: number;
  autoInitialize: boolean;
  storeTimeoutMs: number;
  /** `host:port` of the other masters under log_replicas. */
  peers: () => Promise<readonly string[]>;
  log: Log;
}): ReplicatedLog {
  const { quorum } = options;
  const file = options.workDir === undefined ? undefined : join(options.workDir, 'replicated_log', 'log.json');
  let state: LogState = { status: 'EMPTY', position: 0, registry: emptyRegistry };
  if (file === undefined) state = { ...state, status: 'VOTING' };
  else if (existsSync(file)) state = JSON.parse(readFileSync(file, 'utf8')) as LogState;

  const keep = (next: LogState): void => {
    state = next;
    if (file === undefined) return;
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(next));
    renameSync(`${file}.new`, file);
  };
  const askPeers = async (): Promise<readonly LogState[]> => {
    const answers = await Promise.all(
      (await options.peers()).map(async (peer) => {
        try {
          const answer = await call({ url: `http://${peer}/standin/log`, timeoutMs: 1_000 });
          return [JSON.parse(answer.body) as LogState];
        } catch {
          return [];
        }
      }),
    );
    return answers.flat();
  };
  const newest = (states: readonly LogState[]): LogState | undefined =>
    [...states].sort((a, b) => b.position - a.position)[0];

  const recover = async (): Promise<boolean> => {
    if (state.status === 'VOTING') return true;
    const others = await askPeers();
    const voting = others.filter((other) => other.status === 'VOTING');
    const best = newest(voting);
    if (best !== undefined && voting.length >= quorum) {
      keep({ ...best, status: 'VOTING' });
      options.log(`Replica caught up to position ${best.position} and is VOTING`);
      return true;
    }
    // All replicas are empty: each says so first (STARTING), and votes once all the others have said it too.
    if (!options.autoInitialize || others.length + 1 < 2 * quorum - 1) return false;
    if (state.status === 'STARTING' && others.every((other) => other.status !== 'EMPTY')) {
      keep({ status: 'VOTING', position: 0, registry: emptyRegistry });
      options.log('All replicas were empty: the log is initialised anew and this replica is VOTING');
      return true;
    }
    if (state.status === 'EMPTY' && voting.length === 0) keep({ ...state, status: 'STARTING' });
    return false;
  };

  const store = async (registry: Registry): Promise<void> => {
    const record = { position: state.position + 1, registry };
    keep({ status: state.status, ...record });
    const deadline = Date.now() + options.storeTimeoutMs;
    for (;;) {
      const peers = await options.peers().catch(() => []);
      const taken = await Promise.all(
        peers.map((peer) =>
          postJson(`http://${peer}/standin/log`, record, 1_000).then(
            () => true,
            () => false,
          ),
        ),
      );
      if (taken.filter(Boolean).length + 1 >= quorum) return;
      if (Date.now() > deadline)
        throw new Fatal(
          `Failed to update registry: Failed to perform store within ${options.storeTimeoutMs} ms (no quorum of ${quorum})`,
        );
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };

  return {
    state: () => state,
    accept: (record) => {
      if (state.status !== 'VOTING' || record.position < state.position) return false;
      try {
        keep({ status: 'VOTING', ...record });
      } catch (error) {
        options.log(`Failed to write the log: ${reason(error)}`);
        return false;
      }
      return true;
    },
    recover,
    fetch: async () => {
      if (state.status !== 'VOTING') return undefined;
      const voting = (await askPeers()).filter((other) => other.status === 'VOTING');
      if (voting.length + 1 < quorum) return undefined;
      const best = newest([state, ...voting]);
      if (best !== undefined && best.position > state.position) keep(best);
      return state.registry;
    },
    store,
  };
}
