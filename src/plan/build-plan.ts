import type { Diagnostics } from '../core/diagnostic.js';
import { spanOfFlag } from '../core/span.js';
import { matchHosts } from '../inventory/pattern.js';
import type { Inventory } from '../inventory/types.js';
import type { Play, Playbook } from '../playbook/types.js';
import type { Value } from '../template/value.js';
import { batchesOf } from './batches.js';
import { checkSelection } from './check-selection.js';
import { lateNames } from './late-groups.js';
import { orderByNeeds } from './needs.js';
import { hostsOfPlay } from './play-hosts.js';
import type { Plan, Selection } from './types.js';

export interface PlanRequest {
  readonly playbooks: readonly Playbook[];
  readonly inventory: Inventory;
  readonly selection: Selection;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly diagnostics: Diagnostics;
}

/** Settles hosts, batches and order of all plays. Mistakes go to the diagnostics; what could be understood is in the plan. */
export function buildPlan(request: PlanRequest): Plan {
  const { playbooks, inventory, selection, extraVars, diagnostics } = request;
  const limit = limitedHosts(request);
  const written = playbooks.flatMap((playbook) => playbook.plays);
  const late = lateNames(written);
  const plays = orderByNeeds(written, diagnostics).map(({ name, play, needs }) => {
    refuseBatches(play, diagnostics);
    const hosts = hostsOfPlay({ play, inventory, limit, extraVars, diagnostics, late });
    return { name, play, hosts, batches: batchesOf(hosts, play.serial), needs };
  });
  const plan: Plan = { playbooks: playbooks.map((playbook) => playbook.file), plays, selection };
  checkSelection(plan, diagnostics);
  return plan;
}

/** How many hosts go at a time is the ensemble's own word: batches beside it would be another one. */
function refuseBatches(play: Play, diagnostics: Diagnostics): void {
  if (play.ensemble === undefined || play.serial.length === 0) return;
  diagnostics.error({
    code: 'serial-and-ensemble',
    message: 'a play with `ensemble` cannot have `serial`: the live cluster says whose turn it is',
    span: play.ensemble.span,
    hint: 'leave out `serial`; `max_unavailable` says how many members may be away at a time',
  });
}

function limitedHosts(request: PlanRequest): ReadonlySet<string> | undefined {
  const { selection, inventory, diagnostics } = request;
  if (selection.limit.length === 0) return undefined;
  const found = matchHosts({ pattern: selection.limit, inventory, span: spanOfFlag('--limit') });
  for (const diagnostic of found.diagnostics) diagnostics.add(diagnostic);
  return new Set(found.hosts);
}
