import { Listr, type ListrTaskWrapper, type DefaultRenderer, type SimpleRenderer } from 'listr2';
import type { RunEvent } from '../run/events.js';
import { cleanLine } from './clean.js';
import { formatDuration } from './duration.js';
import { eventLines, type PlainOptions } from './plain.js';
import { advance, type HostProgress, hostLine, noProgress } from './progress.js';
import { recapLines } from './recap.js';
import type { Reporter } from './reporter.js';
import { liveLine, type RolloutEvent, rolloutLines } from './rollout-lines.js';
import { unreachableOnce } from './unreachable.js';

/** With more hosts than this a play is one line that counts them. */
const mostHostLines = 24;

type Row = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

interface HostRow {
  progress: HostProgress;
  row?: Row;
  readonly done: Deferred;
}

interface PlayRow {
  readonly hosts: Map<string, HostRow>;
  ended: boolean;
  row?: Row;
  readonly started: Deferred;
  readonly done: Deferred;
}

/** Live progress: a line per play and host with what runs now; details and the recap follow when it is over. */
export function createTtyReporter(options: PlainOptions): Reporter {
  const { output, colors } = options;
  const plays = new Map<string, PlayRow>();
  const details: string[] = [];
  const isTold = unreachableOnce();
  let preview = false;
  let shown: Promise<unknown> = Promise.resolve();
  let closing: readonly string[] = [];

  const start = (event: Extract<RunEvent, { kind: 'run-start' }>): void => {
    preview = event.preview;
    for (const play of event.plays) plays.set(play.name, newPlayRow());
    const list = new Listr(
      event.plays.map((play) => ({
        title: playTitle(play),
        task: (_context: unknown, row: Row) => showPlay(play.name, row),
      })),
      // Its own signal handler would call process.exit in the middle of a change.
      {
        concurrent: true,
        exitOnError: false,
        registerSignalListeners: false,
        rendererOptions: { collapseErrors: false, showErrorMessage: false, formatOutput: 'truncate' },
      },
    );
    shown = list.run().catch(() => undefined);
  };

  const playTitle = (play: { readonly name: string; readonly needs: readonly string[] }): string =>
    `${cleanLine(play.name)}${play.needs.length > 0 ? colors.dim(` after ${play.needs.map(cleanLine).join(', ')}`) : ''}`;

  const showPlay = async (name: string, row: Row): Promise<unknown> => {
    const play = plays.get(name);
    if (!play) return undefined;
    play.row = row;
    await play.started.promise;
    if (play.hosts.size === 0 || play.hosts.size > mostHostLines) return play.done.promise;
    return row.newListr(
      [...play.hosts].map(([host, hostRow]) => ({
        title: hostLine(host, hostRow.progress, { colors, finished: false, now: Date.now() }),
        task: (_context: unknown, inner: Row): Promise<void> => {
          hostRow.row = inner;
          return hostRow.done.promise;
        },
      })),
      { concurrent: true, exitOnError: true, rendererOptions: { collapseSubtasks: false } },
    );
  };

  const update = (play: PlayRow, host: string, finished: boolean): void => {
    const hostRow = play.hosts.get(host);
    if (!hostRow) return;
    const line = hostLine(host, hostRow.progress, { colors, finished, now: Date.now() });
    if (hostRow.row) {
      hostRow.row.title = line;
      hostRow.row.output = finished ? '' : (hostRow.progress.line ?? '');
    } else if (play.row && !finished) play.row.output = line;
  };

  const onTask = (event: Extract<RunEvent, { ref: unknown }>): void => {
    const play = plays.get(event.ref.play);
    const hostRow = play?.hosts.get(event.ref.host);
    if (!play || !hostRow) return;
    hostRow.progress = advance(hostRow.progress, event, Date.now());
    update(play, event.ref.host, false);
    if (event.kind !== 'task-end' && event.kind !== 'item-end') return;
    const { status, ignored } = event.outcome;
    const matters =
      status === 'failed' ||
      status === 'unreachable' ||
      event.outcome.warnings.length > 0 ||
      (options.diff && (status === 'change' || status === 'changed' || status === 'unknown'));
    if ((matters && !ignored) || options.verbosity > 0)
      details.push(...eventLines(event, { ...options, style: options }));
  };

  const endPlay = (event: Extract<RunEvent, { kind: 'play-end' }>): void => {
    const play = plays.get(event.play);
    if (!play) return;
    play.ended = true;
    const verdict = event.result === 'done' ? '' : ` ${colors.red(event.result)}`;
    if (play.row)
      play.row.title = `${cleanLine(event.play)}${verdict} ${colors.dim(formatDuration(event.milliseconds))}`;
    for (const host of play.hosts.keys()) update(play, host, true);
    play.started.resolve();
    settle(
      play,
      event.result === 'failed' || event.result === 'stopped' || event.result === 'cancelled'
        ? event.result
        : undefined,
    );
  };

  /** A play that the run left unfinished: what was under way on its hosts did not come to its end. */
  const closePlay = (name: string, play: PlayRow, result: string): void => {
    for (const [host, row] of play.hosts) {
      if (result === 'interrupted' && row.progress.task !== undefined)
        row.progress = { ...row.progress, failure: result };
      update(play, host, true);
    }
    if (play.row && result === 'interrupted') play.row.title = `${cleanLine(name)} ${colors.red(result)}`;
    play.started.resolve();
    settle(play, result === 'interrupted' ? result : undefined);
  };

  const onRollout = (event: RolloutEvent): void => {
    const play = plays.get(event.play);
    details.push(...rolloutLines(event, colors));
    const live = liveLine(event);
    if (!play || live === undefined) return;
    for (const host of live.hosts.length > 0 ? live.hosts : play.hosts.keys()) {
      const hostRow = play.hosts.get(host);
      if (hostRow) hostRow.progress = { ...hostRow.progress, line: live.line };
      update(play, host, false);
    }
  };

  return {
    event(event: RunEvent): void {
      switch (event.kind) {
        case 'run-start':
          return start(event);
        case 'play-start': {
          const play = plays.get(event.play);
          for (const host of event.hosts) play?.hosts.set(host, newHostRow());
          play?.started.resolve();
          return undefined;
        }
        case 'play-skipped': {
          const play = plays.get(event.play);
          if (play?.row)
            play.row.title = `${cleanLine(event.play)} ${colors.cyan(`skipped: ${cleanLine(event.reason)}`)}`;
          if (play) play.ended = true;
          play?.started.resolve();
          play?.done.resolve();
          return undefined;
        }
        case 'host-unreachable': {
          const hostRow = plays.get(event.play)?.hosts.get(event.host);
          if (hostRow) hostRow.progress = { ...hostRow.progress, failure: `unreachable: ${cleanLine(event.message)}` };
          if (!isTold(event)) details.push(...eventLines(event, { ...options, style: options }));
          return undefined;
        }
        case 'play-end':
          return endPlay(event);
        case 'message':
          details.push(...eventLines(event, { ...options, style: options }));
          return undefined;
        case 'run-end':
          closing = ['', ...recapLines(event, { preview, colors })];
          for (const [name, play] of plays) if (!play.ended) closePlay(name, play, event.result);
          return undefined;
        case 'rollout-ask':
        case 'rollout-plan':
        case 'rollout-step':
        case 'rollout-gate':
        case 'rollout-roll-back':
        case 'rollout-refused':
        case 'rollout-end':
          return onRollout(event);
        case 'batch-start':
        case 'host-connected':
        case 'handler-due':
        case 'handler-done':
          return undefined;
        case 'task-start':
        case 'task-progress':
        case 'task-running':
        case 'task-retry':
        case 'item-end':
        case 'task-end':
          isTold(event);
          return onTask(event);
      }
    },
    async end(): Promise<void> {
      await shown;
      output.write([...(details.length > 0 ? ['', ...details] : []), ...closing].map((line) => `${line}\n`).join(''));
    },
  };
}

/** Hosts that are well first: the first rejection ends a list's rendering of its rows. */
function settle(play: PlayRow, problem: string | undefined): void {
  const rows = [...play.hosts.values()];
  for (const row of rows) if (row.progress.failure === undefined) row.done.resolve();
  for (const row of rows) if (row.progress.failure !== undefined) row.done.reject(new Error(row.progress.failure));
  if (problem === undefined) play.done.resolve();
  else play.done.reject(new Error(problem));
}

function newPlayRow(): PlayRow {
  return { hosts: new Map(), ended: false, started: newDeferred(), done: newDeferred() };
}

function newHostRow(): HostRow {
  return { progress: noProgress, done: newDeferred() };
}

function newDeferred(): Deferred {
  const { promise, resolve, reject } = withResolvers();
  // A rejection nobody shows (a list that has already ended) is no crash.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

function withResolvers(): {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
} {
  let resolve = (): void => undefined;
  let reject = (_error: Error): void => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
