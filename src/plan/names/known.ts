import { dirname, join } from 'node:path';
import type { Inventory } from '../../inventory/types.js';
import type { Play, RoleContext } from '../../playbook/types.js';
import type { FileReader } from '../../syntax/files.js';
import { isTemplate, plainData } from '../../syntax/located.js';
import { builtinNames } from '../../syntax/variable-name.js';
import { allSteps, importedRoles } from '../steps.js';
import type { PlannedPlay } from '../types.js';
import type { LastingNames } from './lasting.js';
import { readYaml } from './read-yaml.js';

/** Names that can exist in a play before it is known what a step adds to them. */
export interface PlayNames {
  readonly names: ReadonlySet<string>;
  /** Variables come from a file that only the run can name: nothing can be said about names. */
  readonly open: boolean;
}

/** Names of a play that all its steps see. */
export function namesOfPlay(options: {
  readonly planned: PlannedPlay;
  readonly inventory: Inventory;
  /** `--limit` is said: hosts it leaves out still count. */
  readonly limited: boolean;
  readonly lasting: LastingNames;
  readonly extraVars: Iterable<string>;
  readonly files: FileReader;
}): PlayNames {
  const { planned, inventory, limited, lasting, extraVars, files } = options;
  const { play } = planned;
  const hosts = limited || planned.hosts.length === 0 ? [...inventory.hosts.keys()] : planned.hosts;
  const fromFiles = namesOfVarsFiles(play, files);
  const fromRoles = publicNames(play);
  const names = new Set<string>([
    ...builtinNames,
    ...lasting.names,
    ...extraVars,
    ...play.vars.values.keys(),
    ...(fromFiles ?? []),
    ...(fromRoles ?? []),
  ]);
  for (const name of inventoryNames(inventory, hosts)) names.add(name);
  return { names, open: lasting.open || fromFiles === undefined || fromRoles === undefined };
}

/** Names of variables that any of the hosts has; `all` counts even without hosts. */
export function inventoryNames(inventory: Inventory, hosts: Iterable<string>): ReadonlySet<string> {
  const layers = [...hosts].flatMap((host) => inventory.hosts.get(host)?.layers ?? []);
  const general = inventory.groups.get('all')?.layers ?? [];
  return new Set([...general, ...layers].flatMap((layer) => [...layer.values.keys()]));
}

/** Names that `include_role` with `public` gives all steps; undefined when only the run can name such a role. */
function publicNames(play: Play): readonly string[] | undefined {
  const included = allSteps([play]).filter((step) => step.kind === 'include-role' && step.public);
  const contexts = included.map((step) => (step.kind === 'include-role' ? step.included?.context : undefined));
  if (contexts.includes(undefined)) return undefined;
  return contexts.flatMap((context) => (context === undefined ? [] : variablesOf(context)));
}

/** Names that the roles of a play give the steps that stand outside of roles. */
export function importedNames(play: Play): readonly string[] {
  return importedRoles(play).flatMap(variablesOf);
}

function variablesOf({ role }: RoleContext): readonly string[] {
  return [...role.defaults.values.keys(), ...role.vars.values.keys()];
}

/** Undefined when the name of a file is a template. */
function namesOfVarsFiles(play: Play, files: FileReader): readonly string[] | undefined {
  if (play.varsFiles.some(isTemplate)) return undefined;
  return play.varsFiles.flatMap((located) => {
    const file = String(plainData(located));
    const path = file.startsWith('/') ? file : join(dirname(play.span.file), file);
    const value = readYaml(path, files);
    return value?.kind === 'map' ? value.entries.map((entry) => entry.key) : [];
  });
}

/** Names that a role and the roles it is used in give their steps; a required argument nothing gives is reported as such. */
export function roleNames(context: RoleContext | undefined): readonly string[] {
  if (context === undefined) return [];
  const { role, params, parent } = context;
  const required = role.argumentSpecs.filter((spec) => spec.required).map((spec) => spec.name);
  return [
    ...roleNames(parent),
    ...required,
    ...role.defaults.values.keys(),
    ...role.vars.values.keys(),
    ...params.values.keys(),
  ];
}

/** Arguments of a role, and of the roles it is used in, that may be given or not. */
export function argumentNames(context: RoleContext | undefined): readonly string[] {
  if (context === undefined) return [];
  return [...argumentNames(context.parent), ...context.role.argumentSpecs.map((spec) => spec.name)];
}
