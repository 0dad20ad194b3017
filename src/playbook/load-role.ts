import { dirname, join } from 'node:path';
import type { Located, LocatedEntry } from '../syntax/located.js';
import { plainData } from '../syntax/located.js';
import { loadHandlers } from './handlers.js';
import type { Loading, Surroundings } from './loading.js';
import { readRoleFolder, type RoleFolder } from './role-folder.js';
import { type FileName, findRoleFile, plainNames } from './role-files.js';
import { findRole } from './role-search.js';
import { checkRoleParams, readRoleUse, type RoleUse } from './role-use.js';
import { loadSteps } from './steps.js';
import { enter, readTags, readWhen, stepBase } from './surroundings.js';
import { circleOf, readYamlFile } from './task-file.js';
import type { Role, RoleContext, RoleFiles, RoleReference, RoleStep, Step } from './types.js';

export interface RoleUseOptions {
  /** What stands around the use, the use's own keywords folded in. */
  readonly surroundings: Surroundings;
  readonly loading: Loading;
  /** Run only once per play and host for the same parameters. */
  readonly oncePerHost: boolean;
  readonly files?: RoleFiles<FileName>;
}

/** The steps of a role, after those of the roles it depends on. Empty when it could not be read, which was reported. */
export function loadRoleUse(use: RoleUse, options: RoleUseOptions): readonly RoleStep[] {
  const { surroundings, loading } = options;
  const found = findRole(use.name, {
    span: use.nameSpan,
    loading,
    ...(surroundings.role === undefined ? {} : { parent: surroundings.role }),
  });
  if (found === undefined) return [];
  const trail = extendTrail(found, use, options);
  if (trail === undefined) return [];
  const files = plainNames(options.files ?? {}, loading);
  if (files === undefined) return [];
  const folder = readRoleFolder(found, { files, loading });
  checkRoleParams(use, folder, loading);
  const context = contextOf(use, folder, options);
  const base = stepBase(use.map, surroundings);
  const inside: Surroundings = {
    ...surroundings,
    idPrefix: `${base.id}>`,
    directory: join(folder.directory, 'tasks'),
    role: context,
    trail,
  };
  const before = loadDependencies(folder, { inside, loading });
  const steps = loadTasks(folder, { tasks: files.tasks, inside, loading });
  addHandlers(folder, { handlers: files.handlers, inside, context, loading });
  return [
    ...before,
    {
      kind: 'role',
      ...base,
      role: context,
      context,
      steps,
      oncePerHost: options.oncePerHost && !folder.allowDuplicates,
    },
  ];
}

function extendTrail(
  found: { readonly name: string; readonly directory: string },
  use: RoleUse,
  options: RoleUseOptions,
): Surroundings['trail'] | undefined {
  const { trail } = options.surroundings;
  const link = { path: found.directory, name: found.name, span: use.nameSpan };
  const circle = circleOf(trail, link);
  if (circle === undefined) return [...trail, link];
  options.loading.diagnostics.error({
    code: 'role-circle',
    message: `these roles need each other: ${circle.text}`,
    span: use.nameSpan,
    related: circle.links.map((each) => ({ span: each.span, message: `\`${each.name}\` is asked for here` })),
  });
  return undefined;
}

function contextOf(use: RoleUse, folder: RoleFolder, options: RoleUseOptions): RoleContext {
  const { name, directory, defaults, vars, argumentSpecs } = folder;
  const dependencies = folder.dependencies.flatMap((item) => readReference(item, options.loading));
  const role: Role = { name, directory, defaults, vars, argumentSpecs, dependencies };
  const params = [...use.params.values]
    .map(([key, value]) => [key, plainData(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const parent = options.surroundings.role;
  return {
    role,
    params: use.params,
    key: `${directory} ${JSON.stringify(params)}`,
    ...(parent === undefined ? {} : { parent }),
  };
}

function readReference(item: Located, loading: Loading): readonly RoleReference[] {
  const use = readRoleUse(item, loading);
  if (use === undefined) return [];
  return [
    {
      name: use.name,
      span: use.nameSpan,
      params: use.params,
      when: readWhen(use.map, loading),
      tags: readTags(use.map, loading),
    },
  ];
}

function loadDependencies(
  folder: RoleFolder,
  options: { readonly inside: Surroundings; readonly loading: Loading },
): readonly RoleStep[] {
  const { inside, loading } = options;
  return folder.dependencies.flatMap((item) => {
    const use = readRoleUse(item, loading);
    return use === undefined
      ? []
      : loadRoleUse(use, { surroundings: enter(use.map, inside, loading), loading, oncePerHost: true });
  });
}

function loadTasks(
  folder: RoleFolder,
  context: { readonly tasks: FileName | undefined; readonly inside: Surroundings; readonly loading: Loading },
): readonly Step[] {
  const { tasks: from, inside, loading } = context;
  const path = findRoleFile(folder, { kind: 'tasks', from, loading });
  const tasks = path === undefined ? undefined : readYamlFile(path, loading);
  if (path === undefined || tasks === undefined) return [];
  const list: LocatedEntry = { key: "a role's tasks", keySpan: tasks.span, value: tasks };
  return loadSteps(list, { surroundings: { ...inside, directory: dirname(path) }, loading });
}

/** Handlers of a role belong to the play; the same file of the same role with the same parameters brings them once. */
function addHandlers(
  folder: RoleFolder,
  options: {
    readonly handlers: FileName | undefined;
    readonly inside: Surroundings;
    readonly context: RoleContext;
    readonly loading: Loading;
  },
): void {
  const { handlers: from, inside, context, loading } = options;
  const key = `${context.key} ${from?.name ?? 'main'}`;
  if (inside.parts.roleKeys.has(key)) return;
  inside.parts.roleKeys.add(key);
  const path = findRoleFile(folder, { kind: 'handlers', from, loading });
  const handlers = path === undefined ? undefined : readYamlFile(path, loading);
  if (path === undefined || handlers === undefined) return;
  const list: LocatedEntry = { key: "a role's handlers", keySpan: handlers.span, value: handlers };
  inside.parts.handlers.push(
    ...loadHandlers(list, { surroundings: { ...inside, directory: dirname(path), notify: [] }, loading }),
  );
}
