import { CancelledError } from '../core/errors.js';
import type { ShellText } from '../shell/text.js';
import type { Become, ExecResult, Session } from '../transport/types.js';
import type { Clock } from './clock.js';
import type { ControllerFiles } from './controller.js';
import { type ForeseenLook, type Foreseen, foresee } from './foresee.js';
import type { PlayHost } from './play-state.js';
import { stepFiles } from './step-files.js';
import type { UpcomingTask } from './upcoming.js';

/** Looks sent ahead of a host's tasks: at first and at most. The number doubles as long as nothing changes. */
const firstWindow = 2;
const largestWindow = 32;

/** An answer that waited for longer for its task is not used any more, in milliseconds. */
const longestWait = 10_000;

/** Looks that were sent together, with what has to hold still for their answers to count. */
interface Gathering {
  readonly session: Session;
  readonly disturbances: number;
  readonly at: number;
  readonly answers: Map<string, Promise<ExecResult>>;
}

/** An answer of a rehearsal: good for the run itself as long as nothing was disturbed since. */
interface Rehearsed {
  readonly session: Session;
  readonly at: number;
  readonly answer: ExecResult;
}

/** One host's part. */
interface HostAhead {
  window: number;
  /** Of the whole run, at the host's last look. */
  disturbances: number;
  gathering: Gathering | undefined;
}

/**
 * Gathers the looks of the tasks ahead of a host, so that many tasks with nothing to do cost one round trip. An answer
 * is used only for the very script that was sent, on the same connection, and only while nothing in the whole run has
 * changed anything or waited for anything since: one host's change may be what another host's look is about.
 */
export class LookAhead {
  readonly #clock: Clock;
  readonly #files: ControllerFiles;
  readonly #signal: AbortSignal;
  readonly #hosts = new Map<string, HostAhead>();
  /** By host and script: one for each task of the rehearsal that made the look. */
  readonly #rehearsed = new Map<string, Map<string, Rehearsed[]>>();
  #stepFiles = new Map<string, ControllerFiles>();
  #stepFilesAt = 0;
  #disturbances = 0;

  constructor(options: { readonly clock: Clock; readonly files: ControllerFiles; readonly signal: AbortSignal }) {
    this.#clock = options.clock;
    this.#files = options.files;
    this.#signal = options.signal;
  }

  /** To be called before and after anything that may change a host or lets time pass: what was looked at is out of date. */
  disturb(): void {
    this.#disturbances += 1;
    this.#stepFiles = new Map();
    this.#rehearsed.clear();
  }

  /** The controller's files as one step sees them, here and when its looks are foreseen. */
  filesOf(step: string): ControllerFiles {
    const now = this.#clock.now();
    if (now - this.#stepFilesAt > longestWait) {
      this.#stepFiles = new Map();
      this.#stepFilesAt = now;
    }
    const files = this.#stepFiles.get(step) ?? stepFiles(this.#files);
    this.#stepFiles.set(step, files);
    return files;
  }

  /**
   * Makes a look; it was answered already, or the looks of the tasks `ahead` are sent behind it. Nothing changes in a
   * rehearsal, so all that fit are sent at once, and their answers are kept for the run itself.
   */
  async look(options: {
    readonly host: PlayHost;
    readonly session: Session;
    readonly script: ShellText;
    readonly become: Become | undefined;
    readonly signal: AbortSignal;
    readonly ahead: () => Iterable<UpcomingTask>;
    readonly rehearsal: boolean;
  }): Promise<ExecResult> {
    const { host, session, script, become, signal, rehearsal } = options;
    const key = keyOf(options);
    const { name } = host.state;
    const rehearsed = this.#rehearsedFor(host, { session, key });
    if (rehearsed) {
      // Nothing changes in a rehearsal: a second task that makes the same look has the same answer.
      if (rehearsal) this.#keep(name, { key, disturbances: this.#disturbances, rehearsed });
      else this.#rehearsed.get(name)?.get(key)?.shift();
      return rehearsed.answer;
    }
    const gathering = this.#valid(host, session);
    const known = gathering && taken(gathering, key);
    const answered = known && (await orCancelled(known, signal));
    if (gathering && answered?.end.kind === 'code') {
      const { at, disturbances } = gathering;
      if (rehearsal) this.#keep(name, { key, disturbances, rehearsed: { session, at, answer: answered } });
      return answered;
    }
    const asked = session.script({ script, signal, ...(become ? { become } : {}) });
    const window = rehearsal ? largestWindow : this.#windowOf(this.#hosts.get(name));
    const disturbances = this.#disturbances;
    const at = this.#clock.now();
    const next: HostAhead = { window, disturbances, gathering: this.#valid(host, session) };
    this.#hosts.set(name, next);
    if (window > 0) void this.#gather(next, { host, session, ahead: options.ahead });
    const answer = await asked;
    if (rehearsal) this.#keep(name, { key, disturbances, rehearsed: { session, at, answer } });
    return answer;
  }

  #keep(
    host: string,
    entry: { readonly key: string; readonly disturbances: number; readonly rehearsed: Rehearsed },
  ): void {
    const { key, disturbances, rehearsed } = entry;
    if (disturbances !== this.#disturbances || rehearsed.answer.end.kind !== 'code') return;
    const kept = this.#rehearsed.get(host) ?? new Map<string, Rehearsed[]>();
    this.#rehearsed.set(host, kept.set(key, [...(kept.get(key) ?? []), rehearsed]));
  }

  /** What a rehearsal was answered to the same look, as long as it may be used. */
  #rehearsedFor(host: PlayHost, look: { readonly session: Session; readonly key: string }): Rehearsed | undefined {
    const next = this.#rehearsed.get(host.state.name)?.get(look.key)?.[0];
    return next?.session === look.session && this.#clock.now() - next.at <= longestWait ? next : undefined;
  }

  /** Doubles while nothing changes; after a change the next look goes alone. */
  #windowOf(state: HostAhead | undefined): number {
    if (!state) return firstWindow;
    if (state.disturbances !== this.#disturbances) return 0;
    return Math.min(largestWindow, Math.max(firstWindow, state.window * 2));
  }

  /** What was gathered for a host, as long as it may be used. */
  #valid(host: PlayHost, session: Session): Gathering | undefined {
    const gathering = this.#hosts.get(host.state.name)?.gathering;
    if (gathering?.session !== session || gathering.disturbances !== this.#disturbances) return undefined;
    return this.#clock.now() - gathering.at > longestWait ? undefined : gathering;
  }

  async #gather(
    state: HostAhead,
    options: { readonly host: PlayHost; readonly session: Session; readonly ahead: () => Iterable<UpcomingTask> },
  ): Promise<void> {
    const { host, session } = options;
    const { disturbances } = state;
    // Answers to come that are still good stay: a task whose look could not be foreseen does not cost them.
    const gathering = state.gathering ?? { session, disturbances, at: this.#clock.now(), answers: new Map() };
    state.gathering = gathering;
    const isOver = (): boolean =>
      this.#signal.aborted || this.#disturbances !== disturbances || this.#hosts.get(host.state.name) !== state;
    let tasks = 0;
    for (const task of options.ahead()) {
      tasks += 1;
      const foreseen: Foreseen = await foresee(task, host, this.filesOf(task.step.id));
      for (const look of foreseen.looks) {
        if (isOver() || gathering.answers.size >= state.window) return;
        const key = keyOf(look);
        const isKnown = gathering.answers.has(key) || this.#rehearsedFor(host, { session, key }) !== undefined;
        if (!isKnown) gathering.answers.set(key, this.#send(session, look));
      }
      if (foreseen.acts || tasks >= state.window || isOver()) return;
    }
  }

  /** Never throws: a look without an answer is made again when its task is reached. */
  async #send(session: Session, { script, become }: ForeseenLook): Promise<ExecResult> {
    try {
      return await session.script({ script, ahead: true, signal: this.#signal, ...(become ? { become } : {}) });
    } catch {
      return unanswered;
    }
  }
}

const unanswered: ExecResult = {
  end: { kind: 'lost', message: 'not answered' },
  stdout: Buffer.alloc(0),
  stderr: Buffer.alloc(0),
};

/** The answer to a look, once: the same look a second time is a look at something that may be different by then. */
function taken(gathering: Gathering, key: string): Promise<ExecResult> | undefined {
  const answer = gathering.answers.get(key);
  gathering.answers.delete(key);
  return answer;
}

function keyOf({ script, become }: ForeseenLook): string {
  const user = become === undefined ? '' : JSON.stringify([become.method, become.user, become.password]);
  // JSON has no ends of lines in it: two looks have the same key only when both parts are the same.
  return `${user}\n${script.raw}`;
}

/** Waits for an answer no longer than its task may. Throws CancelledError. */
async function orCancelled<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  let cancel: () => void = () => undefined;
  const cancelled = new Promise<never>((_resolve, reject) => {
    cancel = () => reject(new CancelledError('cancelled while waiting for a look'));
  });
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  try {
    return await Promise.race([answer, cancelled]);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
