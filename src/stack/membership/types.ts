import type { Refusal } from '../../rollout/types.js';
import type { ServiceName } from '../status/types.js';
import type { ValueMap } from '../../template/value.js';

/** One member of an ensemble as the live cluster shows it, or a host that the inventory wants a member on. */
export interface LiveMember {
  readonly host: string;
  readonly address: string;
  /** false: nothing of it is there. */
  readonly present: boolean;
  readonly healthy: boolean;
  readonly leads: boolean;
  /** In words that end a sentence about the host. */
  readonly said: string;
  /** Whether its host could be asked. */
  readonly reachable: boolean;
  readonly version?: string;
}

/** What a user allows that is not done unasked. */
export interface Allowances {
  /** Even sizes, and steps that interrupt the service for a moment. */
  readonly force: boolean;
  /** The old member can never come back (`replace`). */
  readonly oldIsGone: boolean;
  /** A lone master may become several, for which its replicated log is put aside (`scale-out`). */
  readonly wipeRegistry?: boolean;
}

/** One step of a change of members. */
export type MembershipStep =
  /** Takes hosts through the component's play as a rollout, in an inventory in which the group has not the hosts of `without`. */
  | {
      readonly kind: 'apply';
      readonly component: ServiceName;
      readonly hosts: readonly string[];
      /** Those of them that are new: they may need a Docker engine first. */
      readonly joins: readonly string[];
      readonly without: readonly string[];
      /** Win over all variables, as `-e` does. */
      readonly variables: ValueMap;
      readonly why: string;
    }
  /** Restarts a leader, so that another member leads. */
  | {
      readonly kind: 'yield';
      readonly component: ServiceName;
      readonly host: string;
      readonly without: readonly string[];
      readonly why: string;
    }
  /** Has an agent's tasks leave. */
  | { readonly kind: 'drain'; readonly component: 'mesos-slave'; readonly host: string; readonly why: string }
  /** Changes the ensemble by ZooKeeper's own `reconfig`, through the client of a member. */
  | {
      readonly kind: 'reconfig';
      readonly component: 'zookeeper';
      /** Where the client runs. */
      readonly host: string;
      readonly change: { readonly add: string } | { readonly remove: number };
      readonly without: readonly string[];
      readonly why: string;
    }
  /** Stops a member for good: its container goes, its data is kept beside under another name. */
  | {
      readonly kind: 'retire';
      readonly component: ServiceName;
      readonly host: string;
      /** Members of the group that do not count any more when it is gone, itself among them. */
      readonly without: readonly string[];
      readonly why: string;
    };

/** A change of members as it will be made, or why it will not. */
export type MembershipPlan =
  | {
      readonly kind: 'steps';
      readonly steps: readonly MembershipStep[];
      /** What a user must know before saying yes. */
      readonly notes: readonly string[];
      /** ZooKeeper's numbers by host afterwards: they belong into the inventory. */
      readonly ids?: ReadonlyMap<string, number>;
    }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

/** The hint for a host that is in no group of a component that a change is about. */
export const writeItThere = 'write it there first, or name with `--component` what is meant';

export function refused(...refusals: readonly Refusal[]): MembershipPlan {
  return { kind: 'refused', refusals };
}
