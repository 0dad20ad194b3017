import { randomBytes } from 'node:crypto';
import type { CommandReply, HostWriter, RunOptions } from '../modules/types.js';
import { ModuleFailure } from '../modules/types.js';
import { jobStateScript, parseJobState, removeJobScript, startJobScript } from '../modules/support/job.js';
import { joinShell, sh, type ShellText, shellSource } from '../shell/text.js';
import type { Clock } from './clock.js';

/** `async` and `poll` of a task. */
export interface AsyncSettings {
  /** How long the job may take. */
  readonly limitSeconds: number;
  /** Seconds between looks at it; 0: it is not waited for. */
  readonly pollSeconds: number;
}

/** The task's command goes on by itself: the task is over. */
export class JobStarted extends Error {
  override readonly name = 'JobStarted';
  readonly id: string;

  constructor(id: string) {
    super(`job ${id} was started`);
    this.id = id;
  }
}

/**
 * A writer whose user commands run as jobs apart from the connection: it may be lost and made anew while they run.
 * Throws JobStarted out of `run` when nobody waits.
 */
export function asyncWriter(options: {
  readonly writer: HostWriter;
  readonly settings: AsyncSettings;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string>>;
  /** Told of each command that becomes a job. */
  readonly onJob: () => void;
}): HostWriter {
  const { writer, onJob } = options;
  return {
    ...writer,
    run: async (script, run = {}) => {
      if (!run.ownChannel) return writer.run(script, run);
      onJob();
      return runJob({ ...options, script, run });
    },
  };
}

async function runJob(options: {
  readonly writer: HostWriter;
  readonly settings: AsyncSettings;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string>>;
  readonly script: ShellText;
  readonly run: RunOptions;
}): Promise<CommandReply> {
  const { writer, settings, clock } = options;
  const { limitSeconds, pollSeconds } = settings;
  const id = randomBytes(8).toString('hex');
  const started = await writer.run(startJobScript({ id, limitSeconds }), { stdin: Buffer.from(sourceOf(options)) });
  if (started.end.kind !== 'code' || started.end.code !== 0) {
    throw new ModuleFailure(`the job could not be started: ${started.stderr.toString('utf8').trim()}`);
  }
  if (pollSeconds <= 0) throw new JobStarted(id);
  for (;;) {
    await clock.sleep(pollSeconds * 1000, writer.signal);
    const { end, stdout, stderr } = await writer.query(jobStateScript(id));
    const state = parseJobState({ code: end.kind === 'code' ? end.code : 1, stdout, stderr }, limitSeconds);
    if (state.kind === 'unknown') throw new ModuleFailure(`the job ${id} is gone from the host`);
    if (state.kind === 'running') continue;
    await writer.run(removeJobScript(id));
    return state.reply;
  }
}

/** The job's source: environment, folder, standard input, then the command. */
function sourceOf(options: {
  readonly script: ShellText;
  readonly run: RunOptions;
  readonly environment: Readonly<Record<string, string>>;
}): string {
  const { script, run } = options;
  const { stdin, directory, environment = {} } = run;
  const exports = Object.entries({ ...options.environment, ...environment }).map(([name, value]) =>
    joinShell([shellSource(`export ${name}=`), sh`${value}`], ''),
  );
  const enter = directory === undefined ? [] : [sh`cd -- ${directory} || exit 1`];
  const input = stdin === undefined ? [] : [sh`printf %b ${octal(stdin)} |`];
  return joinShell([...exports, ...enter, ...input, shellSource('('), script, shellSource(')')]).raw;
}

/** Bytes as `printf %b` understands them, NUL included. */
function octal(bytes: Buffer): string {
  return [...bytes].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
}
