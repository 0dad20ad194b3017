import type { Value } from '../template/value.js';

/** What came of an action: what a condition or a later task could read of it. */
export interface ActionOutcome {
  readonly changed: boolean;
  /** What was registered; undefined when nothing was, or when it may not be kept. */
  readonly values?: Readonly<Record<string, Value>>;
}

/** An action on its way, or done already. */
export interface MetAction {
  /** What came of it in the run that this one goes on with, and that run's id. */
  readonly earlier?: ActionOutcome & { readonly run: string };
  /** It is done: on the disk before this returns. */
  done(outcome: ActionOutcome): void;
}

/**
 * Knows actions that leave no trace a look could find: commands, scripts, requests, reboots. `meet` is called once for
 * each, in the order in which a host comes to them: the same action may stand in a playbook twice.
 */
export interface ActionMemory {
  meet(action: {
    readonly host: string;
    /** The same for the same words at the same place of a playbook, and of no use to find out what they were. */
    readonly key: string;
  }): MetAction;
}
