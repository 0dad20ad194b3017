import { setMaxListeners } from 'node:events';
import { InputError } from '../core/diagnostic.js';
import { CancelledError } from '../core/errors.js';
import { localNames } from '../inventory/localhost.js';
import { stepsOfPlay } from '../plan/steps.js';
import { EventBus } from './bus.js';
import { type Clock, systemClock } from './clock.js';
import type { PlayPreview, RunResult } from './events.js';
import { runGraph } from './graph.js';
import { HostLocks, LockedError } from './lock.js';
import { Recap } from './recap.js';
import type { RunOutcome, RunRequest } from './request.js';
import { RunState } from './run-state.js';
import { settleAll } from './settle.js';
import { findStart } from './start-at.js';
import { settlesWithin } from '../transport/wait.js';

/** How long an interrupted run waits for its hosts' answers, in milliseconds. */
const shortPatience = 500;

/**
 * Walks a plan on its hosts and tells the sink everything that happens. Throws InputError before anything is done for a
 * `--start-at-task` that does not exist, and passes on what is a mistake of ours.
 */
export async function runPlan(request: RunRequest): Promise<RunOutcome> {
  const clock = request.clock ?? systemClock;
  const started = clock.now();
  const start = findStart(request.plan);
  // Every task under way listens to the cancel: many listeners are no leak.
  setMaxListeners(0, request.signal);
  const recap = new Recap();
  const bus = new EventBus(request.masker, [recap.take, request.sink]);
  const { preview } = request.options;
  const locks =
    preview || !request.options.lock
      ? undefined
      : createLocks({ request, bus, clock, holder: request.options.lock.holder });
  const run = new RunState({
    request,
    bus,
    clock,
    ...(locks
      ? { onSession: async (session) => (isOnlyHelper(session.host, request) ? undefined : locks.take(session)) }
      : {}),
  });
  bus.emit({
    kind: 'run-start',
    run: request.id,
    preview,
    playbooks: request.plan.playbooks,
    plays: playsOf(run),
    at: run.started,
    ...(request.by === undefined ? {} : { by: request.by }),
  });
  keepDue(run);
  await runGraph({ run, leftOut: start.leftOut, startAtPlay: start.play });
  const { fatal } = run;
  const invalid = fatal?.error instanceof InputError ? fatal.error.diagnostics : undefined;
  for (const diagnostic of invalid ?? [])
    bus.emit({ kind: 'message', level: 'error', text: diagnostic.message, diagnostic });
  const locked = fatal?.error instanceof LockedError ? fatal.error : undefined;
  if (locked) bus.emit({ kind: 'message', level: 'error', text: locked.message });
  const leaving = leave(run, locks);
  // Nobody who pressed Ctrl-C waits for a host that has fallen silent: its lock and what runs there end by themselves.
  await (request.signal.aborted ? settlesWithin(leaving, shortPatience) : leaving);
  const hosts = new Set([...run.inventory.hosts.keys(), ...[...run.hosts].map(({ name }) => name)]);
  const result = resultOf(run);
  const list = recap.list(hosts);
  bus.emit({
    kind: 'run-end',
    recap: list,
    result,
    milliseconds: clock.now() - started,
    ...(preview ? { predicted: recap.predicted } : {}),
  });
  if (fatal && !invalid && !locked && !(fatal.error instanceof CancelledError)) throw fatal.error;
  return {
    result,
    recap: list,
    ...(invalid ? { invalid } : {}),
    ...(locked ? { locked: { host: locked.host, holder: locked.holder } } : {}),
  };
}

/** What an earlier run left undone stays due until it is done: also where this run does not get to it. */
function keepDue({ request, bus }: RunState): void {
  for (const { play, host, handlers } of request.options.preview ? [] : (request.options.dueHandlers ?? []))
    for (const handler of handlers) bus.emit({ kind: 'handler-due', play, host, handler });
}

async function leave(run: RunState, locks: HostLocks | undefined): Promise<void> {
  await locks?.release();
  await settleAll([...run.hosts].map(async (host) => host.connection.reset()));
}

function createLocks(options: {
  readonly request: RunRequest;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly holder: string;
}): HostLocks {
  const { request, bus, clock, holder } = options;
  return new HostLocks({
    request: { token: request.id, holder },
    clock,
    warn: (text) => bus.emit({ kind: 'message', level: 'warning', text }),
  });
}

/** The controller lends a hand to many runs at once (`delegate_to: localhost`): it is locked only where a play is about it. */
function isOnlyHelper(host: string, request: RunRequest): boolean {
  return localNames.has(host) && !request.plan.plays.some(({ hosts }) => hosts.includes(host));
}

function resultOf(run: RunState): RunResult {
  if (run.request.signal.aborted) return 'interrupted';
  const hosts = [...run.hosts];
  if (run.fatal || run.refused || hosts.some((host) => host.failed)) return 'failed';
  return hosts.some((host) => host.unreachable) ? 'unreachable' : 'done';
}

function playsOf(run: RunState): readonly PlayPreview[] {
  return run.request.plan.plays.map(({ name, hosts, needs, play }) => ({
    name,
    hosts,
    needs,
    steps: stepsOfPlay(play).length,
  }));
}
