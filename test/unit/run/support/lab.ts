import { UnreachableError } from '../../../../src/core/errors.js';
import type { Inventory, VariableLayer } from '../../../../src/inventory/types.js';
import { assertModule } from '../../../../src/modules/assert.js';
import { asyncStatus } from '../../../../src/modules/async_status.js';
import { debug } from '../../../../src/modules/debug.js';
import { fail } from '../../../../src/modules/fail.js';
import { setFact } from '../../../../src/modules/set_fact.js';
import type { AnyModule } from '../../../../src/modules/types.js';
import type { RunEvent, TaskStatus } from '../../../../src/run/events.js';
import type { ControllerFiles } from '../../../../src/run/controller.js';
import type { RunOptions, RunOutcome, RunRequest } from '../../../../src/run/request.js';
import { runPlan } from '../../../../src/run/run-plan.js';
import type { Selection } from '../../../../src/plan/types.js';
import { genericKind } from '../../../../src/rollout/generic.js';
import type { EnsembleKind } from '../../../../src/rollout/types.js';
import { Masker } from '../../../../src/shell/masker.js';
import { Diagnostics } from '../../../../src/core/diagnostic.js';
import { readVariables } from '../../../../src/playbook/variables.js';
import { parseYaml } from '../../../../src/syntax/parse-yaml.js';
import type { Value } from '../../../../src/template/value.js';
import { type Answer, type Asked, fakeSession } from './fake-session.js';
import { FakeClock } from './fake-clock.js';
import { planOf } from './playbook-text.js';
import { simModule } from './sim-module.js';

export interface LabOptions {
  /** Groups and their hosts; h1 to h4 in web and db unless told otherwise. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** YAML of variables by "group web" or "host h1". */
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: Partial<RunOptions>;
  readonly selection?: Partial<Selection>;
  readonly extraVars?: Readonly<Record<string, Value>>;
  /** Hosts that do not answer. */
  readonly down?: readonly string[];
  readonly answer?: (asked: Asked) => Answer | Promise<Answer>;
  readonly signal?: AbortSignal;
  /** Modules beside the usual ones. */
  readonly modules?: readonly AnyModule[];
  /** The kind that `generic` names. */
  readonly ensemble?: EnsembleKind;
  /** How long a connection takes to open. */
  readonly connecting?: (host: string) => Promise<void>;
}

const defaultGroups: Readonly<Record<string, readonly string[]>> = { web: ['h1', 'h2'], db: ['h3', 'h4'] };

/** Pretended hosts, modules and time, all under the test's control; playbooks are text. */
export class Lab {
  /** `host do` of every sim change that began, in order. */
  readonly trace: string[] = [];
  readonly counts = new Map<string, number>();
  readonly events: RunEvent[] = [];
  readonly asked: Asked[] = [];
  readonly connected: string[] = [];
  readonly closed: string[] = [];
  readonly clock = new FakeClock();
  readonly masker = new Masker();
  readonly down: Set<string>;
  readonly #options: LabOptions;
  readonly #gates = new Map<string, { readonly entered: () => void; readonly released: Promise<void> }>();
  /** How many sim changes were under way at the same time at most. */
  most = 0;
  #running = 0;

  constructor(options: LabOptions = {}) {
    this.#options = options;
    this.down = new Set(options.down ?? []);
  }

  /** Lets the change `host do` begin and not end. `entered` tells when it began, `release` lets it end. */
  hold(key: string): { readonly entered: Promise<void>; readonly release: () => void } {
    let begin: () => void = () => undefined;
    let release: () => void = () => undefined;
    const entered = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#gates.set(key, { entered: begin, released });
    return { entered, release };
  }

  async enter(key: string, signal: AbortSignal): Promise<void> {
    this.#running++;
    this.most = Math.max(this.most, this.#running);
    const gate = this.#gates.get(key);
    gate?.entered();
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    // Gives every other change that may run at the same time the chance to begin.
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.race([gate?.released ?? Promise.resolve(), aborted]);
    this.#running--;
  }

  async run(playbook: string): Promise<RunOutcome> {
    return runPlan(this.request(playbook));
  }

  request(playbook: string): RunRequest {
    const { options = {}, selection = {}, extraVars = {}, files = {}, answer, signal } = this.#options;
    const { modules: more = [] } = this.#options;
    const usual = [simModule(this), asyncStatus, debug, setFact, assertModule, fail] as unknown as readonly AnyModule[];
    const all = [...usual, ...more];
    const modules = new Map(all.map((module) => [module.name, module]));
    const fileMap = new Map(Object.entries(files));
    const inventory = this.#inventory();
    const { plan, includes } = planOf({
      playbook,
      files: fileMap,
      modules,
      inventory,
      selection: { limit: [], tags: [], skipTags: [], ...selection },
    });
    return {
      id: 'run-1',
      plan,
      inventory,
      connect: async (host) => {
        this.connected.push(host);
        await this.#options.connecting?.(host);
        if (this.down.has(host))
          throw new UnreachableError({ host, reason: 'refused', message: `${host} refused the connection` });
        return fakeSession({
          host,
          answer: async (asked) => {
            this.asked.push(asked);
            return (
              (await answer?.(asked)) ??
              (asked.text.includes('os-release') ? { stdout: `hostname\t${host}-real\n` } : undefined)
            );
          },
          onClose: () => this.closed.push(host),
        });
      },
      modules: { find: (name) => modules.get(name) },
      ensembles: {
        find: (name) => (name === 'generic' ? (this.#options.ensemble ?? genericKind) : undefined),
        names: ['generic'],
      },
      includes,
      files: controllerFiles(fileMap),
      extraVars,
      options: { preview: false, diff: false, forks: 5, ...options },
      sink: (event) => {
        this.events.push(event);
      },
      masker: this.masker,
      signal: signal ?? new AbortController().signal,
      clock: this.clock,
    };
  }

  /** `host: task → status` of every task that ended, in order. */
  get outcomes(): readonly string[] {
    return this.events.flatMap((event) =>
      event.kind === 'task-end' ? [`${event.ref.host}: ${event.ref.task} → ${event.outcome.status}`] : [],
    );
  }

  outcomesOf(task: string): Readonly<Record<string, TaskStatus>> {
    return Object.fromEntries(
      this.events.flatMap((event) =>
        event.kind === 'task-end' && event.ref.task === task ? [[event.ref.host, event.outcome.status]] : [],
      ),
    );
  }

  messageOf(host: string, task: string): string | undefined {
    for (const event of this.events) {
      if (event.kind === 'task-end' && event.ref.host === host && event.ref.task === task) return event.outcome.message;
    }
    return undefined;
  }

  /** What `debug` showed, as `host: text`. */
  get shown(): readonly string[] {
    return this.events.flatMap((event) => {
      const text = event.kind === 'task-end' ? event.outcome.result?.['msg'] : undefined;
      const shown = typeof text === 'string' ? text : JSON.stringify(text);
      return event.kind === 'task-end' && shown !== undefined ? [`${event.ref.host}: ${shown}`] : [];
    });
  }

  /** Trace entries of one host, without its name. */
  of(host: string): readonly string[] {
    return this.trace.filter((entry) => entry.startsWith(`${host} `)).map((entry) => entry.slice(host.length + 1));
  }

  #inventory(): Inventory {
    const { groups = defaultGroups, variables = {} } = this.#options;
    const layer = (name: string): readonly VariableLayer[] => {
      const text = variables[name];
      if (text === undefined) return [];
      const diagnostics = new Diagnostics();
      const value = parseYaml({ text, file: name, diagnostics });
      return value
        ? [
            {
              name,
              values: readVariables({ key: name, keySpan: value.span, value }, { origin: name, diagnostics }).values,
            },
          ]
        : [];
    };
    const names = [...new Set(Object.values(groups).flat())];
    return {
      sources: ['inventory.yaml'],
      hosts: new Map(
        names.map((name) => {
          const own = Object.keys(groups).filter((group) => groups[group]!.includes(name));
          return [
            name,
            {
              name,
              groups: own,
              layers: [
                ...layer('group all'),
                ...own.flatMap((group) => layer(`group ${group}`)),
                ...layer(`host ${name}`),
              ],
            },
          ];
        }),
      ),
      groups: new Map(
        [...Object.entries(groups), ['all', names] as const].map(([name, hosts]) => [
          name,
          { name, parents: [], children: [], hosts, layers: [] },
        ]),
      ),
    };
  }
}

function controllerFiles(files: ReadonlyMap<string, string>): ControllerFiles {
  return {
    playbookDirectory: 'pb',
    exists: async (path) => files.has(path),
    kind: async () => 'file',
    readFile: async (path) => Buffer.from(files.get(path) ?? ''),
    decrypted: async () => undefined,
    readTextNow: (path) => files.get(path),
    size: async () => ({ size: 0, mode: 0 }),
    fingerprint: async () => ({ size: 0, sha256: '', mode: 0 }),
    list: async () => [],
    tree: async () => [],
  };
}
