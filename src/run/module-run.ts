import {
  type AnyModule,
  type CommandReply,
  type Comparison,
  type Controller,
  type HostWriter,
  type InventoryMember,
  type Look,
  type ModuleContext,
  ModuleFailure,
  type ModuleResult,
  type Resource,
} from '../modules/types.js';
import type { Confirmation } from '../modules/confirmation.js';
import { anything, type Promises } from '../modules/promises.js';
import { idleJob } from '../modules/support/job.js';
import { placeInFile } from '../core/error-place.js';
import type { ShellText } from '../shell/text.js';
import { Unknown, type Value } from '../template/value.js';
import { type AsyncSettings, asyncWriter, JobStarted } from './async-run.js';
import type { Clock } from './clock.js';
import { type HostAccess, hostReader, hostWriter } from './host.js';
import { isTaskError, resultOfError } from './task-error.js';
import { type ItemResult, openResult, registered, unknown } from './result.js';

/** One module, ready to run on one host for one item. */
export interface ModuleRun {
  readonly module: AnyModule;
  readonly params: unknown;
  readonly controller: Controller;
  readonly access: HostAccess;
  /** Predict only: no writer is ever built. */
  readonly preview: boolean;
  /** What earlier tasks of the preview would have made on this host. */
  readonly promises: Promises;
  /** Run the module's command as a job of its own. */
  readonly job?: AsyncSettings;
  readonly clock: Clock;
  /** What an earlier run that this one goes on with did already; undefined: it has to be done. */
  readonly earlier?: (prepared: unknown) => ItemResult | undefined;
  /** Asks the look's script, or knows its answer already. Throws UnreachableError. */
  readonly look: (script: ShellText) => Promise<CommandReply>;
  /** Told before and after anything that may change a host or waits for something. */
  readonly onDisturbance: () => void;
  /** Told before a change what earlier confirmations it makes void. */
  readonly onUnsettled: (subject: Resource) => void;
  /** Told after a change what is to be looked at once more later. */
  readonly onConfirmation: (confirmation: Confirmation) => void;
  /** Variables the module sets for the host. */
  readonly onFacts: (facts: Readonly<Record<string, Value>>) => void;
  /** Adds to the run's inventory; false when all of it was there. Throws ModuleFailure for settings that make no sense. */
  readonly onMember: (member: InventoryMember) => boolean;
}

/**
 * prepare → look → compare, then the change unless it is a preview. A module that refuses before its change is a result
 * of its own: nothing was touched. Throws ModuleFailure, UnreachableError, BecomeError.
 */
export async function runModule(run: ModuleRun): Promise<ItemResult> {
  try {
    return await lookAndChange(run);
  } catch (error) {
    throw ownFault(run.module, error);
  }
}

/** A mistake in the code of a project's own module fails its task, with its place; in ours it ends the run. */
function ownFault({ name, file }: AnyModule, error: unknown): unknown {
  if (file === undefined || isTaskError(error)) return error;
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const at = placeInFile(file, error);
  const place = at === undefined ? file : `${file}:${at.line}:${at.column}`;
  return new ModuleFailure(`the module \`${name}\` (${place}) is wrong: ${said}`);
}

async function lookAndChange(run: ModuleRun): Promise<ItemResult> {
  let compared: ItemResult | Difference;
  try {
    compared = await compare(run);
  } catch (error) {
    if (error instanceof ModuleFailure) return { ...resultOfError(error, { cancelled: false }), intact: true };
    throw error;
  }
  return 'comparison' in compared ? change(run, compared) : compared;
}

/** What the change has to do. */
interface Difference {
  readonly comparison: Extract<Comparison, { kind: 'change' | 'act' }>;
  readonly found: unknown;
  readonly context: ModuleContext<unknown, unknown>;
}

/** Everything that only reads: a result when there is nothing to do, or a preview. */
async function compare(run: ModuleRun): Promise<ItemResult | Difference> {
  const { module, params, controller, preview, promises } = run;
  const prepared = module.prepare ? await module.prepare(controller, params) : undefined;
  if (prepared instanceof Unknown) return unknown(prepared);
  const context = contextOf({ params, prepared, preview, promises });
  if (preview && module.restsOn?.(params).some((resource) => promises.touches(resource))) {
    return unknown(new Unknown('an earlier change hides the answer'));
  }
  let found: unknown;
  try {
    found = await lookAt(module.look(context), run);
  } catch (error) {
    if (preview && error instanceof ModuleFailure && promises.has(anything)) return hidden(error.message);
    throw error;
  }
  const comparison = module.compare(found, context);
  if (comparison.kind === 'same') return same(run, comparison);
  if (comparison.kind === 'unknown') return unknown(new Unknown(comparison.reason));
  if (comparison.kind === 'failed') {
    if (preview && promises.has(anything)) return hidden(comparison.message);
    throw new ModuleFailure(comparison.message, comparison.values);
  }
  if (preview) return predicted(run, comparison);
  return run.earlier?.(prepared) ?? { comparison, found, context };
}

async function change(run: ModuleRun, difference: Difference): Promise<ItemResult> {
  const { comparison, found, context } = difference;
  const changes = comparison.kind === 'change' ? comparison.changes : [];
  run.onDisturbance();
  const unsettled = run.module.unsettles?.({ params: run.params, found, changes });
  if (unsettled !== undefined) run.onUnsettled(unsettled);
  let isJob = false;
  const writer = writerOf(run, () => {
    isJob = true;
  });
  try {
    const result = await run.module.change(writer, { ...context, found, changes });
    if (result.confirmation && result.failed === undefined) run.onConfirmation(result.confirmation);
    // What only mends an owner or a mode has nothing to wait for; an action that was to be a job was meant to be one.
    const isLost = run.job !== undefined && !isJob && comparison.kind === 'act';
    return changed(isLost ? { ...result, warnings: [...(result.warnings ?? []), noJob] } : result, changes);
  } catch (error) {
    if (error instanceof JobStarted) return startedJob(error.id);
    throw error;
  } finally {
    run.onDisturbance();
  }
}

/** What a module sees of its task. */
export function contextOf(options: {
  readonly params: unknown;
  readonly prepared: unknown;
  readonly preview: boolean;
  readonly promises: Promises;
}): ModuleContext<unknown, unknown> {
  const { params, prepared, preview, promises } = options;
  return { params, prepared, preview, ...(preview ? { promised: promises } : {}) };
}

const noJob = '`async` had no effect: the host ran no command that could be a job';

function writerOf(run: ModuleRun, onJob: () => void): HostWriter {
  const writer = hostWriter(run.access);
  const { job, clock, access } = run;
  return job ? asyncWriter({ writer, settings: job, clock, environment: access.environment, onJob }) : writer;
}

function startedJob(id: string): ItemResult {
  const values = { ansible_job_id: id, started: true, finished: false };
  return { status: 'changed', changes: [], values: registered({ status: 'changed', values }), warnings: [] };
}

/** What a look finds. Throws ModuleFailure, UnreachableError. */
export async function lookAt<Found>(
  look: Look<Found>,
  run: Pick<ModuleRun, 'access' | 'look' | 'onDisturbance'>,
): Promise<Found> {
  switch (look.kind) {
    case 'nothing':
      return look.found;
    case 'procedure':
      try {
        return await look.read(hostReader(run.access));
      } finally {
        run.onDisturbance();
      }
    case 'script': {
      const { end, stdout, stderr } = await run.look(look.script);
      if (end.kind === 'code') return look.parse({ code: end.code, stdout, stderr });
      if (end.kind === 'timeout') throw new ModuleFailure(`looking at the host took longer than ${end.seconds} s`);
      throw new ModuleFailure(end.kind === 'signal' ? `looking at the host was ended by ${end.signal}` : end.message);
    }
  }
}

function same(run: ModuleRun, comparison: Extract<Comparison, { kind: 'same' }>): ItemResult {
  if (comparison.facts) run.onFacts(comparison.facts);
  const isNew = comparison.member !== undefined && run.onMember(comparison.member);
  const status = run.preview ? (isNew ? 'change' : 'same') : isNew ? 'changed' : 'ok';
  const { message } = comparison;
  // Whoever asks for the job later finds that there was nothing to do.
  const job = run.job?.pollSeconds === 0 ? { ansible_job_id: idleJob, started: true, finished: true } : {};
  const values = registered({ status, values: { ...comparison.values, ...job } });
  return { status, changes: [], values, warnings: [], ...(message === undefined ? {} : { message }) };
}

function predicted(run: ModuleRun, comparison: Extract<Comparison, { kind: 'change' | 'act' }>): ItemResult {
  if (comparison.kind === 'act') {
    return { ...unknown(new Unknown(`only the action itself can tell: ${comparison.summary}`)), acts: true };
  }
  run.promises.add(comparison.provides ?? [anything]);
  const values = registered({ status: 'change', ...pick(comparison.values) });
  const hole = new Unknown(`known only after the change by ${run.module.name}`);
  return { status: 'change', changes: comparison.changes, values: openResult(values, hole), warnings: [] };
}

function changed(result: ModuleResult, changes: ItemResult['changes']): ItemResult {
  const { failed, values, warnings = [] } = result;
  if (failed !== undefined) {
    return {
      status: 'failed',
      message: failed,
      changes,
      values: registered({ status: 'failed', ...pick(values), message: failed }),
      warnings,
    };
  }
  const status = result.changed === false ? 'ok' : 'changed';
  return {
    status,
    changes: status === 'changed' ? changes : [],
    values: registered({ status, ...pick(values) }),
    warnings,
  };
}

/** After an action whose effects nobody can list, a missing thing may be there by then. */
function hidden(message: string): ItemResult {
  return unknown(new Unknown(`an earlier change hides the answer (now: ${message})`));
}

function pick(values: Readonly<Record<string, Value>> | undefined): {
  readonly values?: Readonly<Record<string, Value>>;
} {
  return values ? { values } : {};
}
