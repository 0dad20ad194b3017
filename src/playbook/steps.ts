import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import { isBlock, loadBlock } from './block-step.js';
import { readList, wrongType } from './fields.js';
import { loadIncludeRole, loadImportRole } from './include-role.js';
import { loadImportTasks, loadIncludeTasks } from './include-tasks.js';
import type { Loading, Surroundings } from './loading.js';
import { loadMeta } from './meta-step.js';
import { loadModuleStep } from './module-step.js';
import { type ActionKey, findAction } from './task-keys.js';
import type { Step } from './types.js';

/** The steps of a list of tasks (`tasks:`, `block:`, a file of tasks); what is wrong with one is reported, the others are read. */
export function loadSteps(
  entry: LocatedEntry,
  options: { readonly surroundings: Surroundings; readonly loading: Loading },
): readonly Step[] {
  const list = readList(entry, options.loading.diagnostics);
  if (list === undefined) return [];
  return list.items.flatMap((item) => {
    if (item.kind === 'map') return loadStep(item, options);
    wrongType(
      { ...entry, key: 'a task', value: item },
      { expected: 'a map', diagnostics: options.loading.diagnostics },
    );
    return [];
  });
}

/** The steps one item of a task list stands for: imports give several, a mistake none. */
export function loadStep(
  map: LocatedMap,
  options: { readonly surroundings: Surroundings; readonly loading: Loading },
): readonly Step[] {
  checkName(map, options.loading);
  checkListen(map, options);
  if (isBlock(map)) return [loadBlock(map, options)];
  const action = findAction(map, options.loading);
  return action === undefined ? [] : loadAction(action, { ...options, map });
}

function loadAction(
  action: ActionKey,
  options: { readonly map: LocatedMap; readonly surroundings: Surroundings; readonly loading: Loading },
): readonly Step[] {
  switch (action.name) {
    case 'import_tasks':
      return loadImportTasks(action, options);
    case 'include_tasks':
      return loadIncludeTasks(action, options);
    case 'import_role':
      return loadImportRole(action, options);
    case 'include_role':
      return loadIncludeRole(action, options);
    case 'meta':
      return loadMeta(action, options);
    default:
      return loadModuleStep(action, options);
  }
}

function checkName(map: LocatedMap, loading: Loading): void {
  const entry = entryOf(map, 'name');
  if (entry === undefined || (entry.value.kind === 'scalar' && entry.value.value !== null)) return;
  wrongType(entry, { expected: 'a string', diagnostics: loading.diagnostics });
}

function checkListen(
  map: LocatedMap,
  options: { readonly surroundings: Surroundings; readonly loading: Loading },
): void {
  const entry = entryOf(map, 'listen');
  if (entry === undefined || options.surroundings.inHandlers === true) return;
  options.loading.diagnostics.error({
    code: 'misplaced-listen',
    message: 'only handlers listen: this task runs in its turn',
    span: entry.keySpan,
    hint: 'write it under `handlers`, or leave `listen` out',
  });
}
