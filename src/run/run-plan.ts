import { InputError } from '../core/diagnostic.js';
import { EventBus } from './bus.js';
import { systemClock } from './clock.js';
import type { PlayPreview, RunResult } from './events.js';
import { runGraph } from './graph.js';
import { Recap } from './recap.js';
import type { RunOutcome, RunRequest } from './request.js';
import { RunState } from './run-state.js';
import { settleAll } from './settle.js';
import { findStart, leavesOf } from './start-at.js';

/**
 * Walks a plan on its hosts and tells the sink everything that happens. Throws InputError before anything is done for a
 * `--start-at-task` that does not exist, and passes on what is a mistake of ours.
 */
export async function runPlan(request: RunRequest): Promise<RunOutcome> {
  const clock = request.clock ?? systemClock;
  const started = clock.now();
  const start = findStart(request.plan);
  const recap = new Recap();
  const bus = new EventBus(request.masker, [recap.take, request.sink]);
  const run = new RunState({ request, bus, clock });
  const { preview } = request.options;
  bus.emit({
    kind: 'run-start',
    run: request.id,
    preview,
    playbooks: request.plan.playbooks,
    plays: playsOf(run),
    at: run.started,
  });
  await runGraph({ run, leftOut: start.leftOut, startAtPlay: start.play });
  const { fatal } = run;
  const invalid = fatal?.error instanceof InputError ? fatal.error.diagnostics : undefined;
  for (const diagnostic of invalid ?? [])
    bus.emit({ kind: 'message', level: 'error', text: diagnostic.message, diagnostic });
  await settleAll([...run.hosts].map(async (host) => host.connection.reset()));
  const hosts = new Set([...request.inventory.hosts.keys(), ...[...run.hosts].map(({ name }) => name)]);
  const result = resultOf(run);
  const list = recap.list(hosts);
  bus.emit({
    kind: 'run-end',
    recap: list,
    result,
    milliseconds: clock.now() - started,
    ...(preview ? { predicted: recap.predicted } : {}),
  });
  if (fatal && !invalid) throw fatal.error;
  return { result, recap: list, ...(invalid ? { invalid } : {}) };
}

function resultOf(run: RunState): RunResult {
  if (run.request.signal.aborted) return 'interrupted';
  const hosts = [...run.hosts];
  if (run.fatal || hosts.some((host) => host.failed)) return 'failed';
  return hosts.some((host) => host.unreachable) ? 'unreachable' : 'done';
}

function playsOf(run: RunState): readonly PlayPreview[] {
  return run.request.plan.plays.map(({ name, hosts, needs, play }) => ({
    name,
    hosts,
    needs,
    steps: leavesOf(play).length,
  }));
}
