import type { Play } from '../playbook/types.js';

/** What the command line chose of a playbook. */
export interface Selection {
  /** `--limit` patterns (`@file` already read). */
  readonly limit: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask?: string;
}

/** One play of the plan: its hosts and batches are settled, its steps chosen by tags when they run. */
export interface PlannedPlay {
  readonly name: string;
  readonly play: Play;
  /** In the play's order, after --limit. */
  readonly hosts: readonly string[];
  /** Hosts by batch (`serial`); one batch when serial is not said. */
  readonly batches: readonly (readonly string[])[];
  /** Names of the plays that must be done before this one starts. */
  readonly needs: readonly string[];
}

/** What a run walks: frozen plain data. Plays stand in an order that respects `needs`. */
export interface Plan {
  readonly playbooks: readonly string[];
  readonly plays: readonly PlannedPlay[];
  readonly selection: Selection;
}
