import { join } from 'node:path';
import type { Located, LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import { checkKeys } from '../syntax/fields.js';
import { readArgumentSpecs } from './argument-specs.js';
import { checkText } from './check-text.js';
import { readBoolean, readList, readMap } from './fields.js';
import type { Loading } from './loading.js';
import { type FileName, findRoleFile } from './role-files.js';
import { findYaml } from './role-search.js';
import { readYamlFile } from './task-file.js';
import type { ArgumentSpec, RoleFiles, VariableBlock } from './types.js';
import { emptyBlock, variableBlock } from './variables.js';

/** A role's folder without its tasks and handlers. */
export interface RoleFolder {
  readonly name: string;
  readonly directory: string;
  readonly defaults: VariableBlock;
  readonly vars: VariableBlock;
  readonly argumentSpecs: readonly ArgumentSpec[];
  /** The items of `dependencies`, as written. */
  readonly dependencies: readonly Located[];
  /** The role may run more than once with the same parameters. */
  readonly allowDuplicates: boolean;
}

const metaKeys = ['dependencies', 'argument_specs', 'allow_duplicates', 'galaxy_info', 'collections'];

/** Reads defaults, vars and meta of a role. `files` are those used in place of `main`, without their endings. */
export function readRoleFolder(
  found: { readonly name: string; readonly directory: string },
  options: { readonly files?: RoleFiles<FileName>; readonly loading: Loading },
): RoleFolder {
  const { files = {}, loading } = options;
  const { diagnostics } = loading;
  loading.modules.enter?.(join(found.directory, 'modules'), diagnostics);
  const entryPoint = files.tasks?.name ?? 'main';
  const meta = readRoleMap(found.directory, 'meta/main', loading);
  if (meta !== undefined) checkKeys({ map: meta, allowed: metaKeys, what: "a role's meta", diagnostics });
  const specFile = readRoleMap(found.directory, 'meta/argument_specs', loading);
  const specEntry =
    (specFile === undefined ? undefined : entryOf(specFile, 'argument_specs')) ??
    (meta === undefined ? undefined : entryOf(meta, 'argument_specs'));
  const argumentSpecs = specEntry === undefined ? [] : readArgumentSpecs(specEntry, { entryPoint, diagnostics });
  const defaults = readRoleVariables(found, { folder: 'defaults', from: files.defaults, loading });
  return {
    ...found,
    defaults: withSpecDefaults(defaults, argumentSpecs),
    vars: readRoleVariables(found, { folder: 'vars', from: files.vars, loading }),
    argumentSpecs,
    ...readMeta(meta, loading),
  };
}

function readMeta(
  meta: LocatedMap | undefined,
  loading: Loading,
): Pick<RoleFolder, 'dependencies' | 'allowDuplicates'> {
  const dependencies = meta === undefined ? undefined : entryOf(meta, 'dependencies');
  const allow = meta === undefined ? undefined : entryOf(meta, 'allow_duplicates');
  return {
    dependencies: (dependencies === undefined ? undefined : readList(dependencies, loading.diagnostics)?.items) ?? [],
    allowDuplicates: allow === undefined ? false : (readBoolean(allow, loading.diagnostics) ?? false),
  };
}

/** A `default` in an argument spec stands for a line in `defaults/main.yaml` that is not there. */
function withSpecDefaults(defaults: VariableBlock, specs: readonly ArgumentSpec[]): VariableBlock {
  const values = new Map(defaults.values);
  for (const spec of specs)
    if (spec.default !== undefined && !values.has(spec.name)) values.set(spec.name, spec.default);
  return { ...defaults, values };
}

function readRoleVariables(
  role: { readonly name: string; readonly directory: string },
  options: {
    readonly folder: 'defaults' | 'vars';
    readonly from: FileName | undefined;
    readonly loading: Loading;
  },
): VariableBlock {
  const { folder, from, loading } = options;
  const origin = folder === 'defaults' ? `role defaults of ${role.name}` : `role vars of ${role.name}`;
  const map = readMapFile(findRoleFile(role, { kind: folder, from, loading }), loading);
  if (map === undefined) return emptyBlock(origin);
  checkText(map, loading.diagnostics);
  return variableBlock(map, { origin, diagnostics: loading.diagnostics });
}

function readRoleMap(directory: string, name: string, loading: Loading): LocatedMap | undefined {
  return readMapFile(findYaml(join(directory, name), loading), loading);
}

function readMapFile(path: string | undefined, loading: Loading): LocatedMap | undefined {
  const located = path === undefined ? undefined : readYamlFile(path, loading);
  if (located === undefined) return undefined;
  const entry: LocatedEntry = { key: path ?? '', keySpan: located.span, value: located };
  return located.kind === 'scalar' && located.value === null ? undefined : readMap(entry, loading.diagnostics);
}
