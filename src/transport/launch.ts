import { CancelledError, UnreachableError } from '../core/errors.js';
import { awaitToken, type TokenOutcome, type TokenWait } from './awaited-token.js';
import { becomeFailure, becomeFailureMessage, becomeProgram, promptsIn, wantsTerminal } from './become.js';
import type { BecomeGate } from './become-gate.js';
import { bootCommand, programLine, randomToken, watchedBootCommand } from './bootstrap.js';
import type { ChannelProcess } from './process.js';
import { BecomeError, type Become } from './types.js';
import { raceAbort } from './wait.js';

/** What a session gives to everything that starts a program. */
export interface Launcher {
  readonly host: string;
  start(command: string): Promise<ChannelProcess>;
  readonly gate: BecomeGate;
}

export interface LaunchRequest {
  /** Shell source for the far side's `sh`. */
  readonly program: string;
  /** The program is a `commandBody`: it counts on the watchdog of its boot command. */
  readonly watched?: boolean;
  readonly become?: Become | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a program and gives its process with stdout and stderr right at the program's first byte: what profiles,
 * banners, lectures and prompts printed before is left out. Throws UnreachableError when the login shell does not
 * start ours, BecomeError when sudo or su refuses, CancelledError when the signal fires first.
 */
export function launch(launcher: Launcher, request: LaunchRequest): Promise<ChannelProcess> {
  const { become } = request;
  if (become === undefined) return launchDirectly(launcher, request);
  return launcher.gate.pass(become, async () => {
    if (!launcher.gate.terminal) {
      const process = await launchBecoming({ launcher, request, become });
      if (process !== 'wants-terminal') return process;
      launcher.gate.terminal = true;
    }
    const process = await launchBecoming({ launcher, request, become });
    if (process === 'wants-terminal') {
      throw new BecomeError('other', `${become.method} on ${launcher.host} wants a terminal (requiretty) and got none`);
    }
    return process;
  });
}

async function launchDirectly(launcher: Launcher, request: LaunchRequest): Promise<ChannelProcess> {
  const token = randomToken();
  const process = await launcher.start(request.watched === true ? watchedBootCommand(token) : bootCommand(token));
  process.stdin.write(programLine(request.program));
  await tokenOnBoth({ launcher, process, token, signal: request.signal });
  return process;
}

/** Waits until both streams passed the token; a process that ends without it has no shell to offer. */
async function tokenOnBoth(options: {
  readonly launcher: Launcher;
  readonly process: ChannelProcess;
  readonly token: string;
  readonly signal: AbortSignal | undefined;
}): Promise<void> {
  const { process, token } = options;
  const stdout = awaitToken({ stream: process.stdout, token });
  const stderr = awaitToken({ stream: process.stderr, token });
  const [output, errors] = await orAborted(options.signal, process, [stdout, stderr]);
  if (output.kind === 'found' && errors.kind === 'found') return;
  throw await shellFailure(options.launcher, process, output, errors);
}

async function shellFailure(
  launcher: Launcher,
  process: ChannelProcess,
  ...outcomes: readonly TokenOutcome[]
): Promise<UnreachableError> {
  const end = await process.exited;
  process.release();
  if (end.kind === 'lost') {
    return new UnreachableError({ host: launcher.host, reason: 'lost', message: end.message });
  }
  const how = end.kind === 'code' ? `exit code ${String(end.code)}` : `signal ${end.signal}`;
  const words = wordsOf(outcomes.map((outcome) => outcome.before.toString('utf8')).join('\n'));
  return new UnreachableError({
    host: launcher.host,
    reason: 'shell',
    message: `the login shell did not start /bin/sh (${how})${words === '' ? '' : `: ${words}`}`,
    hint: 'the login user needs a shell that runs commands, as in `ssh HOST /bin/sh -c true`',
  });
}

async function launchBecoming(options: {
  readonly launcher: Launcher;
  readonly request: LaunchRequest;
  readonly become: Become;
}): Promise<ChannelProcess | 'wants-terminal'> {
  const { launcher, request, become } = options;
  const token = randomToken();
  const prompt = `[${randomToken()}] password: `;
  const program = becomeProgram({ become, token, prompt, terminal: launcher.gate.terminal });
  const process = await launchDirectly(launcher, { program, signal: request.signal });
  let prompts = 0;
  let passwordSent = false;
  const onNoise = (soFar: Buffer): void => {
    const asked = promptsIn(soFar.toString('utf8'), become.method, prompt);
    if (asked <= prompts) return;
    prompts = asked;
    if (asked === 1 && become.password !== undefined) {
      passwordSent = true;
      process.stdin.write(`${become.password}\n`);
    } else {
      // Without an answer, or for a second one: the end of stdin makes it give up.
      process.stdin.end();
    }
  };
  const stdout = awaitToken({ stream: process.stdout, token });
  const stderr = awaitToken({ stream: process.stderr, token, onNoise });
  const [output, errors] = await orAborted(request.signal, process, [stdout, stderr]);
  if (output.kind === 'found' && errors.kind === 'found') {
    process.stdin.write(programLine(request.program));
    return process;
  }
  const end = await process.exited;
  process.release();
  if (end.kind === 'lost') throw new UnreachableError({ host: launcher.host, reason: 'lost', message: end.message });
  const text = Buffer.concat([output.before, errors.before]).toString('utf8').replaceAll(prompt, '');
  if (wantsTerminal(text)) return 'wants-terminal';
  const reason = becomeFailure({ text, prompts, passwordSent });
  const words = wordsOf(text);
  throw new BecomeError(reason, becomeFailureMessage({ reason, become, host: launcher.host, words }));
}

/** Waits for both streams unless the signal fires; then the process is given up. */
async function orAborted(
  signal: AbortSignal | undefined,
  process: ChannelProcess,
  waits: readonly [TokenWait, TokenWait],
): Promise<readonly [TokenOutcome, TokenOutcome]> {
  const both = await raceAbort(Promise.all([waits[0].outcome, waits[1].outcome]), signal);
  if (both !== 'aborted') return both;
  for (const wait of waits) wait.cancel();
  process.release();
  throw new CancelledError('cancelled while a command was starting');
}

/** The host's own words in one short line. */
function wordsOf(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-5)
    .join(' · ')
    .slice(0, 400);
}
