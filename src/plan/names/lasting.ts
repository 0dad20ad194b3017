import { dirname, join } from 'node:path';
import { Diagnostics } from '../../core/diagnostic.js';
import { lateLayers, variableOwnersOf } from '../../inventory/load-inventory.js';
import type { Inventory } from '../../inventory/types.js';
import type { ModuleStep, StepBase } from '../../playbook/types.js';
import type { FileReader } from '../../syntax/files.js';
import { entryOf, isTemplate, type Located, plainData } from '../../syntax/located.js';
import { lateNames } from '../late-groups.js';
import { allSteps } from '../steps.js';
import type { Plan } from '../types.js';
import { candidatesOf } from './controller-paths.js';
import { type IncludeFolders, IncludedNames } from './included-names.js';
import { readYaml } from './read-yaml.js';

/** Names that steps leave behind for the rest of the run, whichever play they stand in: `register`, `set_fact`, `include_vars`. */
export interface LastingNames {
  readonly names: ReadonlySet<string>;
  /** Some come from a file that only the run can name: nothing can be said about names. */
  readonly open: boolean;
}

/** What the steps of a plan leave behind; an include whose file holds a template may be any file its name fits. */
export function lastingNames(
  plan: Plan,
  from: { readonly files: FileReader; readonly inventory: Inventory },
): LastingNames {
  const { files } = from;
  const names = new Set(namesOfLateOwners(plan, from));
  const playbookDirectory = dirname(plan.playbooks[0] ?? '.');
  const included = new IncludedNames(files);
  let open = false;
  for (const step of allSteps(plan.plays.map(({ play }) => play))) {
    if ('register' in step && step.register !== undefined) names.add(step.register);
    if (step.kind === 'module') {
      const left = namesOfModule(step, { files, playbookDirectory });
      open ||= left === undefined;
      for (const name of left ?? []) names.add(name);
    }
    const folders = foldersOf(step, playbookDirectory);
    if (step.kind === 'include-tasks' && step.steps === undefined) included.readTasks(textOf(step.file), folders);
    if (step.kind === 'include-role' && step.included === undefined) included.readRole(textOf(step.roleName), folders);
  }
  return { names: new Set([...names, ...included.names]), open: open || included.open };
}

/** Names in the files of variables for groups and hosts that tasks of the plan may add. */
function namesOfLateOwners(
  plan: Plan,
  { files, inventory }: { readonly files: FileReader; readonly inventory: Inventory },
): readonly string[] {
  const late = lateNames(plan.plays.map(({ play }) => play));
  if (late.length === 0) return [];
  const places = {
    sources: inventory.sources,
    playbookDirectories: plan.playbooks.map((path) => dirname(path)),
    files,
  };
  return variableOwnersOf(places)
    .filter(({ kind, name }) => !(kind === 'group' ? inventory.groups : inventory.hosts).has(name))
    .filter(({ name }) => late.some((form) => form.test(name)))
    .flatMap((owner) => lateLayers({ ...places, ...owner, diagnostics: new Diagnostics() }))
    .flatMap(({ values }) => [...values.keys()]);
}

function foldersOf(step: StepBase, playbookDirectory: string): IncludeFolders {
  const role = step.role?.role.directory;
  return {
    tasks: [step.directory, ...(role === undefined ? [] : [join(role, 'tasks')]), playbookDirectory],
    roles: [join(playbookDirectory, 'roles'), 'roles', ...(role === undefined ? [] : [dirname(role)])],
  };
}

function textOf(located: Located): string {
  return String(plainData(located));
}

/** What a module leaves behind; undefined when only the run can tell. */
function namesOfModule(
  step: ModuleStep,
  options: { readonly files: FileReader; readonly playbookDirectory: string },
): readonly string[] | undefined {
  if (step.module === 'set_fact' || step.module === 'add_host') return step.params.entries.map(({ key }) => key);
  if (step.module !== 'include_vars') return [];
  const name = entryOf(step.params, 'name')?.value;
  if (name?.kind === 'scalar') return isTemplate(name) ? undefined : [String(name.value)];
  const file = entryOf(step.params, 'file')?.value;
  if (file?.kind !== 'scalar' || isTemplate(file)) return undefined;
  const path = candidatesOf(String(file.value), { ...options, kind: 'vars', step }).find(
    (candidate) => options.files.kind(candidate) !== undefined,
  );
  const variables = path === undefined ? undefined : readYaml(path, options.files);
  return variables?.kind === 'map' ? variables.entries.map(({ key }) => key) : undefined;
}
