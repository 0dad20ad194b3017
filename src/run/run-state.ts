import { UnreachableError } from '../core/errors.js';
import type { Inventory, InventoryHost } from '../inventory/types.js';
import type { ValueMap } from '../template/value.js';
import type { EventBus } from './bus.js';
import type { Clock } from './clock.js';
import { Confirmations } from './confirmations.js';
import { HostConnection } from './connection.js';
import { readFacts } from './facts.js';
import { Promises } from '../modules/promises.js';
import type { HostState } from './host-state.js';
import { LookAhead } from './look-ahead.js';
import type { RunRequest } from './request.js';
import { Semaphore } from './semaphore.js';
import type { Session } from '../transport/types.js';

/** One run under way: its hosts, its limits, and whether it has to halt. */
export class RunState {
  readonly request: RunRequest;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly forks: Semaphore;
  readonly lookAhead: LookAhead;
  readonly confirmations = new Confirmations();
  readonly started: string;
  /** The request's, with what add_host and group_by put into it. */
  inventory: Inventory;
  readonly #onSession: ((session: Session) => Promise<void>) | undefined;
  readonly #rehearses: RunState | undefined;
  readonly #hosts = new Map<string, HostState>();
  readonly #facts = new Map<string, Promise<ValueMap>>();
  #fatal: { readonly error: unknown } | undefined;
  /** Set when the user answered `--step` with "run all". */
  confirmed = false;
  /** Set when a rollout was refused or stopped: the run did not do what it was asked for, though no task failed. */
  refused = false;

  constructor(options: {
    readonly request: RunRequest;
    readonly bus: EventBus;
    readonly clock: Clock;
    /**
     * The run this one is a preview of, while it is under way: connections, limits and facts are shared, what is
     * registered is copied, promises are its own.
     */
    readonly rehearses?: RunState;
    /** Runs on every new session before anything else does. */
    readonly onSession?: (session: Session) => Promise<void>;
  }) {
    this.request = options.request;
    this.bus = options.bus;
    this.clock = options.clock;
    this.forks = options.rehearses?.forks ?? new Semaphore(options.request.options.forks);
    this.lookAhead =
      options.rehearses?.lookAhead ??
      new LookAhead({ clock: options.clock, files: options.request.files, signal: options.request.signal });
    this.inventory = options.rehearses?.inventory ?? options.request.inventory;
    this.started = options.rehearses?.started ?? options.clock.date();
    this.#onSession = options.onSession;
    this.#rehearses = options.rehearses;
  }

  /** Nothing further starts: the user cancelled, or a mistake nobody can rescue was found. */
  get halted(): boolean {
    return this.#fatal !== undefined || this.request.signal.aborted;
  }

  /** A silent preview inside a run: nothing is changed, and nobody is told. */
  get isRehearsal(): boolean {
    return this.#rehearses !== undefined;
  }

  /** The first error that ends the run. */
  get fatal(): { readonly error: unknown } | undefined {
    return this.#fatal;
  }

  fail(error: unknown): void {
    this.#fatal ??= { error };
  }

  host(name: string): HostState {
    const known = this.#hosts.get(name);
    if (known) return known;
    const state = this.#rehearses ? this.#copyOf(this.#rehearses.host(name)) : this.#newHost(name);
    this.#hosts.set(name, state);
    return state;
  }

  #newHost(name: string): HostState {
    const { request, clock, bus } = this;
    const onSession = this.#onSession;
    const inInventory = (): InventoryHost | undefined => this.inventory.hosts.get(name);
    return {
      name,
      get inventory() {
        return inInventory();
      },
      connection: new HostConnection({
        host: name,
        connect: request.connect,
        clock,
        onConnected: (milliseconds) => bus.emit({ kind: 'host-connected', host: name, milliseconds }),
        ...(onSession ? { onSession } : {}),
      }),
      variables: new Map(),
      includedVariables: new Map(),
      facts: undefined,
      promises: new Promises({ kept: request.options.preview }),
      unreachable: false,
      failed: false,
    };
  }

  get hosts(): Iterable<HostState> {
    return this.#hosts.values();
  }

  /** Reads a host's facts, once per run. Throws UnreachableError. */
  async loadFacts(name: string): Promise<void> {
    const state = this.host(name);
    if (state.facts) return;
    if (this.#rehearses) {
      await this.#rehearses.loadFacts(name);
      state.facts = this.#rehearses.host(name).facts;
      return;
    }
    const reading = this.#facts.get(name) ?? this.#readFacts(state);
    this.#facts.set(name, reading);
    state.facts = await reading;
  }

  forgetFacts(name: string): void {
    this.#facts.delete(name);
    this.host(name).facts = undefined;
  }

  async #readFacts(state: HostState): Promise<ValueMap> {
    if (state.unreachable)
      throw new UnreachableError({ host: state.name, reason: 'lost', message: `${state.name} is unreachable` });
    return readFacts(await state.connection.session());
  }

  /** A host as a rehearsal sees it: the same connection, everything else its own. */
  #copyOf(state: HostState): HostState {
    const inInventory = (): InventoryHost | undefined => this.inventory.hosts.get(state.name);
    return {
      ...state,
      get inventory() {
        return inInventory();
      },
      variables: new Map(state.variables),
      includedVariables: new Map(state.includedVariables),
      promises: new Promises(),
    };
  }
}
