import type { Diagnostic } from '../core/diagnostic.js';
import type { UnreachableReason } from '../core/errors.js';
import type { Span } from '../core/span.js';
import type { Change } from '../modules/types.js';
import type { Unmet } from '../rollout/types.js';
import type { Value } from '../template/value.js';

/**
 * What became of a task (or one item of its loop) on a host: exactly one for each host and task.
 * `same`, `change` and `unknown` are a preview's words; `ok` and `changed` a run's.
 */
export type TaskStatus = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable' | 'same' | 'change' | 'unknown';

/** Identifies one task of one play on one host. */
export interface TaskRef {
  readonly play: string;
  readonly step: string;
  /** The rendered name, or `<module>: <first words>` when the task has none. */
  readonly task: string;
  readonly role?: string;
  readonly host: string;
  readonly span: Span;
  readonly section: 'pre_tasks' | 'roles' | 'tasks' | 'post_tasks' | 'handlers' | 'gate' | 'on_failure';
}

export interface TaskOutcome {
  readonly status: TaskStatus;
  /** Why: the failure in plain words, the skip's condition, the reason of an unknown. */
  readonly message?: string;
  readonly hint?: string;
  readonly diagnostic?: Diagnostic;
  readonly changes: readonly Change[];
  /** What `register` holds; absent under no_log. */
  readonly result?: Readonly<Record<string, Value>>;
  /** A failure that ignore_errors lets pass, or that a rescue will take. */
  readonly ignored?: boolean;
  readonly rescued?: boolean;
  readonly delegatedTo?: string;
  readonly noLog: boolean;
  readonly showDiff: boolean;
  readonly attempts?: number;
  readonly milliseconds: number;
  readonly warnings: readonly string[];
}

export interface HostRecap {
  readonly host: string;
  readonly ok: number;
  readonly changed: number;
  readonly unknown: number;
  readonly skipped: number;
  readonly failed: number;
  readonly unreachable: number;
  readonly rescued: number;
  readonly ignored: number;
  readonly milliseconds: number;
  /** Why the host could not be reached. */
  readonly unreachableReason?: UnreachableReason;
  readonly message?: string;
}

/** Why a play is skipped that nothing was wrong with: the journal knows it again. */
export const conditionHoldsNowhere = 'its condition holds on no host';

/** Everything that happens in a run, in order. Text in it is not yet masked or cleaned for a terminal: the event bus does both. */
export type RunEvent =
  | {
      readonly kind: 'run-start';
      readonly run: string;
      readonly preview: boolean;
      readonly playbooks: readonly string[];
      readonly plays: readonly PlayPreview[];
      readonly at: string;
      /** Who runs it: `user@machine`. */
      readonly by?: string;
    }
  | { readonly kind: 'play-start'; readonly play: string; readonly hosts: readonly string[] }
  /** The play has no host: its pattern matches nothing (allow_empty), its needs failed, or its `when` is false. */
  | { readonly kind: 'play-skipped'; readonly play: string; readonly reason: string }
  | {
      readonly kind: 'batch-start';
      readonly play: string;
      readonly number: number;
      readonly count: number;
      readonly hosts: readonly string[];
    }
  | { readonly kind: 'host-connected'; readonly host: string; readonly milliseconds: number }
  | {
      readonly kind: 'host-unreachable';
      readonly play: string;
      readonly host: string;
      readonly reason: UnreachableReason;
      readonly message: string;
      readonly hint?: string;
    }
  | { readonly kind: 'task-start'; readonly ref: TaskRef }
  /** What the task says while it runs: a live last line, at most ten a second. */
  | { readonly kind: 'task-progress'; readonly ref: TaskRef; readonly line: string }
  /** It has been running for a while: told every 30 s, so that a silent command is not taken for one that hangs. */
  | { readonly kind: 'task-running'; readonly ref: TaskRef; readonly milliseconds: number }
  | {
      readonly kind: 'task-retry';
      readonly ref: TaskRef;
      readonly attempt: number;
      readonly retries: number | undefined;
      readonly message: string;
    }
  | {
      readonly kind: 'item-end';
      readonly ref: TaskRef;
      readonly item: number;
      readonly label: string;
      readonly outcome: TaskOutcome;
    }
  | { readonly kind: 'task-end'; readonly ref: TaskRef; readonly outcome: TaskOutcome }
  /** A handler was notified. Until it is done it is due, whatever becomes of the run: the journal keeps it for the next one. */
  | {
      readonly kind: 'handler-due' | 'handler-done';
      readonly play: string;
      readonly host: string;
      /** The handler's name, or its step's id when it has none. */
      readonly handler: string;
    }
  /** A rollout asks the hosts something that takes a while. */
  | { readonly kind: 'rollout-ask'; readonly play: string; readonly text: string }
  /** What a rollout is going to do as far as it can be told now; the same in a preview. */
  | {
      readonly kind: 'rollout-plan';
      readonly play: string;
      readonly ensemble: EnsembleCount;
      /** bring-up: nothing of it is there yet, all hosts go together. */
      readonly way: 'bring-up' | 'steps';
      /** Hosts that are to be stepped. */
      readonly pending: readonly string[];
      /** In what order, as far as nothing stands in the way. */
      readonly steps: readonly PlannedStep[];
      /** Hosts where nothing differs: they go through the play together, before the first step. */
      readonly unchanged: readonly string[];
    }
  | {
      readonly kind: 'rollout-step';
      readonly play: string;
      readonly ensemble: EnsembleCount;
      readonly action: PlannedStep['action'];
      readonly hosts: readonly string[];
      readonly why: string;
      /** From 1. */
      readonly number: number;
      /** Hosts that come after these. */
      readonly left: number;
    }
  /** An observation while a gate is waited for; `holds` and `failed` are its last. */
  | {
      readonly kind: 'rollout-gate';
      readonly play: string;
      readonly ensemble: EnsembleCount;
      readonly hosts: readonly string[];
      readonly phase: 'begin' | 'step' | 'soak' | 'roll-back';
      readonly state: 'waiting' | 'holds' | 'failed';
      /** Good observations in a row, of so many. */
      readonly good: number;
      readonly inARow: number;
      readonly unmet: readonly Unmet[];
      readonly milliseconds: number;
    }
  | {
      readonly kind: 'rollout-roll-back';
      readonly play: string;
      readonly host: string;
      readonly state: 'begins' | 'done' | 'failed';
      readonly message: string;
    }
  /** Nothing further is stepped, and nothing was touched since the last gate. */
  | {
      readonly kind: 'rollout-refused';
      readonly play: string;
      readonly host?: string;
      readonly message: string;
      readonly hint?: string;
    }
  | {
      readonly kind: 'rollout-end';
      readonly play: string;
      readonly ensemble: EnsembleCount;
      readonly result: 'done' | 'refused' | 'rolled-back' | 'stopped' | 'cancelled';
      readonly stepped: readonly string[];
    }
  | { readonly kind: 'play-end'; readonly play: string; readonly result: PlayResult; readonly milliseconds: number }
  | {
      readonly kind: 'message';
      readonly level: 'info' | 'warning' | 'error';
      readonly text: string;
      readonly diagnostic?: Diagnostic;
    }
  | {
      readonly kind: 'run-end';
      readonly recap: readonly HostRecap[];
      readonly result: RunResult;
      readonly milliseconds: number;
      readonly predicted?: { readonly known: number; readonly all: number };
    };

/** An ensemble in numbers, at one moment. */
export interface EnsembleCount {
  /** "ZooKeeper". */
  readonly title: string;
  readonly members: number;
  readonly healthy: number;
  readonly quorum: number;
  readonly leader?: string;
}

export interface PlannedStep {
  /** stop: the member is stopped now and stepped later. */
  readonly action: 'apply' | 'stop';
  readonly hosts: readonly string[];
  readonly why: string;
}

export interface PlayPreview {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly needs: readonly string[];
  /** Number of steps known before the run, for progress; includes decided at run time are not in it. */
  readonly steps: number;
}

export type PlayResult = 'done' | 'failed' | 'stopped' | 'skipped' | 'cancelled';

/** Worst first decides the exit code: interrupted, failed, unreachable, done. */
export type RunResult = 'done' | 'failed' | 'unreachable' | 'interrupted';

/** Receives every event; must not throw and must return at once. */
export type EventSink = (event: RunEvent) => void;
