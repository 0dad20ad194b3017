import pLimit from 'p-limit';
import { UnreachableError } from '../../core/errors.js';
import { exitCode } from '../../core/exit-code.js';
import { cleanLine } from '../../report/clean.js';
import { quote } from '../../shell/quote.js';
import { shellSource } from '../../shell/text.js';
import { SessionPool } from '../../transport/pool.js';
import { BecomeError, type ExecEnd } from '../../transport/types.js';
import { withInterrupt } from '../interrupt.js';
import { chooseHosts, type ChosenHosts } from '../open-hosts.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { colorsFor, printError, printLine } from '../terminal.js';

const usualForks = 20;

export interface ExecRequest {
  readonly pattern: string;
  readonly command: readonly string[];
  readonly options: InventoryOptions &
    ConnectionOptions &
    OutputOptions & { readonly forks?: number; readonly shell?: boolean; readonly timeout?: number };
}

type Outcome = 'done' | 'failed' | 'unreachable';

/** `runner exec PATTERN -- COMMAND`: runs it on every host at the same time; each line comes with its host's name before it. */
export async function exec(request: ExecRequest): Promise<number> {
  const chosen = await chooseHosts(request);
  const pool = new SessionPool({ onNotice: printError });
  const limit = pLimit(request.options.forks ?? usualForks);
  try {
    const finished = await withInterrupt(async (signal) =>
      Promise.all(chosen.hosts.map((host) => limit(() => execOn({ host, chosen, pool, request, signal })))),
    );
    if (finished.kind === 'interrupted') return finished.code;
    const outcomes = finished.value;
    if (outcomes.includes('failed')) return exitCode.hostFailed;
    return outcomes.includes('unreachable') ? exitCode.unreachable : exitCode.done;
  } finally {
    await pool.closeAll();
  }
}

async function execOn(job: {
  readonly host: string;
  readonly chosen: ChosenHosts;
  readonly pool: SessionPool;
  readonly request: ExecRequest;
  readonly signal: AbortSignal;
}): Promise<Outcome> {
  const { host, chosen, pool, request, signal } = job;
  const { options, command } = request;
  const colors = colorsFor(options);
  const prefix = colors.bold(`${cleanLine(host)} |`);
  const settings = chosen.settings.get(host);
  if (settings === undefined) return 'failed';
  const source = options.shell === true ? command.join(' ') : command.map(quote).join(' ');
  const become = chosen.becomeOf(host);
  const print = (line: string): void => printLine(`${prefix} ${chosen.masker.mask(cleanLine(line))}`);
  try {
    const session = await pool.session({ host, settings, signal });
    const { end } = await session.exec({
      script: shellSource(source),
      signal,
      onLine: print,
      ...(become === undefined ? {} : { become }),
      ...(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout }),
    });
    const problem = problemOf(end);
    if (problem === undefined) return 'done';
    printError(`${prefix} ${colors.red(problem)}`);
    return end.kind === 'lost' ? 'unreachable' : 'failed';
  } catch (error) {
    if (error instanceof UnreachableError) {
      printError(`${prefix} ${colors.red(`unreachable: ${chosen.masker.mask(cleanLine(error.message))}`)}`);
      if (error.hint !== undefined) printError(`${prefix} hint: ${cleanLine(error.hint)}`);
      return 'unreachable';
    }
    if (!(error instanceof BecomeError)) throw error;
    printError(`${prefix} ${colors.red(cleanLine(error.message))}`);
    return 'failed';
  }
}

function problemOf(end: ExecEnd): string | undefined {
  switch (end.kind) {
    case 'code':
      return end.code === 0 ? undefined : `exit code ${end.code}`;
    case 'signal':
      return `killed by ${end.signal}`;
    case 'timeout':
      return `ended after ${end.seconds} s: its time was over`;
    case 'lost':
      return `connection lost: ${end.message}`;
  }
}
