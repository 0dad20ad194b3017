import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { Diagnostics, InputError } from '../core/diagnostic.js';
import { UnreachableError } from '../core/errors.js';
import { exitCode } from '../core/exit-code.js';
import { localNames } from '../inventory/localhost.js';
import type { ConnectionSettings } from '../inventory/types.js';
import type { Reporter } from '../report/reporter.js';
import type { ControllerFiles } from '../run/controller.js';
import type { RunEvent } from '../run/events.js';
import type { Connect, RunOptions, RunOutcome } from '../run/request.js';
import { runPlan } from '../run/run-plan.js';
import { stackEnsembles } from '../stack/ensembles/catalogue.js';
import { SessionPool } from '../transport/pool.js';
import { chooseReporter } from './choose-reporter.js';
import { resolveConnections } from './connections.js';
import { controllerFiles } from './controller-files.js';
import { type Finished, withInterrupt } from './interrupt.js';
import { lastRunOf, openJournal } from './journal.js';
import { checkOpenFiles } from './open-files.js';
import { lateLayersOf } from './late-layers.js';
import type { LoadedPlan } from './load-plan.js';
import type { PlayOptions } from './options.js';
import { overflowFiles } from './overflow-file.js';
import { printDiagnostics } from './report-error.js';
import { openActions } from './resume/actions-file.js';
import { keepCommand, type KeptCommand } from './resume/kept-command.js';
import { printError } from './terminal.js';

const usualForks = 20;

/** How long an interrupted run waits for hosts that do not answer its goodbye, in milliseconds. */
const shortPatience = 200;

export interface Performance {
  readonly loaded: LoadedPlan;
  /** Of every host that a task may be delegated to (`connectionsOf`). */
  readonly settings: ReadonlyMap<string, ConnectionSettings>;
  readonly options: PlayOptions;
  readonly preview: boolean;
  readonly becomePassword?: string | undefined;
  /** What `-k` asked for, for hosts that the run adds. */
  readonly loginPassword?: string | undefined;
  /** Keeps what `runner resume` needs, and goes on with what an earlier run did. */
  readonly resumable?: { readonly command: KeptCommand; readonly after?: string };
  /** What a command adds to the options of its runs. */
  readonly run?: Partial<RunOptions>;
  /** For who else wants to know what happens; `reporter` in place of the usual one. */
  readonly watch?: Watch;
}

export interface Watch {
  readonly event: (event: RunEvent) => void;
  readonly reporter?: Reporter;
  /** The controller's files as the run is to see them. */
  readonly files?: (files: ControllerFiles) => ControllerFiles;
}

/** Walks a plan on the hosts: with its journal, its locks and its report. */
export async function performRun(performance: Performance): Promise<Finished<RunOutcome>> {
  const { loaded, options, preview } = performance;
  const settings = new Map(performance.settings);
  checkOpenFiles(new Set(loaded.plan.plays.flatMap((play) => play.hosts)).size);
  const id = runId();
  const due = preview ? undefined : lastRunOf(loaded.plan.playbooks)?.due;
  const pool = new SessionPool({ runId: id, onNotice: printError });
  // A preview leaves nothing behind, not even here.
  const journal = preview ? undefined : openJournal(id);
  const resumable = journal === undefined ? undefined : performance.resumable;
  const actions = resumable && openActions({ run: id, after: resumable.after });
  if (resumable) keepCommand(id, resumable.command);
  const { watch } = performance;
  const reporter = watch?.reporter ?? (await chooseReporter({ ...options, diff: options.diff ?? false }));
  const files = controllerFiles(loaded.playbookDirectory);
  let patience: number | undefined;
  try {
    const finished = await withInterrupt((signal) =>
      runPlan({
        id,
        by: whoRuns(),
        plan: loaded.plan,
        inventory: loaded.inventory,
        connect: connector({ pool, settings, signal }),
        addressOf: (host) => addressOf(settings, host),
        lateLayers: lateLayersOf(loaded),
        onMember: (host, inventory) => {
          const found = settingsOf([host], {
            loaded: { ...loaded, inventory },
            options,
            password: performance.loginPassword,
          });
          for (const [name, each] of found) {
            settings.set(name, each);
            for (const secret of [each.password, each.passphrase])
              if (secret !== undefined) loaded.masker.learn(secret);
          }
        },
        modules: loaded.modules,
        ensembles: stackEnsembles,
        includes: loaded.includes,
        files: watch?.files?.(files) ?? files,
        extraVars: loaded.extraVars,
        masker: loaded.masker,
        ...(journal === undefined
          ? {}
          : { overflow: overflowFiles({ folder: journal.folder, masker: loaded.masker }) }),
        ...(actions === undefined ? {} : { actions }),
        signal,
        sink: (event) => {
          journal?.sink(event);
          reporter.event(event);
          watch?.event(event);
        },
        options: {
          preview,
          diff: options.diff ?? false,
          forks: options.forks ?? usualForks,
          become: becomeFlags(options, performance.becomePassword),
          ...(options.forceHandlers === undefined ? {} : { forceHandlers: options.forceHandlers }),
          ...(preview ? {} : { lock: { holder: `${whoRuns()} (pid ${process.pid})` } }),
          ...(due === undefined || due.length === 0 ? {} : { dueHandlers: due }),
          ...performance.run,
        },
      }),
    );
    await reporter.end();
    patience = finished.kind === 'interrupted' ? shortPatience : undefined;
    return finished;
  } finally {
    await pool.closeAll(patience);
    actions?.close();
    journal?.close();
  }
}

/** `pending`: changes that a preview found are an exit code of their own. */
export function exitCodeOfRun(
  finished: Finished<RunOutcome>,
  options: { readonly pending: boolean } = { pending: false },
): number {
  if (finished.kind === 'interrupted') return finished.code;
  const outcome = finished.value;
  if (outcome.invalid !== undefined) return exitCode.badInput;
  if (outcome.locked !== undefined) return exitCode.locked;
  switch (outcome.result) {
    case 'interrupted':
      return exitCode.interrupted;
    case 'failed':
      return exitCode.hostFailed;
    case 'unreachable':
      return exitCode.unreachable;
    case 'done':
      return options.pending && outcome.recap.some((host) => host.changed + host.unknown > 0)
        ? exitCode.changesPending
        : exitCode.done;
  }
}

/** Settings of every host of the inventory: a task may be delegated to any of them. Throws InputError. */
export function connectionsOf(
  loaded: LoadedPlan,
  request: { readonly options: PlayOptions; readonly password: string | undefined },
): ReadonlyMap<string, ConnectionSettings> {
  const { inventory, plan } = loaded;
  const hosts = new Set([...inventory.hosts.keys(), ...plan.plays.flatMap((play) => play.hosts), ...localNames]);
  return settingsOf(hosts, { loaded, ...request });
}

function settingsOf(
  hosts: Iterable<string>,
  request: { readonly loaded: LoadedPlan; readonly options: PlayOptions; readonly password: string | undefined },
): ReadonlyMap<string, ConnectionSettings> {
  const { loaded, options, password } = request;
  const { inventory, extraVars, files } = loaded;
  const diagnostics = new Diagnostics();
  const settings = resolveConnections({
    hosts,
    inventory,
    extraVars,
    options,
    files,
    diagnostics,
    ...(password === undefined ? {} : { password }),
  });
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  printDiagnostics(diagnostics.all);
  return settings;
}

function connector(request: {
  readonly pool: SessionPool;
  readonly settings: ReadonlyMap<string, ConnectionSettings>;
  readonly signal: AbortSignal;
}): Connect {
  const { pool, settings, signal } = request;
  return async (host) => {
    const found = settings.get(host);
    if (found === undefined)
      throw new UnreachableError({ host, reason: 'name-not-found', message: `the inventory has no host \`${host}\`` });
    return pool.session({ host, settings: found, signal });
  };
}

function addressOf(
  settings: ReadonlyMap<string, ConnectionSettings>,
  host: string,
): { readonly address: string; readonly port: number; readonly user: string } {
  const found = settings.get(host);
  return found === undefined
    ? { address: host, port: 22, user: '' }
    : { address: found.address, port: found.port, user: found.user };
}

function becomeFlags(
  options: PlayOptions,
  password: string | undefined,
): { readonly become?: boolean; readonly user?: string; readonly method?: 'sudo' | 'su'; readonly password?: string } {
  return {
    ...(options.become === undefined ? {} : { become: options.become }),
    ...(options.becomeUser === undefined ? {} : { user: options.becomeUser }),
    ...(options.becomeMethod === undefined ? {} : { method: options.becomeMethod === 'su' ? 'su' : 'sudo' }),
    ...(password === undefined ? {} : { password }),
  };
}

/** Who runs the program: `user@machine`. */
export function whoRuns(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** Sorts by time and is unlike any other run's: `20261121-020406-3f9a2c`. */
function runId(): string {
  const now = new Date().toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${now}-${randomBytes(3).toString('hex')}`;
}
