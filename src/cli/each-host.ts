import pLimit from 'p-limit';
import { UnreachableError } from '../core/errors.js';
import { exitCode } from '../core/exit-code.js';
import { cleanLine } from '../report/clean.js';
import { SessionPool } from '../transport/pool.js';
import { BecomeError, type Become, type ExecEnd, type Session } from '../transport/types.js';
import { withInterrupt } from './interrupt.js';
import type { ChosenHosts } from './open-hosts.js';
import type { OutputOptions } from './options.js';
import { colorsFor, printError, printLine, printLines } from './terminal.js';

const usualForks = 20;

/** How often a host that is still at it is told of, in milliseconds. */
const reminderInterval = 30_000;

/** What a command without a playbook does on one host. */
export interface HostJob {
  readonly host: string;
  readonly session: Session;
  readonly become: Become | undefined;
  readonly signal: AbortSignal;
  /** How long it took to get here, in milliseconds. */
  readonly connectMilliseconds: number;
  /** Prints a line behind the host's name: masked, without control characters. */
  readonly say: (line: string) => void;
  /** The same for lines of a command, its stderr to ours; a promise when whoever reads them here does not keep up. */
  readonly tell: (lines: readonly string[], stream: 'stdout' | 'stderr') => Promise<void> | undefined;
}

/** How a host's part went; a sentence says why it failed. */
export type HostVerdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string; readonly hint?: string };

/** Does something on all chosen hosts at the same time, and gives the exit code of it all; problems are told on stderr. */
export async function onEachHost(request: {
  readonly chosen: ChosenHosts;
  readonly options: OutputOptions & { readonly forks?: number };
  readonly work: (job: HostJob) => Promise<HostVerdict>;
  /** Told about every host, also those that could not be reached. */
  readonly onVerdict?: (host: string, verdict: HostVerdict) => void;
}): Promise<number> {
  const { chosen, options } = request;
  const pool = new SessionPool({ onNotice: printError });
  const limit = pLimit(options.forks ?? usualForks);
  const colors = colorsFor(options);
  try {
    const finished = await withInterrupt(async (signal) =>
      Promise.all(
        chosen.hosts.map((host) =>
          limit(async () => {
            const prefix = colors.bold(`${cleanLine(host)} |`);
            const shown = (text: string): string => chosen.masker.mask(cleanLine(text));
            const say = (line: string): void => printLine(`${prefix} ${shown(line)}`);
            const tell: HostJob['tell'] = (lines, stream) =>
              printLines(
                lines.map((line) => `${prefix} ${shown(line)}`),
                process[stream],
              );
            const started = performance.now();
            const reminder = setInterval(() => {
              const seconds = Math.round((performance.now() - started) / 1000);
              printError(`${prefix} ${colors.dim(`still running after ${seconds} s`)}`);
            }, reminderInterval);
            const verdict = await verdictOf({ ...request, host, pool, signal, say, tell }).finally(() =>
              clearInterval(reminder),
            );
            request.onVerdict?.(host, verdict);
            if (verdict.kind === 'done') return verdict.kind;
            const word = verdict.kind === 'unreachable' ? 'unreachable: ' : '';
            printError(`${prefix} ${colors.red(`${word}${shown(verdict.message)}`)}`);
            if (verdict.kind === 'unreachable' && verdict.hint !== undefined)
              printError(`${prefix} hint: ${shown(verdict.hint)}`);
            return verdict.kind;
          }),
        ),
      ),
    );
    if (finished.kind === 'interrupted') return finished.code;
    if (finished.value.includes('failed')) return exitCode.hostFailed;
    return finished.value.includes('unreachable') ? exitCode.unreachable : exitCode.done;
  } finally {
    await pool.closeAll();
  }
}

async function verdictOf(request: {
  readonly host: string;
  readonly chosen: ChosenHosts;
  readonly pool: SessionPool;
  readonly signal: AbortSignal;
  readonly say: HostJob['say'];
  readonly tell: HostJob['tell'];
  readonly work: (job: HostJob) => Promise<HostVerdict>;
}): Promise<HostVerdict> {
  const { host, chosen, pool, signal, say, tell, work } = request;
  const settings = chosen.settings.get(host);
  if (settings === undefined) return { kind: 'failed', message: 'it is not known how to reach it' };
  const started = performance.now();
  try {
    const session = await pool.session({ host, settings, signal });
    const connectMilliseconds = performance.now() - started;
    return await work({ host, session, become: chosen.becomeOf(host), signal, connectMilliseconds, say, tell });
  } catch (error) {
    if (error instanceof UnreachableError) {
      const { message, hint } = error;
      return { kind: 'unreachable', message, ...(hint === undefined ? {} : { hint }) };
    }
    if (error instanceof BecomeError) return { kind: 'failed', message: error.message };
    throw error;
  }
}

/** What the end of a command means for its host. */
export function verdictOfEnd(end: ExecEnd): HostVerdict {
  switch (end.kind) {
    case 'code':
      return end.code === 0 ? { kind: 'done' } : { kind: 'failed', message: `exit code ${end.code}` };
    case 'signal':
      return { kind: 'failed', message: `killed by ${end.signal}` };
    case 'timeout':
      return { kind: 'failed', message: `ended after ${end.seconds} s: its time was over` };
    case 'lost':
      return { kind: 'unreachable', message: `connection lost: ${end.message}` };
  }
}
