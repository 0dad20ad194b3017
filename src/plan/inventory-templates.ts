import type { Diagnostics } from '../core/diagnostic.js';
import { hostNamed } from '../inventory/localhost.js';
import type { Inventory, VariableLayer } from '../inventory/types.js';
import { checkTemplates } from '../template/text.js';
import type { Plan } from './types.js';

/**
 * Reports every template that cannot be parsed in the inventory variables of the plan's hosts. The inventory reads its
 * files before anybody knows what a template is; other hosts' variables are no concern of this plan.
 */
export function checkInventoryTemplates(request: {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly diagnostics: Diagnostics;
}): void {
  const { plan, inventory, diagnostics } = request;
  const hosts = new Set(plan.plays.flatMap((play) => play.hosts));
  const layers = new Set<VariableLayer>([...hosts].flatMap((host) => hostNamed(inventory, host)?.layers ?? []));
  for (const layer of layers)
    for (const value of layer.values.values())
      for (const diagnostic of checkTemplates(value).diagnostics) diagnostics.add(diagnostic);
}
