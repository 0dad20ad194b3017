import type { Diagnostic } from '../core/diagnostic.js';
import type { Inventory } from '../inventory/types.js';
import type { Scope } from '../template/scope.js';
import type { Plan, PlannedPlay } from './types.js';

/** What a check of the whole plan may look at; nothing of it asks a host. */
export interface PlanCheckContext {
  readonly inventory: Inventory;
  /** The variables a host has in a play as far as they are known offline: inventory, play vars, role defaults and parameters, `-e`. */
  readonly scopeOf: (play: PlannedPlay, host: string) => Scope;
}

/** A check of what several hosts and plays say together (ports, quorums, versions), run before any connection. */
export type PlanCheck = (plan: Plan, context: PlanCheckContext) => readonly Diagnostic[];
