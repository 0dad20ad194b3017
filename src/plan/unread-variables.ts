import { dirname, join, normalize } from 'node:path/posix';
import type { Diagnostics } from '../core/diagnostic.js';
import type { Inventory } from '../inventory/types.js';
import type { FileReader } from '../syntax/files.js';
import type { Plan } from './types.js';

/** Warns of `group_vars/` and `host_vars/` beside an imported playbook: Ansible reads them for its plays, here nobody does. */
export function checkUnreadVariables(request: {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}): void {
  const { plan, inventory, files, diagnostics } = request;
  const beside = [
    ...plan.playbooks.map((path) => dirname(path)),
    ...inventory.sources.map((source) => (files.kind(source) === 'directory' ? source : dirname(source))),
  ];
  const read = new Set(beside.map((path) => normalize(path)));
  const spans = new Map(plan.plays.map(({ play }) => [normalize(dirname(play.span.file)), play.span]));
  for (const [directory, span] of spans) {
    if (read.has(directory)) continue;
    for (const name of ['group_vars', 'host_vars'])
      if (files.kind(join(directory, name)) === 'directory')
        diagnostics.warning({
          code: 'unused-variables',
          message: `\`${join(directory, name)}\` is not read: this playbook is imported by one of another folder`,
          span,
          hint: 'put it beside the inventory or the importing playbook, or name its files in `vars_files`',
        });
  }
}
