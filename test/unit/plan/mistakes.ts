import { Diagnostics } from '../../../src/core/diagnostic.js';
import type { Inventory } from '../../../src/inventory/types.js';
import { buildPlan } from '../../../src/plan/build-plan.js';
import type { Plan, Selection } from '../../../src/plan/types.js';
import { loadPlaybook } from '../../../src/playbook/load-playbook.js';
import type { FileReader } from '../../../src/syntax/files.js';
import type { Value } from '../../../src/template/value.js';
import { load as loadInventoryFiles } from '../inventory/load.js';
import { type Files, loadingOf } from '../playbook/load.js';
import { problemsOf } from '../syntax/read.js';

/** Groups `web` (w1, w2) and `db` (d1), with a variable for each kind of place. */
export const inventoryText = `all:
  vars: {domain: example.org}
  children:
    web:
      hosts: {w1: {}, w2: {only_w2: 1}}
      vars: {web_port: 80}
    db:
      hosts: {d1: {}}
      vars: {db_port: 5432}
`;

/** Everything a check of the plan is given. */
export interface CheckRequest {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}

export interface Said {
  readonly selection?: Partial<Selection>;
  readonly extraVars?: Readonly<Record<string, Value>>;
}

/**
 * Plans the playbook f.yaml (or files with it, and maybe an inventory inv.yaml) and runs a check: the problems it found,
 * "line:column code: message | hint". A playbook that is itself wrong is a mistake of the test.
 */
export function mistakesOf(
  check: (request: CheckRequest) => void,
  playbook: string | Files,
  said: Said = {},
): readonly string[] {
  const files: Files = typeof playbook === 'string' ? { 'f.yaml': playbook } : playbook;
  const { inventory, problems } = loadInventoryFiles({ 'inv.yaml': files['inv.yaml'] ?? inventoryText });
  const before = new Diagnostics();
  const loading = loadingOf(files);
  const loaded = loadPlaybook({ ...loading, path: 'f.yaml', diagnostics: before });
  const selection: Selection = { limit: [], tags: [], skipTags: [], ...said.selection };
  const extraVars = said.extraVars ?? {};
  const playbooks = loaded === undefined ? [] : [loaded];
  const plan = buildPlan({ playbooks, inventory, selection, extraVars, diagnostics: before });
  const wrong = [...problems, ...problemsOf(before)];
  if (wrong.length > 0) throw new Error(`not valid: ${wrong.join('\n')}`);
  const diagnostics = new Diagnostics();
  check({ plan, inventory, extraVars, files: loading.files, diagnostics });
  return problemsOf(diagnostics);
}

/** A playbook of one play on `web`, its tasks indented by four. */
export function webPlay(rest: string): string {
  return `- name: web\n  hosts: web\n${rest}`;
}
