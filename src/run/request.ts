import type { Diagnostic } from '../core/diagnostic.js';
import type { Inventory, VariableLayer } from '../inventory/types.js';
import type { VariableOwner } from '../inventory/variable-files.js';
import type { AnyModule } from '../modules/types.js';
import type { Plan } from '../plan/types.js';
import type {
  IncludedRole,
  IncludeRoleStep,
  IncludeTasksStep,
  Play,
  RoleFiles,
  Step,
  VariableBlock,
} from '../playbook/types.js';
import type { EnsembleCatalogue } from '../rollout/types.js';
import type { Masker } from '../shell/masker.js';
import type { Value } from '../template/value.js';
import type { OverflowFile } from '../transport/output.js';
import type { Session } from '../transport/types.js';
import type { ActionMemory } from './actions.js';
import type { Clock } from './clock.js';
import type { ControllerFiles } from './controller.js';
import type { EventSink, HostRecap, RunResult } from './events.js';

/** Opens a connection to a host by its inventory name. Throws UnreachableError. */
export type Connect = (host: string) => Promise<Session>;

/** How the controller reaches a host, for messages and for templates: nothing here is secret. */
export interface HostAddress {
  readonly address: string;
  readonly port?: number;
  readonly user?: string;
}

export interface ModuleCatalogue {
  find(name: string): AnyModule | undefined;
}

/** Steps that are known only when the run reaches them. Every method throws InputError with all mistakes of what it read. */
export interface IncludeLoader {
  tasks(request: { readonly file: string; readonly step: IncludeTasksStep }): readonly Step[];
  role(request: {
    readonly name: string;
    readonly files: RoleFiles<string>;
    readonly step: IncludeRoleStep;
  }): IncludedRole;
  /** A `vars_files` entry whose path was rendered. */
  variables(request: { readonly file: string; readonly play: Play }): VariableBlock;
}

/** What `--step` asks before each task. */
export type Confirm = (task: string, hosts: readonly string[]) => Promise<'run' | 'skip' | 'run-all'>;

/** `-b`, `--become-user`, `-K`: the weakest word on becoming another user. */
export interface BecomeFlags {
  readonly become?: boolean;
  readonly user?: string;
  readonly method?: 'sudo' | 'su';
  readonly password?: string;
}

export interface RunOptions {
  readonly preview: boolean;
  readonly diff: boolean;
  /** Hosts worked on at the same time; a play's own `forks` wins over it. */
  readonly forks: number;
  readonly forceHandlers?: boolean;
  readonly become?: BecomeFlags;
  readonly confirm?: Confirm;
  /** Take the lock of every host before anything is done on it. Never taken in a preview. */
  readonly lock?: { readonly holder: string };
  readonly rollout?: RolloutOptions;
  /** Handlers that were due when an earlier run stopped, by play and host. */
  readonly dueHandlers?: readonly DueHandlers[];
}

/** What the user says about plays with an ensemble. */
export interface RolloutOptions {
  /** After so many steps the rollout waits for `soakSeconds`, with the gate holding all the time; 1 when only that is said. */
  readonly canary?: number;
  readonly soakSeconds?: number;
  /** Asked before every step but the first; false: the rollout stops there. */
  readonly pause?: (question: string) => Promise<boolean>;
  /** The hosts of an ensemble that does not serve may be taken together. */
  readonly bringUp?: boolean;
}

export interface DueHandlers {
  readonly play: string;
  readonly host: string;
  /** Names of the handlers, or the ids of those without a name. */
  readonly handlers: readonly string[];
}

export interface RunRequest {
  /** Identifies the run: `run.id` in templates, the journal's folder, the locks. */
  readonly id: string;
  /** Who runs it: `user@machine`, for the journal. */
  readonly by?: string;
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly connect: Connect;
  readonly addressOf?: (host: string) => HostAddress;
  /** What files of variables hold for a group or host that is added. Throws InputError for mistakes in them. */
  readonly lateLayers?: (owner: VariableOwner) => readonly VariableLayer[];
  /** Told of a host that is added, or put into other groups, before it is connected to. Throws InputError for settings that make no sense. */
  readonly onMember?: (host: string, inventory: Inventory) => void;
  readonly modules: ModuleCatalogue;
  /** Kinds of ensembles; without it no play may have one. */
  readonly ensembles?: EnsembleCatalogue;
  readonly includes: IncludeLoader;
  readonly files: ControllerFiles;
  /** `-e`: data, never rendered. */
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly options: RunOptions;
  readonly sink: EventSink;
  readonly masker: Masker;
  /** Keeps which actions were done, and knows those of the run that this one goes on with. */
  readonly actions?: ActionMemory;
  /** Opens a file for a command's output that is too long for its result; never called for a no_log task. */
  readonly overflow?: (from: { readonly host: string; readonly stream: 'stdout' | 'stderr' }) => OverflowFile;
  /** Aborted by SIGINT and SIGTERM: nothing further starts. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

export interface RunOutcome {
  readonly result: RunResult;
  readonly recap: readonly HostRecap[];
  /** Mistakes in files that only the run could read (an include chosen at run time): the run stopped there. */
  readonly invalid?: readonly Diagnostic[];
  /** Another run holds a host: nothing further was done. */
  readonly locked?: { readonly host: string; readonly holder: string };
}
