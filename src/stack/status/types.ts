import type { Endpoint } from '../probe/ask.js';
import type { ListedAgent } from '../mesos/agent-state.js';
import type { ZooKeeperMode } from '../zookeeper/server-state.js';
import type { ContainerState } from './containers.js';

/** The programs of the stack that an ensemble is made of; Docker is underneath all of them. */
export type ServiceName = 'zookeeper' | 'mesos-master' | 'mesos-slave' | 'marathon' | 'bamboo';
export type ComponentName = 'docker' | ServiceName;

/** One program that the inventory wants on one host. */
export interface Member {
  readonly host: string;
  readonly component: ServiceName;
  /** Where it answers, as its own host reaches it. */
  readonly endpoint: Endpoint;
  /** Where its HAProxy answers; Bamboo only. */
  readonly haproxy?: Endpoint;
  /** The name of its container. */
  readonly container: string;
  readonly wantedImage?: string;
  readonly wantedVersion?: string;
}

/** `text` says why in plain words: what it does when it is well, what is wrong when it is ill. */
export interface Health {
  readonly state: 'well' | 'ill';
  readonly text: string;
}

/** When a program was last changed, and by which run. */
export interface LastChange {
  /** ISO 8601. */
  readonly at: string;
  /** Undefined: no run that is known here; its container was made by somebody else, or from another folder. */
  readonly run?: string;
  /** Who ran it: `user@machine`. */
  readonly by?: string;
}

interface RowOf<Component extends ComponentName, Details> {
  readonly host: string;
  readonly component: Component;
  readonly endpoint?: Endpoint;
  readonly container?: ContainerState;
  readonly image: { readonly wanted?: string; readonly running?: string };
  readonly version: { readonly wanted?: string; readonly running?: string };
  /** What it is in its ensemble: leader, follower, observer, standalone, electing; elected, standby; agents and Bamboos have none. */
  readonly role?: string;
  readonly health: Health;
  readonly uptimeSeconds?: number;
  readonly lastChange?: LastChange;
  /** What only this kind of program tells; left out when it did not answer. */
  readonly details?: Details;
}

export interface ZooKeeperDetails {
  readonly mode: ZooKeeperMode | 'electing';
  readonly zxid?: string;
  /** The upper half of the zxid: one more with every election. */
  readonly epoch?: number;
  readonly connections?: number;
  readonly znodes?: number;
  /** Told by the leader alone. */
  readonly followers?: number;
  readonly syncedFollowers?: number;
  readonly pendingSyncs?: number;
}

export interface MasterDetails {
  readonly elected: boolean;
  /** Whether its replica of the log votes; from 1.0 on. */
  readonly recovered?: boolean;
  /** The elected master as this one names it: by the host name that master announces. */
  readonly leader?: Endpoint;
  readonly activeAgents?: number;
  readonly inactiveAgents?: number;
  readonly unreachableAgents?: number;
  readonly activeFrameworks?: number;
  /** Told by the elected one alone. */
  readonly agents: readonly ListedAgent[];
}

export interface AgentDetails {
  readonly registered: boolean;
  readonly recoveryErrors: number;
  readonly runningTasks?: number;
  /** As the elected master lists it. */
  readonly id?: string;
  readonly active?: boolean;
}

/** An app as Marathon lists it. */
export interface MarathonApp {
  readonly id: string;
  readonly instances: number;
  readonly running: number;
}

export interface MarathonDetails {
  /** Whom this instance names. */
  readonly leader?: Endpoint;
  readonly standby: boolean;
  readonly frameworkId?: string;
  /** The leader's, whoever was asked; undefined when it does not tell. */
  readonly apps?: readonly MarathonApp[];
  readonly deployments?: number;
}

export interface BambooDetails {
  /** Undefined: it has not heard from Marathon. */
  readonly apps?: readonly string[];
  /** Rules of the routes by app. */
  readonly rules: Readonly<Record<string, string>>;
  readonly haproxy: {
    /** HTTP status of its front page; undefined: silence. Without apps it is 503, and that is well. */
    readonly status?: number;
    /** What it has against its configuration; undefined: nothing, or it could not be asked. */
    readonly invalid?: string;
    /** Servers by backend, as its configuration names them; undefined: its container could not be asked. */
    readonly backends?: Readonly<Record<string, readonly string[]>>;
  };
}

export interface DockerDetails {
  /** As the engine says it, with what a distribution adds: "20.10.24+dfsg1". */
  readonly engineVersion: string;
  readonly running: number;
  readonly containers: number;
  readonly liveRestore: boolean;
  /** Replaced containers that are kept. */
  readonly kept: readonly string[];
  /** Containers whose step of a rollout has begun and is not proved. */
  readonly unfinished: readonly string[];
}

export type DockerRow = RowOf<'docker', DockerDetails>;
export type ZooKeeperRow = RowOf<'zookeeper', ZooKeeperDetails>;
export type MasterRow = RowOf<'mesos-master', MasterDetails>;
export type AgentRow = RowOf<'mesos-slave', AgentDetails>;
export type MarathonRow = RowOf<'marathon', MarathonDetails>;
export type BambooRow = RowOf<'bamboo', BambooDetails>;
export type Row = DockerRow | ZooKeeperRow | MasterRow | AgentRow | MarathonRow | BambooRow;

/** What came of asking one host. */
export type HostStatus =
  | { readonly kind: 'asked'; readonly host: string; readonly rows: readonly Row[] }
  | { readonly kind: 'unreachable'; readonly host: string; readonly reason: string; readonly hint?: string }
  /** It was reached, but not asked: sudo refused, its time was over. */
  | { readonly kind: 'failed'; readonly host: string; readonly reason: string };

/** What all rows together say of one ensemble. */
export interface Verdict {
  readonly subject: string;
  readonly state: 'ok' | 'bad' | 'unknown';
  readonly sentence: string;
}

/** An app of Marathon on its way to the world. */
export interface AppStatus extends MarathonApp {
  /** The rule that Bamboo routes it by; undefined: it has none of its own. */
  readonly route?: string;
  /** How many servers each host's HAProxy has for it, by host; hosts whose HAProxy could not be asked are left out. */
  readonly servers: Readonly<Record<string, number>>;
}

export interface ClusterStatus {
  readonly hosts: readonly HostStatus[];
  readonly verdicts: readonly Verdict[];
  /** As the leading Marathon lists them; undefined when none was heard. */
  readonly apps?: readonly AppStatus[];
  /** `unreachable`: hosts could not be reached, and nothing else is wrong. */
  readonly outcome: 'well' | 'ill' | 'unreachable';
}
