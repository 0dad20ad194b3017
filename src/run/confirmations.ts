import type { Confirmation } from '../modules/confirmation.js';
import type { AnyModule, Resource } from '../modules/types.js';
import type { ModuleStep } from '../playbook/types.js';
import type { HostAccess } from './host.js';
import type { PlayHost } from './play-state.js';
import type { Task } from './task.js';

/** What a task left behind that is still to be confirmed, and how its host is asked. */
export interface Unconfirmed {
  readonly task: Task<ModuleStep>;
  readonly module: AnyModule;
  readonly confirmation: Confirmation;
  /** The host that was worked on, as the task's user and with its environment. */
  readonly access: Omit<HostAccess, 'signal' | 'progress'>;
  /** When a look says something, by the run's clock, in milliseconds. */
  readonly due: number;
}

/** All of a run that is still to be confirmed: one of each subject of each host. */
export class Confirmations {
  readonly #left = new Map<string, Unconfirmed>();

  /** Takes the place of what was to be confirmed of the same subject. */
  add(added: Omit<Unconfirmed, 'due'> & { readonly now: number }): void {
    const { now, ...rest } = added;
    const { subject, after } = added.confirmation;
    this.#left.set(keyOf({ target: added.access.name, subject }), { ...rest, due: now + after * 1000 });
  }

  /** A task is about to change it: what was to be confirmed of it is void. */
  settle(place: { readonly target: string; readonly subject: Resource }): void {
    this.#left.delete(keyOf(place));
  }

  /** What one task left, on whichever host. */
  dropOf(task: Task<ModuleStep>): void {
    for (const [key, left] of this.#left) if (left.task === task) this.#left.delete(key);
  }

  /** What the tasks of a host left, there or where they were delegated to. */
  of(host: PlayHost): readonly Unconfirmed[] {
    return [...this.#left.values()].filter(({ task }) => task.host === host);
  }

  /** The same, and it is not to be confirmed any more. */
  take(host: PlayHost): readonly Unconfirmed[] {
    const left = this.of(host);
    for (const { access, confirmation } of left) this.settle({ target: access.name, subject: confirmation.subject });
    return left;
  }
}

function keyOf(place: { readonly target: string; readonly subject: Resource }): string {
  return JSON.stringify([place.target, place.subject]);
}
