import type { Log } from './log.js';
import { reason } from './exit.js';
import type { ZooKeeper } from './zookeeper.js';

export interface Member {
  readonly node: string;
  readonly data: Buffer;
}

/** The digits that ZooKeeper put behind a sequential node's name. */
export function sequenceOf(node: string): number {
  return Number.parseInt(/(\d+)$/.exec(node)?.[1] ?? '0', 10);
}

/**
 * Follows the members of an election: `onLeader` is told the first of them by `order` (undefined: nobody), each time the answer changes.
 * Names that `accept` refuses are not seen, which is how two election libraries can be blind to one another.
 */
export function followLeader(options: {
  zookeeper: ZooKeeper;
  path: string;
  accept: (node: string) => boolean;
  order: (left: string, right: string) => number;
  onLeader: (leader: Member | undefined) => void;
  log: Log;
}): { readonly stop: () => void } {
  const { zookeeper, path } = options;
  let stopped = false;
  let looking = false;
  let again = false;
  let last = '';

  const look = async (): Promise<void> => {
    const nodes = await zookeeper.children(path, () => follow());
    const first = nodes.filter(options.accept).sort(options.order)[0];
    const data = first === undefined ? undefined : await zookeeper.read(`${path}/${first}`);
    if (first !== undefined && data === undefined) {
      again = true;
      return;
    }
    const leader = first === undefined ? undefined : { node: first, data: data ?? Buffer.alloc(0) };
    const seen = JSON.stringify(leader ?? null);
    if (seen === last || stopped) return;
    last = seen;
    options.onLeader(leader);
  };
  const follow = (): void => {
    if (stopped) return;
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    again = false;
    look().then(
      () => {
        looking = false;
        if (again) follow();
      },
      (error: unknown) => {
        looking = false;
        options.log(`election under ${path}: ${reason(error)}`);
        setTimeout(follow, 500).unref();
      },
    );
  };
  follow();
  return {
    stop: () => {
      stopped = true;
    },
  };
}
