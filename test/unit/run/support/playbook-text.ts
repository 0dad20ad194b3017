import { Diagnostics, InputError } from '../../../../src/core/diagnostic.js';
import type { AnyModule } from '../../../../src/modules/types.js';
import type { PlannedPlay } from '../../../../src/plan/types.js';
import { readConditions } from '../../../../src/playbook/conditions.js';
import { loadHandlers } from '../../../../src/playbook/handlers.js';
import { loadTaskFile, includedSurroundings } from '../../../../src/playbook/include-tasks.js';
import { foldKeywords } from '../../../../src/playbook/keywords.js';
import { bareSurroundings, type Loading, type Surroundings } from '../../../../src/playbook/loading.js';
import { loadRoleUse, readRoleUse } from '../../../../src/playbook/role-use.js';
import { loadSteps } from '../../../../src/playbook/steps.js';
import type {
  BatchSize,
  IncludeTasksStep,
  Play,
  RoleStep,
  Step,
  VariableBlock,
} from '../../../../src/playbook/types.js';
import { emptyBlock, readVariables } from '../../../../src/playbook/variables.js';
import type { FileReader } from '../../../../src/syntax/files.js';
import { entryOf, type LocatedEntry, type LocatedMap, plainData } from '../../../../src/syntax/located.js';
import { parseYaml } from '../../../../src/syntax/parse-yaml.js';

/** Plays out of YAML text, with the project's own reading of tasks, roles and handlers; `hosts` is a list of names. */
export class PlaybookText {
  readonly loading: Loading;
  readonly #files: ReadonlyMap<string, string>;

  constructor(options: {
    readonly modules: ReadonlyMap<string, AnyModule>;
    readonly files: ReadonlyMap<string, string>;
  }) {
    this.#files = options.files;
    this.loading = {
      files: filesOf(options.files),
      modules: { find: (name) => options.modules.get(name), names: () => [...options.modules.keys()] },
      diagnostics: new Diagnostics(),
      playbookDirectory: 'pb',
      roleFolders: ['pb/roles'],
    };
  }

  plays(text: string): readonly PlannedPlay[] {
    const located = parseYaml({ text, file: 'pb/site.yaml', diagnostics: this.loading.diagnostics });
    const plays = located?.kind === 'list' ? located.items.filter((item) => item.kind === 'map') : [];
    const names = plays.map((map, index) => nameOf(map, index));
    const planned = plays.map((map, index) =>
      this.#play(map, { name: names[index]!, before: names.slice(Math.max(0, index - 1), index) }),
    );
    this.#refuse();
    return planned;
  }

  /** The loader of includes that only the run can name. */
  tasks(request: { readonly file: string; readonly step: IncludeTasksStep }): readonly Step[] {
    const { file, step } = request;
    const surroundings: Surroundings = { ...bareSurroundings('pb'), ...(step.role ? { role: step.role } : {}) };
    const entry: LocatedEntry = { key: 'include_tasks', keySpan: step.span, value: step.file };
    const steps = loadTaskFile({
      name: file,
      entry,
      id: step.id,
      surroundings: includedSurroundings(step, surroundings),
      loading: this.loading,
    });
    this.#refuse();
    return steps;
  }

  variables(file: string): VariableBlock {
    const text = this.#files.get(`pb/${file}`) ?? '';
    const value = parseYaml({ text, file, diagnostics: this.loading.diagnostics });
    if (!value) return emptyBlock(file);
    return readVariables(
      { key: file, keySpan: value.span, value },
      { origin: file, diagnostics: this.loading.diagnostics },
    );
  }

  #refuse(): void {
    if (this.loading.diagnostics.hasErrors) throw new InputError(this.loading.diagnostics.all);
  }

  #play(map: LocatedMap, { name, before }: { readonly name: string; readonly before: readonly string[] }): PlannedPlay {
    const { loading } = this;
    const data = plainData(map) as Readonly<Record<string, unknown>>;
    const around: Surroundings = {
      ...bareSurroundings('pb'),
      keywords: foldKeywords(map, { outer: { environment: [] }, diagnostics: loading.diagnostics }),
    };
    const steps = (key: string): readonly Step[] => {
      const entry = entryOf(map, key);
      return entry ? loadSteps(entry, { surroundings: around, loading }) : [];
    };
    const roles = entryOf(map, 'roles')?.value;
    const roleSteps: readonly RoleStep[] = (roles?.kind === 'list' ? roles.items : []).flatMap((item) => {
      const use = readRoleUse(item, loading);
      return use ? loadRoleUse(use, { surroundings: around, loading, oncePerHost: true }) : [];
    });
    const own = entryOf(map, 'handlers');
    const hosts = data['hosts'] as readonly string[];
    const when = entryOf(map, 'when');
    const vars = entryOf(map, 'vars');
    const needs = data['needs'] as readonly string[] | undefined;
    const play: Play = {
      name,
      span: map.span,
      hosts: entryOf(map, 'hosts')!.value,
      ...(needs ? { needs: needs.map((need) => ({ name: need, span: map.span })) } : {}),
      allowEmpty: true,
      vars: vars
        ? readVariables(vars, { origin: 'play vars', diagnostics: loading.diagnostics })
        : emptyBlock('play vars'),
      varsFiles: listOf(map, 'vars_files'),
      when: when ? readConditions(when, loading.diagnostics) : [],
      tags: [],
      preTasks: steps('pre_tasks'),
      roles: roleSteps,
      tasks: steps('tasks'),
      postTasks: steps('post_tasks'),
      handlers: [...(own ? loadHandlers(own, { surroundings: around, loading }) : []), ...around.parts.handlers],
      serial: [],
      order: 'inventory',
      ...(data['max_failures'] === undefined ? {} : { maxFailures: sizeOf(data['max_failures']) }),
      anyErrorsFatal: data['any_errors_fatal'] === true,
      ...(typeof data['force_handlers'] === 'boolean' ? { forceHandlers: data['force_handlers'] } : {}),
      strategy: data['strategy'] === 'free' ? 'free' : 'linear',
      ...(typeof data['forks'] === 'number' ? { forks: data['forks'] } : {}),
      ...(typeof data['throttle'] === 'number' ? { throttle: data['throttle'] } : {}),
      facts: data['facts'] !== false,
      gate: steps('gate'),
      onFailure: steps('on_failure'),
      keywords: around.keywords,
    };
    return { name, play, hosts, batches: batchesOf(hosts, data['serial']), needs: needs ?? before };
  }
}

function nameOf(map: LocatedMap, index: number): string {
  const name = entryOf(map, 'name')?.value;
  return name?.kind === 'scalar' && typeof name.value === 'string' ? name.value : `play ${index + 1}`;
}

function listOf(map: LocatedMap, key: string): Play['varsFiles'] {
  const value = entryOf(map, key)?.value;
  return value?.kind === 'list' ? value.items : [];
}

function sizeOf(value: unknown): BatchSize {
  return typeof value === 'number'
    ? { kind: 'count', count: value }
    : { kind: 'percent', percent: Number(String(value).replace('%', '')) };
}

function batchesOf(hosts: readonly string[], serial: unknown): readonly (readonly string[])[] {
  if (typeof serial !== 'number') return [hosts];
  const batches: string[][] = [];
  for (let start = 0; start < hosts.length; start += serial) batches.push(hosts.slice(start, start + serial));
  return batches;
}

function filesOf(files: ReadonlyMap<string, string>): FileReader {
  const below = (path: string): readonly string[] =>
    [...files.keys()]
      .filter((name) => name.startsWith(`${path}/`))
      .map((name) => name.slice(path.length + 1).split('/')[0]!);
  return {
    read: (path) => files.get(path),
    kind: (path) => (files.has(path) ? 'file' : below(path).length > 0 ? 'directory' : undefined),
    list: (path) => [...new Set(below(path))].sort(),
    run: () => '',
  };
}
