import { setTimeout as wait } from 'node:timers/promises';
import { createRedraw } from '../../report/redraw.js';
import { clusterStatus } from '../../stack/status/cluster-status.js';
import type { ClusterStatus, HostStatus } from '../../stack/status/types.js';
import { recordedChanges } from '../journal.js';
import type { OpenCluster } from '../open-cluster.js';
import type { OutputOptions } from '../options.js';
import { printLine, standardOutput } from '../terminal.js';
import { askHost } from './ask-host.js';
import { type Frame, frameLines, frameOf } from './frame.js';

/** A frame waits so long for hosts that have been answering. */
const leastPatience = 10_000;

interface Watched {
  readonly host: string;
  last: HostStatus | undefined;
  /** Settles when the question under way is answered; never rejects. */
  asking: Promise<void> | undefined;
  /** It let a frame wait in vain: no further one waits for it until it answers. */
  isLate: boolean;
}

/**
 * Asks again and again until the signal fires. A host that does not answer holds up one frame: it goes on being tried
 * beside the others, and is drawn as it was last heard of.
 */
export async function watchStatus(job: {
  readonly cluster: OpenCluster;
  readonly hosts: readonly string[];
  readonly seconds: number;
  readonly options: OutputOptions;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { cluster, hosts, seconds, options, signal } = job;
  const watched = hosts.map((host): Watched => ({ host, last: undefined, asking: undefined, isLate: false }));
  const failure: { error?: unknown } = {};
  const show = presenter(options, seconds);
  try {
    while (!signal.aborted) {
      const nextAt = Date.now() + seconds * 1000;
      for (const each of watched) ask(each, { cluster, failure });
      await patiently(watched, { milliseconds: Math.max(leastPatience, 2000 * seconds), signal });
      if (signal.aborted) break;
      if ('error' in failure) throw failure.error;
      const seen = watched.map(
        ({ host, last }): HostStatus => last ?? { kind: 'failed', host, reason: 'no answer yet' },
      );
      const status = clusterStatus({ hosts: seen, members: cluster.members, changes: recordedChanges() });
      show.frame(cluster.masker.maskData(status));
      await pause(Math.max(0, nextAt - Date.now()), signal);
    }
  } finally {
    show.end();
  }
}

function ask(
  each: Watched,
  { cluster, failure }: { readonly cluster: OpenCluster; readonly failure: { error?: unknown } },
): void {
  each.asking ??= askHost(cluster, each.host).then(
    (answer) => {
      each.last = answer;
      each.isLate = answer.kind === 'unreachable';
      each.asking = undefined;
    },
    (error: unknown) => {
      failure.error = error;
      each.asking = undefined;
    },
  );
}

async function patiently(
  watched: readonly Watched[],
  options: { readonly milliseconds: number; readonly signal: AbortSignal },
): Promise<void> {
  const awaited = watched.filter(({ isLate }) => !isLate);
  const ended = new AbortController();
  const patience = pause(options.milliseconds, AbortSignal.any([options.signal, ended.signal]));
  await Promise.race([Promise.all(awaited.flatMap(({ asking }) => asking ?? [])), patience]);
  ended.abort();
  for (const each of awaited) {
    if (each.asking === undefined || options.signal.aborted) continue;
    each.isLate = true;
    const reason = `no answer within ${Math.round(options.milliseconds / 1000)} s`;
    each.last = { kind: 'failed', host: each.host, reason };
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  // It only ever rejects because of the signal, which the caller looks at itself.
  await wait(milliseconds, undefined, { signal }).catch(() => undefined);
}

interface Presenter {
  frame(status: ClusterStatus): void;
  end(): void;
}

function presenter(options: OutputOptions, seconds: number): Presenter {
  let before: Frame | undefined;
  const linesOf = (status: ClusterStatus, rows?: number): readonly string[] => {
    const now = new Date();
    before = frameOf(status, { now, ...(before === undefined ? {} : { before }) });
    const title = `Every ${seconds} s, ${now.toISOString().slice(0, 19)}Z. * is new. Ctrl-C ends.`;
    // One row is the title's, one the cursor's.
    return [title, ...frameLines(before, options, rows === undefined ? {} : { rows: rows - 2 })];
  };
  if (options.output === 'json') return { frame: (status) => printLine(JSON.stringify(status)), end: () => undefined };
  if (!process.stdout.isTTY || options.output === 'plain' || process.env['TERM'] === 'dumb') {
    return {
      frame: (status) => {
        for (const line of [...linesOf(status), '']) printLine(line);
      },
      end: () => undefined,
    };
  }
  const terminal = {
    write: (text: string) => standardOutput.write(text),
    get columns() {
      return standardOutput.columns;
    },
    get rows() {
      return process.stdout.rows ?? 24;
    },
  };
  const redraw = createRedraw(terminal);
  const onResize = (): void => redraw.forget();
  process.stdout.on('resize', onResize);
  return {
    frame: (status) => redraw.draw(linesOf(status, terminal.rows)),
    end: () => {
      process.stdout.off('resize', onResize);
      redraw.end();
    },
  };
}
