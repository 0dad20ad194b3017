import { CancelledError, UnreachableError } from '../../core/errors.js';
import type { Ensemble, MemberReply, Observation } from '../../rollout/types.js';
import type { ShellText } from '../../shell/text.js';
import type { Become, ExecEnd } from '../../transport/types.js';
import { BecomeError } from '../../transport/types.js';
import { hostWriter } from '../host.js';
import type { PlayState } from '../play-state.js';
import { settleAll } from '../settle.js';

/** A look that takes longer finds a member that does not answer, in seconds. */
const lookSeconds = 30;

/** Keeping, rolling back and stopping wait for containers to end and to start, in seconds. */
const actionSeconds = 300;

/** Members cannot be asked for a reason that waiting does not mend: the host refuses sudo. */
export class AskRefused extends Error {
  override readonly name = 'AskRefused';
  readonly host: string;

  constructor(host: string, message: string) {
    super(message);
    this.host = host;
  }
}

/** What a script on a host came to; `said` is its last line when it failed. */
export type Performed = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly said: string };

/** The members of one ensemble, as the run reaches them. */
export class Members {
  readonly #play: PlayState;
  readonly #ensemble: Ensemble;
  readonly #becomeOf: (host: string) => Become | undefined;
  /** Hosts that did not answer last: asked over a new connection next time. */
  readonly #silent = new Set<string>();

  constructor(options: {
    readonly play: PlayState;
    readonly ensemble: Ensemble;
    readonly becomeOf: (host: string) => Become | undefined;
  }) {
    this.#play = options.play;
    this.#ensemble = options.ensemble;
    this.#becomeOf = options.becomeOf;
  }

  /** Members whose host answered the last time. */
  get answered(): ReadonlySet<string> {
    return new Set(this.#ensemble.members.filter((host) => !this.#silent.has(host)));
  }

  /** Asks every member at once, never from memory. Throws AskRefused, CancelledError, and what ends the run (a lock). */
  async observe(before?: Observation): Promise<Observation> {
    const { run } = this.#play;
    // Whatever is looked at for the play's tasks is older than what is seen here.
    run.lookAhead.disturb();
    const replies = await settleAll(
      this.#ensemble.members.map(async (host) => [host, await run.forks.run(async () => this.#ask(host))] as const),
    );
    // What did not answer because the run is being stopped is not down.
    if (run.halted) throw new CancelledError('the run was stopped');
    return this.#ensemble.observe(new Map(replies), before);
  }

  /** Runs one of the ensemble's scripts on a host. Never throws for what becomes of it. */
  async perform(host: string, script: ShellText): Promise<Performed> {
    const { run } = this.#play;
    run.lookAhead.disturb();
    const become = this.#becomeOf(host);
    const writer = hostWriter({
      name: host,
      address: run.request.addressOf?.(host).address ?? host,
      connection: run.host(host).connection,
      become,
      environment: {},
      signal: run.request.signal,
      progress: () => undefined,
    });
    try {
      const { end, stdout, stderr } = await writer.run(script, { timeoutSeconds: actionSeconds });
      if (end.kind === 'code' && end.code === 0) return { kind: 'done' };
      return { kind: 'failed', said: lastLine(stderr) ?? lastLine(stdout) ?? endWords(end) };
    } catch (error) {
      if (error instanceof UnreachableError || error instanceof BecomeError)
        return { kind: 'failed', said: error.message };
      throw error;
    }
  }

  async #ask(host: string): Promise<MemberReply> {
    const { run } = this.#play;
    const { connection } = run.host(host);
    if (this.#silent.delete(host)) void connection.reset().catch(() => undefined);
    const become = this.#becomeOf(host);
    try {
      const session = await connection.session();
      const { end, stdout, stderr } = await session.script({
        script: this.#ensemble.look(host),
        timeoutSeconds: lookSeconds,
        signal: run.request.signal,
        ...(become ? { become } : {}),
      });
      if (end.kind === 'code') return { kind: 'reply', reply: { code: end.code, stdout, stderr } };
      return this.#unreached(host, endWords(end));
    } catch (error) {
      if (error instanceof UnreachableError) return this.#unreached(host, error.message);
      if (error instanceof BecomeError) throw new AskRefused(host, error.message);
      throw error;
    }
  }

  #unreached(host: string, reason: string): MemberReply {
    this.#silent.add(host);
    return { kind: 'unreached', reason };
  }
}

function endWords(end: ExecEnd): string {
  switch (end.kind) {
    case 'code':
      return `it ended with exit code ${end.code}`;
    case 'signal':
      return `it was ended by ${end.signal}`;
    case 'timeout':
      return `it did not answer within ${end.seconds} s`;
    case 'lost':
      return end.message;
  }
}

function lastLine(bytes: Buffer): string | undefined {
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.at(-1);
}
