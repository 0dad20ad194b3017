import type { Diagnostics } from '../core/diagnostic.js';
import { spanOfFlag } from '../core/span.js';
import { matchHosts } from '../inventory/pattern.js';
import type { Inventory } from '../inventory/types.js';
import type { Play, Playbook } from '../playbook/types.js';
import type { Value } from '../template/value.js';
import { batchesOf } from './batches.js';
import { checkSelection } from './check-selection.js';
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
  const plays = orderByNeeds(
    playbooks.flatMap((playbook) => playbook.plays),
    diagnostics,
  ).map(({ name, play, needs }) => {
    refuseEnsemble(play, diagnostics);
    const hosts = hostsOfPlay({ play, inventory, limit, extraVars, diagnostics });
    return { name, play, hosts, batches: batchesOf(hosts, play.serial), needs };
  });
  const plan: Plan = { playbooks: playbooks.map((playbook) => playbook.file), plays, selection };
  checkSelection(plan, diagnostics);
  return plan;
}

/** Going on without the care that was asked for could cost a quorum. */
function refuseEnsemble(play: Play, diagnostics: Diagnostics): void {
  if (play.ensemble === undefined) return;
  diagnostics.error({
    code: 'unsupported',
    message: 'this version cannot ask a live cluster between its steps: `ensemble` would not be kept',
    span: play.ensemble.span,
    hint: 'roll with `serial: 1` and a `gate`',
  });
}

function limitedHosts(request: PlanRequest): ReadonlySet<string> | undefined {
  const { selection, inventory, diagnostics } = request;
  if (selection.limit.length === 0) return undefined;
  const found = matchHosts({ pattern: selection.limit, inventory, span: spanOfFlag('--limit') });
  for (const diagnostic of found.diagnostics) diagnostics.add(diagnostic);
  return new Set(found.hosts);
}
