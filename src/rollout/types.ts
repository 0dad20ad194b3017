import type { LookReply } from '../modules/types.js';
import type { ShellText } from '../shell/text.js';
import type { Span } from '../core/span.js';
import type { Value, ValueMap } from '../template/value.js';

/** A host's variables in the play that rolls, as far as they are known before the play's tasks run. */
export interface MemberVariables {
  readonly host: string;
  /** How the host is reached, for members that say no address of their own. */
  readonly address: string;
  readonly groups: readonly string[];
  /** Undefined: there is no such variable, or its value needs a run. */
  read(name: string): Value | undefined;
  /** A setting of `ensemble:` with its templates rendered for this host (`<%= host.name %>`). */
  setting(name: string): Value | undefined;
}

/** What a kind is opened with. */
export interface EnsembleContext {
  /** Every host of the inventory: members may live on hosts that the play or `--limit` leaves out. */
  readonly hosts: readonly MemberVariables[];
  /** Hosts of the play after `--limit`, in its order: the ones that may be stepped. */
  readonly playHosts: readonly string[];
  /** Hosts of the play's pattern, whatever `--limit` leaves. */
  readonly allPlayHosts: readonly string[];
  /** The hosts of a pattern, in the order of the inventory; undefined when it matches none. */
  match(pattern: string): readonly string[] | undefined;
  /**
   * What `ensemble:` says beside `kind`, `max_unavailable` and `gate_…`, with its templates rendered for the play's first
   * host; a value that only a run can tell is Unknown when the playbook is checked.
   */
  readonly settings: ValueMap;
  readonly span: Span;
}

/** What one host answered to the kind's look. */
export type MemberReply =
  | { readonly kind: 'reply'; readonly reply: LookReply }
  /** The host, or its answer, did not come: the member counts as down. */
  | { readonly kind: 'unreached'; readonly reason: string };

/** One member of a live ensemble, as it was seen at one moment. */
export interface MemberState {
  readonly host: string;
  /** false: nothing of it is there yet; it is only now being made and cannot be missed. */
  readonly present: boolean;
  /** Whether it counts towards the quorum now. */
  readonly healthy: boolean;
  /** It leads: its turn comes last. */
  readonly leads: boolean;
  /** What it said, in words that end a sentence about the host: "follows, 3.4.13" or "the connection is refused". */
  readonly said: string;
  /** What must be the same after a step: myid, the id of an agent. */
  readonly identity?: string;
  /** A step that was cut off left something kept here: the host is stepped again even where nothing differs. */
  readonly unfinished?: boolean;
  readonly version?: string;
}

/** A condition of the gate that does not hold. */
export interface Unmet {
  /** The host it is about; undefined: the ensemble as a whole. */
  readonly host?: string;
  /** What should hold: "3 of 3 followers are synced". */
  readonly condition: string;
  /** The last thing that was said about it: "the leader counts 1 synced follower". */
  readonly said: string;
}

/** All members at one moment, and what of the gate does not hold. */
export interface Observation {
  readonly members: readonly MemberState[];
  /** Empty: the gate holds. */
  readonly unmet: readonly Unmet[];
  /** Whom the ensemble says its leader is. */
  readonly leader?: string;
  /** Numbers a later observation is compared with (active agents, running tasks, framework ids): the kind's own. */
  readonly baseline?: ValueMap;
}

/** A reason not to touch the ensemble, in words for a tired operator. */
export interface Refusal {
  /** The host it is about; undefined: the ensemble. */
  readonly host?: string;
  readonly message: string;
  /** What to do instead: the named operation, a flag, a repair. */
  readonly hint?: string;
}

/** Where a rollout stands when it asks what comes next. */
export interface Progress {
  readonly observation: Observation;
  /** Taken before the first step. */
  readonly before: Observation;
  /** Hosts still to be stepped, in the play's order. */
  readonly pending: readonly string[];
  /** Hosts stepped in this rollout, in their order. */
  readonly done: readonly string[];
  /** Hosts that this rollout stopped on purpose and that are still down (Marathon's hand-over). */
  readonly stopped: readonly string[];
  /** Members that may be away at a time, from `max_unavailable`; at least 1. */
  readonly maxUnavailable: number;
  /** The user allows the hosts of an ensemble that does not serve to be taken together (`--bring-up`). */
  readonly bringUp?: boolean;
}

/** What a rollout does next. */
export type Step =
  /** Takes these hosts through the play; waits for the gate after it. */
  | { readonly kind: 'apply'; readonly hosts: readonly string[]; readonly why: string }
  /** Stops a member that is stepped later (Marathon's hand-over). */
  | { readonly kind: 'stop'; readonly host: string; readonly why: string }
  /** Goes no further; nothing was touched since the last gate. */
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | { readonly kind: 'done' };

/** How a gate is waited for; seconds. */
export interface GateTiming {
  /** Good answers in a row. */
  readonly inARow: number;
  readonly intervalSeconds: number;
  readonly deadlineSeconds: number;
}

/** One ensemble of a kind, with its members settled. Everything here is pure: the runner asks the hosts. */
export interface Ensemble {
  /** "ZooKeeper": begins the sentences about it. */
  readonly title: string;
  /** Every member the inventory wants, in its order. */
  readonly members: readonly string[];
  /** How many members must be healthy at any time. */
  readonly quorum: number;
  readonly timing: GateTiming;
  /** What is asked on a member's host, read only; runs as root where the play may become root. */
  look(host: string): ShellText;
  /** What the answers of all members mean. `before` is the observation taken before the first step. */
  observe(replies: ReadonlyMap<string, MemberReply>, before: Observation | undefined): Observation;
  /** Why these hosts must not be stepped at all (a wrong path of versions, a moved data folder, a changed identity). Asked once, before the first step. */
  refusals?(observation: Observation, pending: readonly string[]): readonly Refusal[];
  /**
   * Whose turn it is, asked before every step with a fresh observation; undefined: `usualNext` (order.ts): members that
   * are down first, then followers, the leader last. The runner itself does the arithmetic of the quorum on what it says.
   */
  next?(progress: Progress): Step;
  /** Stops a member that `next` said to stop. */
  readonly stop?: (host: string) => ShellText;
  /**
   * Runs on a host just before its step: keeps what a rollback needs (a copy of configuration files). Must leave alone
   * what an earlier step that was cut off has kept. Another exit code than 0 ends the rollout before anything is touched.
   */
  readonly keep?: (host: string) => ShellText;
  /**
   * Brings the old program and its configuration back after a step that failed or whose gate did not hold, and a member
   * that `stop` stopped. Its last line is shown when it ends with another code than 0.
   */
  readonly rollBack?: (host: string) => ShellText;
  /** Takes what was kept away once the gate holds. */
  readonly forget?: (host: string) => ShellText;
}

/** A kind of ensemble: `ensemble: {kind: zookeeper}`. */
export interface EnsembleKind {
  readonly name: string;
  /** One sentence for the docs. */
  readonly summary: string;
  /** The names of further settings, each with what it means. */
  readonly settings: Readonly<Record<string, string>>;
  /** Throws InputError for settings that make no sense. */
  open(context: EnsembleContext): Ensemble;
}

/** All kinds, by name. */
export interface EnsembleCatalogue {
  find(name: string): EnsembleKind | undefined;
  readonly names: readonly string[];
}
