import type { Diagnostics } from '../core/diagnostic.js';
import { didYouMean } from '../core/suggest.js';
import { hostNamed } from '../inventory/localhost.js';
import type { Inventory } from '../inventory/types.js';
import type { Templated } from '../playbook/types.js';
import { isTemplate } from '../syntax/located.js';
import { lateNames } from './late-groups.js';
import { allSteps } from './steps.js';
import type { Plan } from './types.js';

/** Reports `delegate_to` hosts that the inventory does not have; names that only the run can tell are left to it. */
export function checkDelegates(request: {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly diagnostics: Diagnostics;
}): void {
  const { plan, inventory, diagnostics } = request;
  const late = lateNames(plan.plays.map(({ play }) => play));
  const delegates = new Set<Templated>();
  for (const step of allSteps(plan.plays.map(({ play }) => play)))
    if (step.keywords.delegateTo !== undefined) delegates.add(step.keywords.delegateTo);
  for (const delegate of delegates) {
    if (isTemplate(delegate) || delegate.kind !== 'scalar') continue;
    const name = String(delegate.value);
    if (hostNamed(inventory, name) !== undefined || late.some((form) => form.test(name))) continue;
    const hint = inventory.groups.has(name)
      ? `\`${name}\` is a group: name one host of it`
      : didYouMean(name, inventory.hosts.keys());
    diagnostics.error({
      code: 'unknown-host',
      message: `the inventory has no host \`${name}\` to delegate to`,
      span: delegate.span,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
