import { Diagnostics, InputError } from '../../../../src/core/diagnostic.js';
import type { Inventory } from '../../../../src/inventory/types.js';
import type { AnyModule } from '../../../../src/modules/types.js';
import { buildPlan } from '../../../../src/plan/build-plan.js';
import type { Plan, Selection } from '../../../../src/plan/types.js';
import { IncludeLoader } from '../../../../src/playbook/include-loader.js';
import { loadPlaybook } from '../../../../src/playbook/load-playbook.js';
import type { FileReader } from '../../../../src/syntax/files.js';

const path = 'pb/site.yaml';

/** A playbook's text as a plan, and the loader of what it includes at run time. Throws InputError for its mistakes. */
export function planOf(options: {
  readonly playbook: string;
  readonly files: ReadonlyMap<string, string>;
  readonly modules: ReadonlyMap<string, AnyModule>;
  readonly inventory: Inventory;
  readonly selection: Selection;
}): { readonly plan: Plan; readonly includes: IncludeLoader } {
  const { playbook, modules, inventory, selection } = options;
  const diagnostics = new Diagnostics();
  const loading = {
    files: filesOf(new Map([...options.files, [path, playbook]])),
    modules: { find: (name: string) => modules.get(name), names: () => [...modules.keys()] },
    roleFolders: ['pb/roles'],
  };
  const loaded = loadPlaybook({ ...loading, path, diagnostics });
  const plan = buildPlan({ playbooks: loaded ? [loaded] : [], inventory, selection, extraVars: {}, diagnostics });
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  return { plan, includes: new IncludeLoader({ ...loading, playbookDirectory: 'pb' }) };
}

function filesOf(files: ReadonlyMap<string, string>): FileReader {
  const below = (folder: string): readonly string[] =>
    [...files.keys()].flatMap((name) =>
      name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1).split('/')[0] ?? ''] : [],
    );
  return {
    read: (file) => files.get(file),
    kind: (file) => (files.has(file) ? 'file' : below(file).length > 0 ? 'directory' : undefined),
    list: (folder) => [...new Set(below(folder))].sort(),
    run: () => '',
  };
}
