import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf, isTemplate } from '../syntax/located.js';
import { checkKeys } from '../syntax/fields.js';
import { nonEmptyText } from '../syntax/reader.js';
import { readBoolean, readEntry, readMap, readText } from './fields.js';
import { checkIncludeKeys } from './include-keys.js';
import { includedSurroundings, readApply, type StepOptions } from './include-tasks.js';
import type { Loading, Surroundings } from './loading.js';
import { readIncludeLoop } from './loop.js';
import { defined, readRegister } from './module-step.js';
import { loadRoleUse } from './load-role.js';
import type { FileName } from './role-files.js';
import type { RoleUse } from './role-use.js';
import { enter, stepBase } from './surroundings.js';
import type { ActionKey } from './task-keys.js';
import type { IncludedRole, IncludeRoleStep, RoleFiles, RoleStep, VariableBlock } from './types.js';
import { readVariables } from './variables.js';

const fileKeys: RoleFiles<string> = {
  tasks: 'tasks_from',
  handlers: 'handlers_from',
  defaults: 'defaults_from',
  vars: 'vars_from',
};
const roleKeys: readonly string[] = ['name', ...Object.values(fileKeys)];

/** `import_role`: the role in place, each time it is written; what the task says holds for each of its steps. */
export function loadImportRole(action: ActionKey, options: StepOptions): readonly RoleStep[] {
  const { map, loading } = options;
  checkIncludeKeys(action, { map, kind: 'import', loading });
  const fields = readRoleFields(action, { map, allowed: roleKeys, loading });
  const name = fields === undefined ? undefined : readText(fields.name, loading.diagnostics);
  if (fields === undefined || name === undefined) return [];
  const use: RoleUse = { name, nameSpan: fields.name.value.span, map, params: fields.params };
  return loadRoleUse(use, {
    surroundings: enter(map, options.surroundings, loading),
    loading,
    oncePerHost: false,
    files: eachFile(fields.files, (file) => fileName(file, loading)),
  });
}

/** `include_role`: the role is chosen when the step runs. One whose name holds no template is read now, for its mistakes. */
export function loadIncludeRole(action: ActionKey, options: StepOptions): readonly IncludeRoleStep[] {
  const { map, surroundings, loading } = options;
  const { diagnostics } = loading;
  checkIncludeKeys(action, { map, kind: 'include', loading });
  const fields = readRoleFields(action, { map, allowed: [...roleKeys, 'public', 'apply'], loading });
  const roleName = fields === undefined ? undefined : readEntry(fields.name, { reader: nonEmptyText(), diagnostics });
  if (fields === undefined || roleName === undefined) return [];
  const files = eachFile(fields.files, ({ value }) => value);
  const step: IncludeRoleStep = {
    kind: 'include-role',
    ...stepBase(map, enter(map, surroundings, loading)),
    roleName: fields.name.value,
    params: fields.params,
    apply: readApply(action.entry, surroundings, loading),
    files,
    public: isPublic(action, diagnostics),
    ...defined('loop', readIncludeLoop(map, diagnostics)),
    ...defined('register', readRegister(map, loading)),
  };
  if ([fields.name.value, ...Object.values(files)].some(isTemplate)) return [step];
  const names = eachFile(fields.files, (file) => readText(file, diagnostics));
  const isRecursive = surroundings.trail.some((link) => link.name === roleName);
  const included = isRecursive
    ? undefined
    : loadIncludedRole(step, { name: roleName, surroundings, loading, files: names });
  return [included === undefined ? step : { ...step, included }];
}

/** The role of an include, once its name is known. Undefined when it could not be read, which was reported. */
export function loadIncludedRole(
  step: IncludeRoleStep,
  options: {
    readonly name: string;
    readonly files: RoleFiles<string>;
    readonly surroundings: Surroundings;
    readonly loading: Loading;
  },
): IncludedRole | undefined {
  const { name, loading } = options;
  const surroundings: Surroundings = {
    ...includedSurroundings(step, options.surroundings),
    parts: { handlers: [], roleKeys: new Set() },
  };
  const map: LocatedMap = { kind: 'map', entries: [], span: step.span };
  const use: RoleUse = { name, nameSpan: step.roleName.span, map, params: step.params };
  const files = eachFile(options.files, (file, kind) => ({ name: file, span: step.files[kind]?.span ?? step.span }));
  const roles = loadRoleUse(use, { surroundings, loading, oncePerHost: false, files });
  const own = roles.at(-1);
  if (own === undefined) return undefined;
  return { context: own.context, steps: [...roles.slice(0, -1), ...own.steps], handlers: surroundings.parts.handlers };
}

interface RoleFields {
  readonly name: LocatedEntry;
  readonly files: RoleFiles<LocatedEntry>;
  readonly params: VariableBlock;
}

function readRoleFields(
  action: ActionKey,
  options: { readonly map: LocatedMap; readonly allowed: readonly string[]; readonly loading: Loading },
): RoleFields | undefined {
  const { map, allowed, loading } = options;
  const { diagnostics } = loading;
  const short = action.entry.value.kind === 'scalar' && typeof action.entry.value.value === 'string';
  const fields = short ? undefined : readMap(action.entry, diagnostics);
  if (!short && fields === undefined) return undefined;
  if (fields !== undefined) checkKeys({ map: fields, allowed, what: `\`${action.name}\``, diagnostics });
  const name = fields === undefined ? action.entry : entryOf(fields, 'name');
  if (name === undefined) {
    diagnostics.error({
      code: 'missing-key',
      message: `\`${action.name}\` needs the key \`name\``,
      span: action.entry.value.span,
    });
    return undefined;
  }
  const params = readVariables(entryOf(map, 'vars'), { origin: `parameters of ${action.name}`, diagnostics });
  return { name, params, files: fields === undefined ? {} : eachFile(fileKeys, (key) => entryOf(fields, key)) };
}

/** What `change` makes of each file that is named; a file it gives nothing for is left out. */
function eachFile<From, To>(
  files: RoleFiles<From>,
  change: (file: From, kind: keyof RoleFiles<From>) => To | undefined,
): RoleFiles<To> {
  const changed: { -readonly [Kind in keyof RoleFiles<To>]: To } = {};
  for (const kind of ['tasks', 'handlers', 'defaults', 'vars'] as const) {
    const file = files[kind];
    const made = file === undefined ? undefined : change(file, kind);
    if (made !== undefined) changed[kind] = made;
  }
  return changed;
}

function fileName(file: LocatedEntry, loading: Loading): FileName | undefined {
  const name = readText(file, loading.diagnostics);
  return name === undefined ? undefined : { name, span: file.value.span };
}

function isPublic(action: ActionKey, diagnostics: Loading['diagnostics']): boolean {
  const { value } = action.entry;
  const entry = value.kind === 'map' ? entryOf(value, 'public') : undefined;
  return entry === undefined ? false : (readBoolean(entry, diagnostics) ?? false);
}
