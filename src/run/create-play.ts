import { importedRoles } from '../plan/steps.js';
import type { PlannedPlay } from '../plan/types.js';
import { builtinLayer } from './builtins.js';
import type { BatchState, PlayHost, PlayState } from './play-state.js';
import type { RunState } from './run-state.js';
import { Semaphore } from './semaphore.js';

/** A play before its first batch, with the hosts that are left. */
export function createPlay(options: {
  readonly run: RunState;
  readonly planned: PlannedPlay;
  readonly left: readonly string[];
  readonly leftOut: ReadonlySet<string>;
}): PlayState {
  const { run, planned, left, leftOut } = options;
  const hosts = new Map<string, PlayHost>();
  const { forks } = planned.play;
  const shared = importedRoles(planned.play);
  const play: PlayState = {
    run,
    planned,
    hosts,
    handlers: [...planned.play.handlers],
    leftOut,
    lost: new Set(),
    cleared: new Set(),
    stopped: undefined,
    ended: false,
    batch: emptyBatch,
    rolling: false,
    forks: forks === undefined ? undefined : new Semaphore(forks),
    warnedAboutRunOnce: false,
  };
  for (const name of left) {
    const state = run.host(name);
    hosts.set(name, {
      state,
      failure: undefined,
      ended: false,
      roleEnded: false,
      differs: false,
      notified: new Map(),
      restored: new Set(),
      toConfirm: new Set(),
      rolesDone: new Set(),
      rolesBegun: new Set(),
      importedRoles: shared,
      publicRoles: [],
      varsFiles: [],
      builtins: builtinLayer({ run, planned, state, play: () => play }),
    });
  }
  return play;
}

const emptyBatch: BatchState = { number: 0, hosts: [], once: new Map(), onceFailed: new Map(), throttles: new Map() };
