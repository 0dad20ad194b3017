import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import type { ShellText } from '../shell/text.js';
import type { Unknown, Value } from '../template/value.js';
import type { Confirmation } from './confirmation.js';

/** How a command ended. Only `code` 0 is success; a lost, killed or timed-out command never is. */
export type CommandEnd =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'timeout'; readonly seconds: number }
  | { readonly kind: 'lost'; readonly message: string };

/** What came back from a host. Bytes, because hosts do not promise UTF-8. */
export interface CommandReply {
  readonly end: CommandEnd;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export interface QueryOptions {
  /** Bytes for the script's standard input; empty otherwise. */
  readonly stdin?: Buffer;
  readonly timeoutSeconds?: number;
}

export interface RunOptions extends QueryOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** A channel of its own with its own process group (a user's command); otherwise the runner's long-lived shell. */
  readonly ownChannel?: boolean;
}

/**
 * A host as a look sees it: it can be asked, not changed. There is no way to write from here; a preview is only ever
 * given this object. Everything runs as the task's `become` user.
 */
export interface HostReader {
  readonly name: string;
  /** The address the controller reaches the host by (inventory `ssh.host`, or the name). */
  readonly address: string;
  /** Runs a script that only reads. Never throws for an exit code; throws UnreachableError when the host is lost. */
  query(script: ShellText, options?: QueryOptions): Promise<CommandReply>;
  /** A file's bytes, undefined when there is none. Throws ModuleFailure when it cannot be read or is larger than `maximumBytes`. */
  readFile(path: string, options?: { readonly maximumBytes?: number }): Promise<Buffer | undefined>;
}

/**
 * Bytes to be written: in memory, or a file of the controller that is streamed in constant memory, and summed meanwhile
 * unless its SHA-256 is known.
 */
export type FileSource =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'file'; readonly path: string; readonly size: number; readonly sha256?: string };

export interface WriteFileRequest {
  readonly path: string;
  readonly source: FileSource;
  /** Four octal digits, "0644". Without it: the mode of the file that is replaced, or 0644 for a new one under umask rules. */
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  /** A command that must exit 0 before the rename; `%s` is the temporary file. Words are not split by us: it runs in sh. */
  readonly validate?: string;
  /** Keep the old file as `<path>.<timestamp>~`; the reply tells the name. */
  readonly backup?: boolean;
}

/** A host as a change sees it. Never built in a preview. */
export interface HostWriter extends HostReader {
  /** Runs a script that may change the host. Never throws for an exit code; throws UnreachableError when lost before it started. */
  run(script: ShellText, options?: RunOptions): Promise<CommandReply>;
  /** Writes beside the target, checks, sets owner and mode, then renames. Throws ModuleFailure with the host's own words. */
  writeFile(request: WriteFileRequest): Promise<{ readonly backup?: string; readonly sha256?: string }>;
  /** Reads a file in constant memory: `take` gets its bytes in order, each awaited. False when there is none. Throws ModuleFailure, and what `take` throws. */
  streamFile(path: string, take: (chunk: Buffer) => Promise<void>): Promise<boolean>;
  /** A command's stdin and stdout as one stream on a channel of its own (`docker system dial-stdio`, `tar -x`). */
  open(command: ShellText): Promise<Duplex>;
  /** Forgets the connection, whatever became of it: the next word to the host opens another one (a reboot). */
  reconnect(): void;
  /** Shows a line as what this task is doing now ("pulling 3/7 layers"). */
  progress(line: string): void;
  /** Aborted when the run is cancelled or the task's timeout is over. */
  readonly signal: AbortSignal;
}

/** The controller's files as a module may read them; relative paths are searched as Ansible users expect (role, then playbook folder). */
export interface Controller {
  /** Finds a file: `kind` is the role's subfolder to search first. Throws ModuleFailure naming every folder searched. */
  find(path: string, kind: 'files' | 'templates' | 'vars'): Promise<string>;
  readFile(path: string): Promise<Buffer>;
  /** The plain bytes of an encrypted file; undefined for any other. Throws ModuleFailure when no password opens it. */
  decrypted(path: string): Promise<Buffer | undefined>;
  /** What a found path is; a link counts as what it points to. Throws ModuleFailure for anything else. */
  kind(path: string): Promise<'file' | 'directory'>;
  /** Size in bytes and permission bits. */
  size(path: string): Promise<{ readonly size: number; readonly mode: number }>;
  /** Size in bytes and SHA-256, read as a stream; `mode` is the permission bits. */
  fingerprint(path: string): Promise<{ readonly size: number; readonly sha256: string; readonly mode: number }>;
  /** All files and folders below a folder, relative, sorted, folders first; symlinks are not followed. */
  list(path: string): Promise<readonly ControllerEntry[]>;
  /** The same with symlinks followed: a link is named as such only when it leads nowhere or back to a folder it is in. */
  tree(path: string): Promise<readonly ControllerEntry[]>;
  /** Renders a template file with the task's scope; an unknown value in a preview gives Unknown. */
  render(path: string, extra?: Readonly<Record<string, Value>>): Promise<string | Unknown>;
  /**
   * The variables of a YAML or JSON file, their templates rendered with the task's scope and the file's own variables;
   * data from then on. Throws ModuleFailure for a file that holds no map.
   */
  variables(path: string): Promise<Readonly<Record<string, Value>>>;
  /** Runs a program on the controller (for `local` work such as reading an image from the local engine). */
  readonly playbookDirectory: string;
}

/** What stands below a folder of the controller; `path` is relative to it. */
export interface ControllerEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link';
  readonly mode: number;
}

/** One thing that differs. `path` names the part ("content", "mode", "environment.PATH"); before and after may be absent (created, removed). */
export interface Change {
  readonly part: string;
  readonly before?: Value;
  readonly after?: Value;
  /** For texts: shown as a unified diff. Left out for binary content and for secrets. */
  readonly diff?: {
    readonly before: string;
    readonly after: string;
    readonly beforeName: string;
    readonly afterName: string;
  };
}

/**
 * Something of a host that one task makes and another leans on: "path:/etc/zookeeper", "user:zookeeper", "service:docker",
 * "*" for anything at all (what a command or a package brings). Lets a preview of a fresh host be right: a file in a
 * folder that an earlier task would make is a change, not a failure.
 */
export type Resource = string;

/** What the earlier tasks of this preview would have made or changed on this host; empty in a run. See promises.ts. */
export interface Promised {
  /** Whether an earlier task would or might have made it: a missing thing that is promised is no failure. */
  has(resource: Resource): boolean;
  /** Whether an earlier task would change just this ("*" does not count): what the look found is out of date. */
  touches(resource: Resource): boolean;
}

/** What a task would do. Pure outcome of found state and parameters. */
export type Comparison =
  | {
      readonly kind: 'same';
      /** Shown to the user whatever the verbosity (debug, assert). */
      readonly message?: string;
      readonly values?: Readonly<Record<string, Value>>;
      /** Variables set for this host from now on (set_fact, include_vars): data, never rendered. Kept in a preview too. */
      readonly facts?: Readonly<Record<string, Value>>;
      /** What the inventory of the run gets (add_host, group_by); the task has changed something when it is new there. */
      readonly member?: InventoryMember;
    }
  | {
      readonly kind: 'change';
      readonly changes: readonly Change[];
      readonly values?: Readonly<Record<string, Value>>;
      /** What the change would make or touch: told to the later tasks of a preview as Promised. */
      readonly provides?: readonly Resource[];
    }
  /** It would act, but what comes of it only the action itself can tell (command, script): a preview answers "unknown", and promises "*". */
  | { readonly kind: 'act'; readonly summary: string }
  /** What the answer depends on is not known in a preview (an Unknown in an assertion). Never given in a run. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** It is plain from the look that the change would fail: a preview predicts the failure. */
  | { readonly kind: 'failed'; readonly message: string; readonly values?: Readonly<Record<string, Value>> };

/** A host and the groups it is put into, for the plays that follow. */
export interface InventoryMember {
  /** The task's own host when left out. */
  readonly host?: string;
  readonly groups: readonly string[];
  readonly parents?: readonly string[];
  /** Data: never rendered. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** How a state is looked at. `script` is the form to use: the runner gathers the scripts of many tasks into one round trip. */
export type Look<Found> =
  | { readonly kind: 'nothing'; readonly found: Found }
  /** `parse` is pure; `stdout` is what the script printed, `code` its exit code. Throws ModuleFailure for what makes no sense. */
  | { readonly kind: 'script'; readonly script: ShellText; parse(reply: LookReply): Found }
  | { readonly kind: 'procedure'; read(host: HostReader): Promise<Found> };

export interface LookReply {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** What a finished change reports; `values` is what `register` holds beside changed/failed. */
export interface ModuleResult {
  /** Default true: a change that ran has changed something, unless it says otherwise (command with changed: false by its own protocol). */
  readonly changed?: boolean;
  readonly values?: Readonly<Record<string, Value>>;
  /** A failure after the fact, with everything the command said kept in `values`. */
  readonly failed?: string;
  readonly warnings?: readonly string[];
  /** What it left behind that has to last: looked at once more when the host's play is over. */
  readonly confirmation?: Confirmation;
}

export interface ModuleContext<Params, Prepared> {
  readonly params: Params;
  readonly prepared: Prepared;
  /** True in `plan` and `--check`. */
  readonly preview: boolean;
  /** Given in a preview only. */
  readonly promised?: Promised;
}

/**
 * One module. A preview runs prepare → look → compare; a run adds change when compare found something. Errors for the
 * user are thrown as ModuleFailure.
 */
export interface ModuleDefinition<Params, Prepared, Found> {
  readonly name: string;
  /** The file of a project's own module: its mistakes are the project's, not ours. */
  readonly file?: string;
  /** One sentence for the docs and `runner modules`. */
  readonly summary: string;
  /** Types, messages, docs and editor schema from one source; every field carries `.describe()`. */
  readonly params: z.ZodType<Params>;
  /** The parameter that takes a bare scalar (`command: ls -l` means `cmd`). */
  readonly freeForm?: string;
  /** Parameters whose text is a bare JavaScript expression (`that`): given to the module as EvaluatedExpression values. */
  readonly expressions?: readonly string[];
  /** Parameters that hold text to be kept for later and must not be rendered now. */
  readonly verbatim?: readonly string[];
  /** Parameters whose value must never be shown (passwords): masked by value from the moment they are known. */
  readonly secrets?: readonly string[];
  /** Runs on the controller for each host without any connection (debug, set_fact, assert, fail). */
  readonly controllerOnly?: boolean;
  /**
   * Whether `async` makes the command of its change (`ownChannel`) a job apart from the connection. `alone`: the command is
   * the whole change, so that with `poll: 0` nobody needs to wait for it; `awaited`: something follows it. Left out: it runs none.
   */
  readonly background?: 'alone' | 'awaited';
  /**
   * Whether its change is an action that must not be done again by a run that goes on with an earlier one (a command, a
   * reboot); what can see by its look that nothing is left to do needs no such word.
   */
  doneOnce?(params: Params): boolean;
  /**
   * What its change starts or ends ("service:nginx.service"): what earlier tasks of the run left to be confirmed of it is
   * void from then on, whatever comes of the change.
   */
  unsettles?(change: {
    readonly params: Params;
    readonly found: Found;
    readonly changes: readonly Change[];
  }): Resource | undefined;
  /**
   * Looks once more at what its changes left to be confirmed on one host, all of it at once. Finds why each that did not
   * last did not, by subject.
   */
  confirm?(left: readonly Confirmation[]): Look<ReadonlyMap<Resource, string>>;
  /** Adds to the inventory of the run; `once`: for the first host of a batch alone, as with run_once. */
  readonly inventory?: 'once' | 'each host';
  /** Reads what it needs of the controller (files, templates) before the look; may return Unknown in a preview. */
  prepare?(controller: Controller, params: Params): Promise<Prepared | Unknown>;
  look(context: ModuleContext<Params, Prepared>): Look<Found>;
  /**
   * What the look's answer rests on: in a preview, when an earlier task touches one of these (Promised.touches), the
   * answer is "unknown" (an edit of a file that a template would write first).
   */
  restsOn?(params: Params): readonly Resource[];
  compare(found: Found, context: ModuleContext<Params, Prepared>): Comparison;
  change(
    host: HostWriter,
    context: ModuleContext<Params, Prepared> & { readonly found: Found; readonly changes: readonly Change[] },
  ): Promise<ModuleResult>;
}

/** A module whose types are nobody's business: how the index and the runner hold it. */
export type AnyModule = ModuleDefinition<unknown, unknown, unknown>;

/** A bare expression parameter after evaluation. */
export interface EvaluatedExpression {
  readonly expression: string;
  readonly value: Value;
}

/** A task failed for a reason the user can act on; `values` is kept in the registered result. */
export class ModuleFailure extends Error {
  override readonly name = 'ModuleFailure';
  readonly values: Readonly<Record<string, Value>>;

  constructor(message: string, values: Readonly<Record<string, Value>> = {}) {
    super(message);
    this.values = values;
  }
}
