import type { Span } from '../core/span.js';
import type { Located } from '../syntax/located.js';
import type { Value } from './value.js';

/** A bare JavaScript expression of a playbook (`when`, `until`, `that` …), checked when the playbook was loaded. */
export interface Expression {
  readonly source: string;
  readonly span: Span;
  /** Top-level names the expression reads, for the check against what can exist. */
  readonly names: readonly string[];
}

/**
 * Where a variable's value comes from. `located` is text of the controller's own files and is code (templates in it are
 * rendered when it is read); `data` came from a host, a command line or a module and is never rendered.
 */
export type VariableContent =
  | { readonly kind: 'located'; readonly located: Located }
  | { readonly kind: 'data'; readonly value: Value }
  /** Computed by the engine when first read (`facts`, `hosts`). */
  | { readonly kind: 'lazy'; compute(): Value };

/** One layer of variables; `origin` for people: "role defaults of zookeeper", "play vars", "set_fact", "-e". */
export interface ScopeLayer {
  readonly origin: string;
  readonly variables: ReadonlyMap<string, VariableContent>;
}
