import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf, isTemplate } from '../syntax/located.js';
import { checkKeys } from '../syntax/fields.js';
import { plainModuleName } from './catalogue.js';
import { readMap, readText, wrongType } from './fields.js';
import { keywordNames } from './keywords.js';
import type { Loading, Surroundings } from './loading.js';
import { checkIncludeKeys } from './include-keys.js';
import { readIncludeLoop } from './loop.js';
import { defined, readRegister } from './module-step.js';
import { loadSteps } from './steps.js';
import { enter, stepBase, withVariables } from './surroundings.js';
import { circleOf, findTaskFile, readYamlFile, surroundingsOfFile } from './task-file.js';
import type { ActionKey } from './task-keys.js';
import type { IncludeApply, IncludeTasksStep, Step } from './types.js';

export interface StepOptions {
  readonly map: LocatedMap;
  readonly surroundings: Surroundings;
  readonly loading: Loading;
}

/** `import_tasks`: the file's steps in place; what the task says holds for each of them. */
export function loadImportTasks(action: ActionKey, options: StepOptions): readonly Step[] {
  const { map, loading } = options;
  checkIncludeKeys(action, { map, kind: 'import', loading });
  const inside = withVariables(enter(map, options.surroundings, loading), { map, what: 'import', loading });
  const file = fileEntry(action.entry, loading);
  const name = file === undefined ? undefined : readText(file, loading.diagnostics);
  if (file === undefined || name === undefined) return [];
  return loadTaskFile({ name, entry: file, id: stepBase(map, inside).id, surroundings: inside, loading });
}

/** `include_tasks`: the file is chosen when the step runs. A name without a template is read now, for its mistakes. */
export function loadIncludeTasks(action: ActionKey, options: StepOptions): readonly Step[] {
  const { map, surroundings, loading } = options;
  const { diagnostics } = loading;
  checkIncludeKeys(action, { map, kind: 'include', loading });
  const own = withVariables(enter(map, surroundings, loading), { map, what: 'include', loading });
  const file = fileEntry(action.entry, loading);
  if (file === undefined) return [];
  if (file.value.kind !== 'scalar' || typeof file.value.value !== 'string') {
    wrongType(file, { expected: 'the name of a file', diagnostics });
    return [];
  }
  const apply = readApply(action.entry, surroundings, loading);
  const step: IncludeTasksStep = {
    kind: 'include-tasks',
    ...stepBase(map, own),
    file: file.value,
    apply,
    notify: own.notify,
    ...defined('loop', readIncludeLoop(map, diagnostics)),
    ...defined('register', readRegister(map, loading)),
  };
  if (isTemplate(file.value)) return [step];
  const steps = readAhead(step, { name: file.value.value, file, surroundings, loading });
  return [steps === undefined ? step : { ...step, steps }];
}

/** The steps of an include that may be read before the run; a file that includes itself is left to the run. */
function readAhead(
  step: IncludeTasksStep,
  options: {
    readonly name: string;
    readonly file: LocatedEntry;
    readonly surroundings: Surroundings;
    readonly loading: Loading;
  },
): readonly Step[] | undefined {
  const { name, file, loading } = options;
  const path = findTaskFile(name, { span: file.value.span, surroundings: options.surroundings, loading });
  if (path === undefined || options.surroundings.trail.some((link) => link.path === path)) return undefined;
  return loadTaskFile({
    name,
    entry: file,
    id: step.id,
    surroundings: includedSurroundings(step, options.surroundings),
    loading,
  });
}

/** What the steps of an include inherit: everything around it and its `apply`, and its variables. */
export function includedSurroundings(
  step: { readonly apply: IncludeApply; readonly vars: Surroundings['vars'] },
  outer: Surroundings,
): Surroundings {
  const { apply, vars } = step;
  return { ...outer, when: apply.when, tags: apply.tags, keywords: apply.keywords, notify: apply.notify ?? [], vars };
}

/** The steps of a file of tasks. A file that imports itself is reported with the circle. */
export function loadTaskFile(options: {
  readonly name: string;
  readonly entry: LocatedEntry;
  readonly id: string;
  readonly surroundings: Surroundings;
  readonly loading: Loading;
}): readonly Step[] {
  const { name, entry, id, surroundings, loading } = options;
  const { span } = entry.value;
  const path = findTaskFile(name, { span, surroundings, loading });
  if (path === undefined) return [];
  const link = { path, name: path, span };
  const circle = circleOf(surroundings.trail, link);
  if (circle !== undefined) {
    loading.diagnostics.error({
      code: 'import-circle',
      message: `these files import each other: ${circle.text}`,
      span,
      related: circle.links.map((each) => ({ span: each.span, message: `\`${each.name}\` is imported here` })),
    });
    return [];
  }
  const tasks = readYamlFile(path, { files: loading.files, diagnostics: loading.diagnostics, span });
  if (tasks === undefined) return [];
  const list: LocatedEntry = { key: 'a file of tasks', keySpan: tasks.span, value: tasks };
  return loadSteps(list, { surroundings: surroundingsOfFile(path, { surroundings, id, link }), loading });
}

/** What `apply` adds to the surroundings of an include. */
export function readApply(entry: LocatedEntry, surroundings: Surroundings, loading: Loading): IncludeApply {
  const found = entry.value.kind === 'map' ? entryOf(entry.value, 'apply') : undefined;
  const map = found === undefined ? undefined : readMap(found, loading.diagnostics);
  if (map !== undefined)
    checkKeys({
      map,
      allowed: ['tags', 'when', 'notify', ...keywordNames],
      what: '`apply`',
      diagnostics: loading.diagnostics,
    });
  const { tags, keywords, when, notify } = map === undefined ? surroundings : enter(map, surroundings, loading);
  return { tags, keywords, when, notify };
}

/** The `file` of `include_tasks: name` or of `include_tasks: {file: name}`. */
function fileEntry(entry: LocatedEntry, loading: Loading): LocatedEntry | undefined {
  if (entry.value.kind !== 'map') return entry;
  const isImport = plainModuleName(entry.key) === 'import_tasks';
  checkKeys({
    map: entry.value,
    allowed: isImport ? ['file'] : ['file', 'apply'],
    what: `\`${entry.key}\``,
    hints: isImport ? { apply: 'write it beside the import: what an import says holds for the tasks inside' } : {},
    diagnostics: loading.diagnostics,
  });
  const file = entryOf(entry.value, 'file');
  if (file !== undefined) return file;
  loading.diagnostics.error({
    code: 'missing-key',
    message: `\`${entry.key}\` needs the key \`file\``,
    span: entry.value.span,
  });
  return undefined;
}
