import type { InventoryHost } from '../inventory/types.js';
import type { Promises } from '../modules/promises.js';
import type { VariableContent } from '../template/types.js';
import type { ValueMap } from '../template/value.js';
import type { HostConnection } from './connection.js';

/** What a run knows of one host, for all plays. */
export interface HostState {
  readonly name: string;
  /** Undefined for a delegate that is not in the inventory. */
  readonly inventory: InventoryHost | undefined;
  readonly connection: HostConnection;
  /** `register` and `set_fact`: data, they live on into later plays. */
  readonly variables: Map<string, VariableContent>;
  /** `include_vars`: weaker than set_fact. */
  readonly includedVariables: Map<string, VariableContent>;
  facts: ValueMap | undefined;
  /** What the earlier tasks of a preview would have made here. */
  readonly promises: Promises;
  /** Set once the host could not be reached or was lost: it takes no further part. */
  unreachable: boolean;
  /** A task failed here for good, and nobody cleared it: decides the run's result. */
  failed: boolean;
}
