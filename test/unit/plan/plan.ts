import { Diagnostics } from '../../../src/core/diagnostic.js';
import type { Inventory } from '../../../src/inventory/types.js';
import { loadInventory } from '../../../src/inventory/load-inventory.js';
import { buildPlan } from '../../../src/plan/build-plan.js';
import type { Plan, Selection } from '../../../src/plan/types.js';
import { loadPlaybook } from '../../../src/playbook/load-playbook.js';
import type { FileReader } from '../../../src/syntax/files.js';
import type { Value } from '../../../src/template/value.js';
import { type Files, type Loading, loadingOf } from '../playbook/load.js';
import { problemsOf } from '../syntax/read.js';

export interface Options {
  /** Default: four hosts, h1 and h2 in `web`, h3 and h4 in `db`. */
  readonly inventory?: string;
  readonly selection?: Partial<Selection>;
  readonly extraVars?: Readonly<Record<string, Value>>;
}

const fourHosts = 'web: {hosts: {"h[1:2]": {}}}\ndb: {hosts: {"h[3:4]": {}}}\n';

export interface Loaded {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly diagnostics: Diagnostics;
  readonly files: FileReader;
  readonly modules: Loading['modules'];
  readonly extraVars: Readonly<Record<string, Value>>;
}

/** Loads inventory and playbook (`f.yaml`, or text alone) from memory and plans; mistakes are in the diagnostics. */
export function loadPlan(playbook: string | Files, options: Options = {}): Loaded {
  const { inventory: text = fourHosts, selection, extraVars = {} } = options;
  const written: Files = typeof playbook === 'string' ? { 'f.yaml': playbook } : playbook;
  const loading = loadingOf({ 'inv.yaml': text, ...written });
  const diagnostics = new Diagnostics();
  const { files, modules } = loading;
  const inventory = loadInventory({ sources: ['inv.yaml'], files, diagnostics });
  const loaded = loadPlaybook({ ...loading, path: 'f.yaml', diagnostics });
  const plan = buildPlan({
    playbooks: loaded ? [loaded] : [],
    inventory,
    selection: { limit: [], tags: [], skipTags: [], ...selection },
    extraVars,
    diagnostics,
  });
  return { plan, inventory, diagnostics, files, modules, extraVars };
}

/** The plan of files that must be right. */
export function planOf(playbook: string | Files, options: Options = {}): Plan {
  const { plan, diagnostics } = loadPlan(playbook, options);
  const problems = problemsOf(diagnostics);
  if (problems.length > 0) throw new Error(`not valid: ${problems.join('\n')}`);
  return plan;
}

/** What is wrong with the files, as "line:column code: message | hint". */
export function problemsOfPlan(playbook: string | Files, options: Options = {}): readonly string[] {
  return problemsOf(loadPlan(playbook, options).diagnostics);
}
