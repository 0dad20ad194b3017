import type { Value } from '../template/value.js';
import type { HostState } from './host-state.js';

/** Keeps what a module sets for a host: data, never rendered, whatever it looks like. */
export function setFacts(options: {
  readonly state: HostState;
  readonly module: string;
  readonly facts: Readonly<Record<string, Value>>;
}): void {
  const { state, module, facts } = options;
  const variables = module === 'include_vars' ? state.includedVariables : state.variables;
  for (const [name, value] of Object.entries(facts)) variables.set(name, { kind: 'data', value });
}

/** What `register` does. */
export function registerResult(options: {
  readonly state: HostState;
  readonly name: string | undefined;
  readonly value: Value;
}): void {
  const { state, name, value } = options;
  if (name !== undefined) state.variables.set(name, { kind: 'data', value });
}
