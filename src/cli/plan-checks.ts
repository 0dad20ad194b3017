import type { Diagnostics } from '../core/diagnostic.js';
import type { Inventory } from '../inventory/types.js';
import type { PlanCheck } from '../plan/check.js';
import type { Plan, PlannedPlay } from '../plan/types.js';
import { blockLayer } from '../run/layers.js';
import { stackEnsembles } from '../stack/ensembles/catalogue.js';
import { checkStack } from '../stack/plan-checks.js';
import type { FileReader } from '../syntax/files.js';
import { extendScope, type Scope } from '../template/scope.js';
import type { Value } from '../template/value.js';
import { checkEnsembles } from './ensemble-checks.js';
import { inventoryScope } from './host-variables.js';

/** Checks of what several hosts and plays say together; each knows one field, the engine knows none of them. */
const checks: readonly PlanCheck[] = [checkStack];

/** Runs every check of the plan, offline. Mistakes go to the diagnostics. */
export function checkPlan(request: {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}): void {
  const { plan, inventory, extraVars, diagnostics } = request;
  const scopeOf = (play: PlannedPlay, host: string): Scope => playScope({ play, host, inventory, extraVars });
  const context = { inventory, scopeOf };
  const found = [
    ...checks.flatMap((check) => check(plan, context)),
    ...checkEnsembles(plan, { context, catalogue: stackEnsembles, extraVars }),
  ];
  for (const diagnostic of found) diagnostics.add(diagnostic);
}

/** What a host's variables are in a play before it runs: role defaults lowest, `-e` highest. */
export function playScope(request: {
  readonly play: PlannedPlay;
  readonly host: string;
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, Value>>;
}): Scope {
  const { play, host, inventory, extraVars } = request;
  const roles = play.play.roles.map((step) => step.context);
  const inventoryLayers = inventoryScope({ inventory, host, extraVars: {} }).layers;
  const base = inventoryScope({ inventory, host, extraVars });
  const defaults = roles.map(({ role }) => blockLayer(role.defaults));
  const above = [
    blockLayer(play.play.vars),
    ...roles.flatMap(({ role, params }) => [blockLayer(role.vars), blockLayer(params)]),
  ];
  const flags = base.layers.at(-1);
  return extendScope(inventoryScope({ inventory, host: '', extraVars: {} }), [
    ...defaults,
    ...inventoryLayers,
    ...above,
    ...(flags ? [flags] : []),
  ]);
}
