import type { PlannedPlay } from '../plan/types.js';
import type { Handler, RoleContext } from '../playbook/types.js';
import type { ScopeLayer } from '../template/types.js';
import type { Value } from '../template/value.js';
import type { ControllerFiles } from './controller.js';
import type { TaskRef } from './events.js';
import type { HostState } from './host-state.js';
import type { HostResult } from './host-step.js';
import type { RunState } from './run-state.js';
import type { Semaphore } from './semaphore.js';
import type { Following } from './upcoming.js';

/** Why a host does not go on in a play. */
export interface Failure {
  /**
   * task: its own task failed. elsewhere: any_errors_fatal because of another host. stopped: the rollout was stopped;
   * only `always` parts still run.
   */
  readonly kind: 'task' | 'elsewhere' | 'stopped';
  /** For `failed_task` and `failed_result` in a rescue. */
  readonly task: Readonly<Record<string, Value>>;
  readonly result: Value;
}

/** One host in one play. */
export interface PlayHost {
  readonly state: HostState;
  failure: Failure | undefined;
  /** meta: end_host, end_batch, end_play. */
  ended: boolean;
  /** meta: end_role: nothing more of the innermost role. */
  roleEnded: boolean;
  /** Something was changed here or, in a preview, would or might be. */
  differs: boolean;
  /** Handlers that are due: certainly, or (in a preview) perhaps. */
  readonly notified: Map<Handler, 'certain' | 'perhaps'>;
  /** Handlers that an earlier run left undone and that were marked as due here. */
  readonly restored: Set<Handler>;
  /** Handlers that ran and left something to be confirmed: due in the journal until it is. */
  readonly toConfirm: Set<Handler>;
  /** Keys of roles that ran here: they are over, nothing failed and something of them was not skipped. */
  readonly rolesDone: Set<string>;
  /** Keys of roles of which a task ran, skipped ones do not count. */
  readonly rolesBegun: Set<string>;
  /** Roles of the play: its own steps see their defaults and vars, the steps of other roles do not. */
  readonly importedRoles: readonly RoleContext[];
  /** Roles that `include_role` brought with `public: true`: every step after them sees their defaults and vars. */
  readonly publicRoles: RoleContext[];
  /** Play vars_files, rendered and read for this host. */
  varsFiles: readonly ScopeLayer[];
  /** `host`, `groups`, `facts` …: what is always there. */
  readonly builtins: ScopeLayer;
}

/** A handler of a play. One that an include in a loop brought is there once for each round, with its item. */
export interface PlayHandler extends Handler {
  readonly round?: {
    /** The frame's path of the round. */
    readonly path: string;
    /** The hosts of the round and what the loops around it gave them. */
    readonly locals: Map<PlayHost, readonly ScopeLayer[]>;
  };
}

/** One play under way. */
export interface PlayState {
  readonly run: RunState;
  readonly planned: PlannedPlay;
  readonly hosts: ReadonlyMap<string, PlayHost>;
  /** The play's handlers, and those of roles included on the way. */
  readonly handlers: PlayHandler[];
  /** Steps that `--start-at-task` leaves out. */
  readonly leftOut: ReadonlySet<string>;
  /** Hosts that failed here for good or were unreachable: what max_failures counts and what later plays do without. */
  readonly lost: Set<string>;
  /** Hosts that meta: clear_host_errors brought back. */
  readonly cleared: Set<string>;
  /** Why the rollout stopped: max_failures, any_errors_fatal, a gate, a whole batch lost. */
  stopped: string | undefined;
  /** meta: end_play. */
  ended: boolean;
  batch: BatchState;
  /** A live ensemble is taken through the play step by step, and this is one of its steps: `run.rolling`. */
  rolling: boolean;
  /** The play's own `forks`; undefined: the run's. */
  readonly forks: Semaphore | undefined;
  warnedAboutRunOnce: boolean;
}

/** The hosts that go through the play together. */
export interface BatchState {
  readonly number: number;
  readonly hosts: readonly PlayHost[];
  /** run_once under strategy free: the first host to come runs it, the others wait for its end. */
  readonly once: Map<string, Promise<unknown>>;
  /** Of those the ones that failed: so do the others when they come to the step. */
  readonly onceFailed: Map<string, HostResult>;
  /** One throttle a step. */
  readonly throttles: Map<string, Semaphore>;
}

/** Where in a play the walk is. */
export interface Frame {
  readonly play: PlayState;
  readonly section: TaskRef['section'];
  /** The hosts of the block further out whose rescue takes a failure here; undefined where none does. */
  readonly rescuable: readonly PlayHost[] | undefined;
  /** Include parameters by host: below block and task vars. */
  readonly parameters: ReadonlyMap<PlayHost, readonly ScopeLayer[]>;
  /** Items of include loops, `failed_task`: above everything but the built-in names. */
  readonly locals: ReadonlyMap<PlayHost, readonly ScopeLayer[]>;
  /** Tells apart the rounds of a looped include. */
  readonly path: string;
  /** The controller's files as the step under way sees them; the run's own when missing. */
  readonly files?: ControllerFiles;
  /** What comes after the step under way, as far as it is known. */
  readonly following?: Following;
  /** Hosts for which the handler under way is only perhaps due. */
  readonly perhaps?: ReadonlySet<PlayHost>;
}

/** Whether a host takes part in the next step. */
export function isLive(host: PlayHost, play: PlayState): boolean {
  return !host.failure && !host.ended && !host.roleEnded && !host.state.unreachable && !play.run.halted;
}

/** The frame with further layers for some hosts. */
export function withLayers(
  frame: Frame,
  added: {
    readonly parameters?: ReadonlyMap<PlayHost, readonly ScopeLayer[]>;
    readonly locals?: ReadonlyMap<PlayHost, readonly ScopeLayer[]>;
  },
): Frame {
  return {
    ...frame,
    parameters: merged(frame.parameters, added.parameters),
    locals: merged(frame.locals, added.locals),
  };
}

function merged(
  layers: ReadonlyMap<PlayHost, readonly ScopeLayer[]>,
  added: ReadonlyMap<PlayHost, readonly ScopeLayer[]> | undefined,
): ReadonlyMap<PlayHost, readonly ScopeLayer[]> {
  if (!added) return layers;
  const result = new Map(layers);
  for (const [host, more] of added) result.set(host, [...(result.get(host) ?? []), ...more]);
  return result;
}
