import type { Span } from '../core/span.js';
import type { Expression } from '../template/types.js';
import type { Located, LocatedMap } from '../syntax/located.js';

/** A field that may hold a template: rendered when the step runs, for each host. */
export type Templated = Located;

/** Variables written in a play, block, task, role or include, with what people call the place. */
export interface VariableBlock {
  readonly origin: string;
  readonly values: ReadonlyMap<string, Located>;
}

/** A role as read from its folder. */
export interface Role {
  readonly name: string;
  readonly directory: string;
  readonly defaults: VariableBlock;
  readonly vars: VariableBlock;
  readonly argumentSpecs: readonly ArgumentSpec[];
  /** Roles that run first on the same host. */
  readonly dependencies: readonly RoleReference[];
}

export interface RoleReference {
  readonly name: string;
  readonly span: Span;
  readonly params: VariableBlock;
  readonly when: readonly Expression[];
  readonly tags: readonly string[];
}

/** One argument of a role, from meta/main.yaml `argument_specs`. */
export interface ArgumentSpec {
  readonly name: string;
  readonly span: Span;
  readonly type: 'str' | 'int' | 'float' | 'bool' | 'list' | 'dict' | 'path' | 'any';
  readonly elements?: ArgumentSpec['type'];
  readonly options?: readonly ArgumentSpec[];
  readonly required: boolean;
  readonly choices?: readonly (string | number | boolean)[];
  readonly default?: Located;
  readonly description: string;
  readonly secret: boolean;
}

/** The role a step came from: decides where its files are searched and which of its variables are seen. */
export interface RoleContext {
  readonly role: Role;
  /** Parameters given where the role is used (`roles:` entry, include_role vars). */
  readonly params: VariableBlock;
  /** The same role used twice with the same parameters has the same key: it runs once per play and host unless allowed twice. */
  readonly key: string;
  /** The role this one is used in (an include inside it, a dependency of it): its variables are seen here too, weaker than this role's own. */
  readonly parent?: RoleContext;
}

/**
 * Keywords of a step after inheritance: block and play settings are folded in by the loader, the innermost wins.
 * A missing field means: not said anywhere (the inventory's or the command line's value holds).
 */
export interface Keywords {
  readonly become?: Templated;
  readonly becomeUser?: Templated;
  readonly becomeMethod?: Templated;
  readonly becomePassword?: Templated;
  /** Outer to inner; later maps win key by key. */
  readonly environment: readonly Templated[];
  readonly delegateTo?: Templated;
  readonly delegateFacts?: Templated;
  readonly runOnce?: Templated;
  readonly ignoreErrors?: Templated;
  readonly ignoreUnreachable?: Templated;
  readonly noLog?: Templated;
  readonly checkMode?: Templated;
  readonly diff?: Templated;
  readonly throttle?: Templated;
  /** Seconds. */
  readonly timeout?: Templated;
  readonly anyErrorsFatal?: Templated;
}

/** What every step has. Steps are fully resolved: inherited conditions, tags, variables and keywords are in them. */
export interface StepBase {
  /** Stable within a plan: `file:line:column` of the step, with the including step's id before it for what is included. */
  readonly id: string;
  readonly name?: Templated;
  readonly span: Span;
  /** Own and inherited conditions, outermost first; all must hold; judged anew for each step. */
  readonly when: readonly Expression[];
  /** Own and inherited tags. */
  readonly tags: readonly string[];
  /** Block and task vars, outermost first. */
  readonly vars: readonly VariableBlock[];
  readonly keywords: Keywords;
  readonly role?: RoleContext;
  /** The folder of the file the step stands in: relative paths are searched from here last. */
  readonly directory: string;
}

export interface Loop {
  readonly items: Templated;
  readonly loopVar: string;
  readonly indexVar?: string;
  readonly label?: Templated;
  /** Seconds between items. */
  readonly pause?: Templated;
  /** Each item also sees where in the loop it stands, as `ansible_loop`. */
  readonly extended: boolean;
  /** Judged after each item, with its result: once all of them hold, the items after it are left out. */
  readonly breakWhen: readonly Expression[];
}

export interface ModuleStep extends StepBase {
  readonly kind: 'module';
  /** The module's name in the index. */
  readonly module: string;
  /** The module's parameters; a bare scalar has been put under the module's free-form parameter. */
  readonly params: LocatedMap;
  readonly loop?: Loop;
  readonly register?: string;
  readonly until: readonly Expression[];
  /** Said without until: until it succeeds. Default 3 when until is said. */
  readonly retries?: Templated;
  /** Seconds between tries, default 5. */
  readonly delay?: Templated;
  readonly changedWhen?: readonly Expression[];
  readonly failedWhen?: readonly Expression[];
  /** Handler names and topics. */
  readonly notify: readonly Templated[];
  /** Seconds the job may take when it runs apart from the connection. */
  readonly asyncSeconds?: Templated;
  /** Seconds between looks at the job; 0: do not wait. */
  readonly pollSeconds?: Templated;
}

export interface BlockStep extends StepBase {
  readonly kind: 'block';
  readonly block: readonly Step[];
  readonly rescue: readonly Step[];
  readonly always: readonly Step[];
}

/** What included steps start from: all that stands around the include, and what its `apply` adds; not the include's own `when` and tags. */
export interface IncludeApply {
  readonly tags: readonly string[];
  readonly keywords: Keywords;
  readonly when: readonly Expression[];
  /** Handlers that blocks around the include notify. */
  readonly notify?: readonly Templated[];
}

/** `include_tasks`: the file is chosen at run time, per host. Its `when` is judged once, its tags stay outside unless `apply` says otherwise. */
export interface IncludeTasksStep extends StepBase {
  readonly kind: 'include-tasks';
  readonly file: Templated;
  readonly apply: IncludeApply;
  readonly loop?: Loop;
  readonly register?: string;
  readonly notify: readonly Templated[];
  /** The file's steps when its name holds no template: read ahead, so that its mistakes are found. */
  readonly steps?: readonly Step[];
}

/** `include_role`: the role is chosen at run time. */
export interface IncludeRoleStep extends StepBase {
  readonly kind: 'include-role';
  readonly roleName: Templated;
  readonly files: RoleFiles<Templated>;
  /** The role's defaults and vars are seen by what comes after it on the hosts that included it. */
  readonly public: boolean;
  readonly params: VariableBlock;
  readonly apply: IncludeApply;
  readonly loop?: Loop;
  readonly register?: string;
  /** The role when neither its name nor the names of its files hold a template: read ahead, so that its mistakes are found. */
  readonly included?: IncludedRole;
}

/** The files that an import or include takes in place of a role's `main` ones: `tasks_from`, `handlers_from` and so on. */
export interface RoleFiles<Name> {
  readonly tasks?: Name;
  readonly handlers?: Name;
  readonly defaults?: Name;
  readonly vars?: Name;
}

/** A role as an include brings it: its steps (roles it depends on stand before them) and the handlers of all of them. */
export interface IncludedRole {
  readonly context: RoleContext;
  readonly steps: readonly Step[];
  readonly handlers: readonly Handler[];
}

/** A role of `roles:`, of `import_role` or of a dependency, with its steps in place (dependencies stand before it). */
export interface RoleStep extends StepBase {
  readonly kind: 'role';
  readonly context: RoleContext;
  readonly steps: readonly Step[];
  /** Skip when the same key already ran on this host in this play (dependencies and `roles:` entries). */
  readonly oncePerHost: boolean;
}

export type MetaAction =
  | 'flush_handlers'
  | 'end_host'
  | 'end_play'
  | 'end_batch'
  | 'end_role'
  | 'clear_facts'
  | 'clear_host_errors'
  | 'reset_connection'
  | 'refresh_inventory'
  | 'noop';

export interface MetaStep extends StepBase {
  readonly kind: 'meta';
  readonly action: MetaAction;
}

export type Step = ModuleStep | BlockStep | IncludeTasksStep | IncludeRoleStep | RoleStep | MetaStep;

/** A step that runs when notified by its name or by a topic it listens to. */
export interface Handler {
  readonly step: ModuleStep | IncludeTasksStep | BlockStep | MetaStep;
  readonly listen: readonly string[];
}

/** Size of a batch: a number of hosts, or a share of all hosts of the play in percent. */
export type BatchSize =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'percent'; readonly percent: number };

export interface Ensemble {
  readonly kind: string;
  readonly kindSpan: Span;
  readonly maxUnavailable: BatchSize;
  readonly maxUnavailableSpan?: Span;
  /** `gate_in_a_row`, `gate_interval`, `gate_deadline`: what is said wins over the kind's own. */
  readonly timing: {
    readonly inARow?: number;
    readonly intervalSeconds?: number;
    readonly deadlineSeconds?: number;
  };
  readonly span: Span;
  /** Further settings of the kind (`probes` of a generic ensemble). */
  readonly settings: LocatedMap;
}

export interface Play {
  readonly name: string;
  /** The play was given no name: `name` is its host pattern. */
  readonly unnamed?: true;
  readonly span: Span;
  /** A host pattern, or several; templated with `-e` and play vars only. */
  readonly hosts: Templated;
  /** Names of plays that must be done before; undefined: the play above. */
  readonly needs?: readonly { readonly name: string; readonly span: Span }[];
  readonly allowEmpty: boolean;
  readonly vars: VariableBlock;
  readonly varsFiles: readonly Templated[];
  readonly when: readonly Expression[];
  readonly tags: readonly string[];
  readonly preTasks: readonly Step[];
  readonly roles: readonly RoleStep[];
  readonly tasks: readonly Step[];
  readonly postTasks: readonly Step[];
  /** The play's own handlers, then those of its roles in the order of use. */
  readonly handlers: readonly Handler[];
  readonly serial: readonly BatchSize[];
  readonly order: 'inventory' | 'reverse_inventory' | 'sorted' | 'reverse_sorted' | 'shuffle';
  /** Of the whole rollout. */
  readonly maxFailures?: BatchSize;
  /** Ansible's `max_fail_percentage`: of each batch. */
  readonly maxFailPercentage?: number;
  readonly anyErrorsFatal: boolean;
  readonly forceHandlers?: boolean;
  readonly strategy: 'linear' | 'free';
  readonly forks?: number;
  readonly throttle?: number;
  /** false: facts are never read, reading `facts` is an error. Default true: read when first asked for. */
  readonly facts: boolean;
  readonly ensemble?: Ensemble;
  readonly gate: readonly Step[];
  readonly onFailure: readonly Step[];
  readonly keywords: Keywords;
}

export interface Playbook {
  readonly file: string;
  readonly plays: readonly Play[];
}
