import type { ZooKeeperSeen } from '../ensembles/zookeeper-look.js';
import type { ContainerMade } from '../ensembles/container-made.js';
import type { ClusterStatus, Member, ServiceName } from '../status/types.js';
import type { Machine } from './machine-look.js';

/** Something that is wrong, or will be: what was seen, why it matters, what to do. */
export interface Finding {
  /** Stable name of the rule: `zookeeper-no-quorum`. */
  readonly rule: string;
  /** bad: it does not work now; warning: it will not work after the next failure, restart or upgrade. */
  readonly severity: 'bad' | 'warning';
  /** Undefined: it is about the cluster. */
  readonly host?: string;
  readonly component?: string;
  /** Ends a sentence that begins with the host: "its container restarts again and again". May hold words of the host. */
  readonly seen: string;
  readonly why: string;
  readonly advice: string;
  /** Commands to type, of this program or on the host. */
  readonly commands: readonly string[];
}

/** What one host told beside its status. A part that could not be asked is left out. */
export interface HostExam {
  readonly host: string;
  readonly machine?: Machine;
  /** When the machine was asked, by the controller's clock, in seconds. */
  readonly asked?: { readonly began: number; readonly ended: number };
  readonly zookeeper?: ZooKeeperSeen;
  /** The server's zoo.cfg as it is. */
  readonly zooConfig?: string;
  readonly made: Readonly<Partial<Record<ServiceName, ContainerMade>>>;
}

/** Everything the rules look at. */
export interface Examination {
  readonly cluster: ClusterStatus;
  /** Everything the inventory wants, also on hosts that were not asked. */
  readonly members: readonly Member[];
  readonly hosts: readonly HostExam[];
}

export type Rule = (examination: Examination) => readonly Finding[];
