import { dirname } from 'node:path';
import { checkKeys } from '../syntax/fields.js';
import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf, plainData } from '../syntax/located.js';
import { readBatchSize, readBatchSizes, readPercentage } from './batch-size.js';
import { checkText } from './check-text.js';
import { readEnsemble } from './ensemble.js';
import { readBoolean, readChoice, readCount, readEach, readList, readText, wrongType } from './fields.js';
import { loadHandlers, refuseDuplicateHandlers } from './handlers.js';
import { foldKeywords, keywordNames } from './keywords.js';
import { bareSurroundings, type Loading, type Surroundings } from './loading.js';
import { defined } from './module-step.js';
import { checkNotifications } from './notifications.js';
import { loadRoleUse } from './load-role.js';
import { readRoleUse } from './role-use.js';
import { loadSteps } from './steps.js';
import { enter, readTags, readWhen, union } from './surroundings.js';
import { refuseTranslated } from './task-keys.js';
import type { Play, RoleStep, Step } from './types.js';
import { readVariables } from './variables.js';
import { readVarsFiles } from './vars-files.js';

const taskLists = ['pre_tasks', 'tasks', 'post_tasks', 'gate', 'on_failure'] as const;

const playKeys: readonly string[] = [
  'name',
  'hosts',
  'needs',
  'allow_empty',
  'vars',
  'vars_files',
  'when',
  'tags',
  'roles',
  'handlers',
  ...taskLists,
  'serial',
  'order',
  'max_failures',
  'max_fail_percentage',
  'force_handlers',
  'strategy',
  'forks',
  'facts',
  'gather_facts',
  'ensemble',
  ...keywordNames,
];

const orders = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'] as const;

/** A play, with what the imports that brought it say (the outermost first); undefined (and reported) without hosts. */
export function loadPlay(
  map: LocatedMap,
  options: { readonly loading: Loading; readonly imports: readonly LocatedMap[] },
): Play | undefined {
  const { loading, imports } = options;
  const { diagnostics } = loading;
  checkPlayKeys(map, loading);
  const hosts = entryOf(map, 'hosts');
  if (hosts === undefined) {
    diagnostics.error({ code: 'missing-key', message: 'a play needs the key `hosts`', span: map.span });
    return undefined;
  }
  const keywords = foldKeywords(map, { outer: { environment: [] }, diagnostics });
  const tags = [...imports, map].map((each) => readTags(each, loading)).reduce(union);
  const around: Surroundings = { ...bareSurroundings(dirname(map.span.file)), keywords, tags };
  const steps = (key: (typeof taskLists)[number]): readonly Step[] => {
    const entry = entryOf(map, key);
    return entry === undefined ? [] : loadSteps(entry, { surroundings: around, loading });
  };
  const own = entryOf(map, 'handlers');
  const ownHandlers = own === undefined ? [] : loadHandlers(own, { surroundings: around, loading });
  const [preTasks, roles, tasks, postTasks] = [
    steps('pre_tasks'),
    loadRoles(map, around, loading),
    steps('tasks'),
    steps('post_tasks'),
  ];
  const [gate, onFailure] = [steps('gate'), steps('on_failure')];
  const handlers = [...ownHandlers, ...around.parts.handlers];
  const lists = { preTasks, roles, tasks, postTasks, gate, onFailure, handlers };
  refuseDuplicateHandlers(handlers, diagnostics);
  checkNotifications(lists, diagnostics);
  const settings = readSettings(map, loading);
  const { vars, when } = withImports(settings, { imports, loading });
  return { ...settings, vars, when, hosts: hosts.value, tags, keywords, ...lists };
}

/** The play's variables and condition with those of the imports that brought it: their values win, the outermost most. */
function withImports(
  own: Pick<Play, 'vars' | 'when'>,
  from: { readonly imports: readonly LocatedMap[]; readonly loading: Loading },
): Pick<Play, 'vars' | 'when'> {
  const { imports, loading } = from;
  const given = imports.map((map) =>
    readVariables(entryOf(map, 'vars'), { origin: 'vars of import_playbook', diagnostics: loading.diagnostics }),
  );
  return {
    when: [...imports.flatMap((map) => readWhen(map, loading)), ...own.when],
    vars: { ...own.vars, values: new Map([own.vars, ...given.toReversed()].flatMap(({ values }) => [...values])) },
  };
}

type Settings = Omit<
  Play,
  'hosts' | 'tags' | 'keywords' | 'preTasks' | 'roles' | 'tasks' | 'postTasks' | 'gate' | 'onFailure' | 'handlers'
>;

function readSettings(map: LocatedMap, loading: Loading): Settings {
  const { diagnostics } = loading;
  const read = <T>(key: string, reader: (entry: LocatedEntry) => T | undefined): T | undefined => {
    const entry = entryOf(map, key);
    return entry === undefined ? undefined : reader(entry);
  };
  const flag = (key: string): boolean | undefined => read(key, (entry) => readBoolean(entry, diagnostics));
  const name = read('name', (entry) => readText(entry, diagnostics));
  const pattern = plainData(entryOf(map, 'hosts')!.value);
  return {
    name: name ?? (Array.isArray(pattern) ? pattern.join(',') : String(pattern)),
    ...(name === undefined ? { unnamed: true as const } : {}),
    span: map.span,
    ...defined(
      'needs',
      read('needs', (entry) => readNeeds(entry, loading)),
    ),
    allowEmpty: flag('allow_empty') ?? false,
    vars: readVariables(entryOf(map, 'vars'), { origin: 'play vars', diagnostics }),
    varsFiles: readVarsFiles(map, loading),
    when: readWhen(map, loading),
    serial: readBatchSizes(entryOf(map, 'serial'), diagnostics),
    order: read('order', (entry) => readChoice(entry, { choices: orders, diagnostics })) ?? 'inventory',
    ...defined(
      'maxFailures',
      read('max_failures', (entry) => readBatchSize(entry, { diagnostics, least: 0 })),
    ),
    ...defined(
      'maxFailPercentage',
      read('max_fail_percentage', (entry) => readPercentage(entry, diagnostics)),
    ),
    anyErrorsFatal: plainData(entryOf(map, 'any_errors_fatal')?.value ?? falseAt(map)) === true,
    ...defined('forceHandlers', flag('force_handlers')),
    strategy: read('strategy', (entry) => readChoice(entry, { choices: ['linear', 'free'], diagnostics })) ?? 'linear',
    ...defined(
      'forks',
      read('forks', (entry) => readCount(entry, diagnostics)),
    ),
    facts: flag('facts') ?? flag('gather_facts') ?? true,
    ...defined(
      'ensemble',
      read('ensemble', (entry) => readEnsemble(entry, diagnostics)),
    ),
  };
}

function falseAt(map: LocatedMap): LocatedEntry['value'] {
  return { kind: 'scalar', value: false, source: 'false', quoted: false, span: map.span };
}

function readNeeds(entry: LocatedEntry, loading: Loading): Play['needs'] {
  return readEach(entry).flatMap((item) => {
    const name = readText(item, loading.diagnostics);
    return name === undefined ? [] : [{ name, span: item.value.span }];
  });
}

function loadRoles(map: LocatedMap, around: Surroundings, loading: Loading): readonly RoleStep[] {
  const entry = entryOf(map, 'roles');
  const list = entry === undefined ? undefined : readList(entry, loading.diagnostics);
  if (list === undefined) return [];
  return list.items.flatMap((item) => {
    const use = readRoleUse(item, loading);
    return use === undefined
      ? []
      : loadRoleUse(use, { surroundings: enter(use.map, around, loading), loading, oncePerHost: true });
  });
}

function checkPlayKeys(map: LocatedMap, loading: Loading): void {
  const { diagnostics } = loading;
  const known = {
    ...map,
    entries: map.entries.filter((entry) => playKeys.includes(entry.key) || !refuseTranslated(entry, loading)),
  };
  checkKeys({ map: known, allowed: playKeys, what: 'a play', diagnostics });
  const readElsewhere = new Set<string>([...taskLists, 'roles', 'handlers', 'when']);
  for (const entry of map.entries) if (!readElsewhere.has(entry.key)) checkText(entry.value, diagnostics);
  const hosts = entryOf(map, 'hosts');
  if (hosts?.value.kind === 'map') wrongType(hosts, { expected: 'a pattern or a list of patterns', diagnostics });
}
