import { hostNamed } from '../inventory/localhost.js';
import type { Inventory } from '../inventory/types.js';
import { dataLayer, inventoryLayer, lazyLayer } from '../run/layers.js';
import { EvaluationError } from '../template/errors.js';
import { createScope, type Scope } from '../template/scope.js';
import type { Value } from '../template/value.js';

/** The variables of a host as the inventory and `-e` give them, before any play adds its own. */
export function inventoryScope(request: {
  readonly inventory: Inventory;
  readonly host: string;
  readonly extraVars: Readonly<Record<string, Value>>;
}): Scope {
  const { inventory, host, extraVars } = request;
  const found = hostNamed(inventory, host);
  const groups = (): Value =>
    Object.fromEntries([...inventory.groups.values()].map((group) => [group.name, [...group.hosts]]));
  return createScope([
    lazyLayer('built-in', { host: () => ({ name: host, groups: [...(found?.groups ?? [])] }), groups }),
    ...(found?.layers.map(inventoryLayer) ?? []),
    dataLayer('-e', extraVars),
  ]);
}

/** A variable's value, or why it has none before a play runs. */
export function readVariable(
  scope: Scope,
  name: string,
): { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'error'; readonly error: EvaluationError } {
  try {
    return { kind: 'value', value: scope.read(name) };
  } catch (error) {
    if (error instanceof EvaluationError) return { kind: 'error', error };
    throw error;
  }
}

/** All variables of a host as plain data; those that need a play are left as a note in angle brackets. */
export function variablesAsData(scope: Scope): Readonly<Record<string, Value>> {
  const names = scope.names().filter((name) => name !== 'host' && name !== 'groups');
  return Object.fromEntries(
    names.map((name) => {
      const read = readVariable(scope, name);
      return [name, read.kind === 'value' ? read.value : `<${read.error.message}>`];
    }),
  );
}
