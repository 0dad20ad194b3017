import type { Handler, Step } from '../playbook/types.js';
import { plainData } from '../syntax/located.js';
import { type Frame, isLive, type PlayHost, type PlayState } from './play-state.js';

/** A handler that handlers notify again may run a second time in one flush, and no more: two that notify each other end. */
const mostRunsPerFlush = 2;

/** Marks the handlers of that name or topic as due. False when there is none. */
export function notify(options: {
  readonly play: PlayState;
  readonly step: Step;
  readonly topic: string;
  readonly hosts: readonly PlayHost[];
  readonly certainty: 'certain' | 'perhaps';
}): boolean {
  const { play, step, topic, hosts, certainty } = options;
  const found = handlersFor({ play, step, topic });
  for (const handler of found) {
    for (const host of hosts) {
      if (!host.notified.has(handler)) tell({ play, host, handler, kind: 'handler-due' });
      if (host.notified.get(handler) !== 'certain') host.notified.set(handler, certainty);
    }
  }
  return found.length > 0;
}

/** The journal's word on a handler; a preview has none to keep. */
export function tell(options: {
  readonly play: PlayState;
  readonly host: PlayHost;
  readonly handler: Handler;
  readonly kind: 'handler-due' | 'handler-done';
}): void {
  const { play, host, handler, kind } = options;
  if (play.run.request.options.preview) return;
  play.run.bus.emit({ kind, play: play.planned.name, host: host.state.name, handler: handlerId(handler) });
}

/** Every handler that listens to the topic, and the one of that name: the notifying role's own before any other's. */
function handlersFor(options: {
  readonly play: PlayState;
  readonly step: Step;
  readonly topic: string;
}): readonly Handler[] {
  const { play, step, topic } = options;
  const listening = play.handlers.filter((handler) => handler.listen.includes(topic));
  const named = play.handlers.filter((handler) => handlerName(handler) === topic || qualifiedName(handler) === topic);
  const own =
    named.find((handler) => handler.step.role?.key === step.role?.key) ??
    named.find((handler) => handler.step.role?.role.name === step.role?.role.name) ??
    named[0];
  return [...new Set([...(own ? [own] : []), ...listening])];
}

function handlerName(handler: Handler): string | undefined {
  return handler.step.name === undefined ? undefined : String(plainData(handler.step.name));
}

/** `role : name`, as Ansible users write it. */
function qualifiedName(handler: Handler): string | undefined {
  const { role } = handler.step;
  return role ? `${role.role.name} : ${handlerName(handler) ?? ''}` : undefined;
}

/** What the journal keeps of a handler that was due. */
function handlerId(handler: Handler): string {
  return handlerName(handler) ?? handler.step.id;
}

/**
 * Runs the handlers that are due on these hosts, in the order they are written. Handlers may notify each other: what
 * comes later in the order runs in the same pass, what comes before runs in another pass. `forced`: also on hosts that failed.
 */
export async function flushHandlers(options: {
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
  readonly forced: boolean;
  readonly walk: (steps: readonly Step[], hosts: readonly PlayHost[], frame: Frame) => Promise<void>;
}): Promise<void> {
  const { hosts, forced, walk } = options;
  const { play } = options.frame;
  const setAside = forced ? withoutFailures(hosts) : [];
  const runs = new Map<PlayHost, Map<Handler, number>>(hosts.map((host) => [host, new Map()]));
  for (;;) {
    let ranAny = false;
    for (const handler of play.handlers) {
      const due = hosts.filter((host) => isLive(host, play) && host.notified.has(handler));
      if (due.length === 0) continue;
      const ready = due.filter((host) => (runs.get(host)?.get(handler) ?? 0) < mostRunsPerFlush);
      const perhaps = new Set(due.filter((host) => host.notified.get(handler) === 'perhaps'));
      for (const host of due) host.notified.delete(handler);
      if (ready.length === 0) continue;
      for (const host of ready) runs.get(host)?.set(handler, (runs.get(host)?.get(handler) ?? 0) + 1);
      ranAny = true;
      const { confirmations } = play.run;
      const before = new Set(ready.flatMap((host) => confirmations.of(host)));
      await walk([handler.step], ready, { ...options.frame, section: 'handlers', perhaps });
      for (const host of ready) {
        if (!isLive(host, play) || host.notified.has(handler)) continue;
        if (confirmations.of(host).every((left) => before.has(left)))
          tell({ play, host, handler, kind: 'handler-done' });
        else host.toConfirm.add(handler);
      }
    }
    if (!ranAny) break;
  }
  for (const { host, failure } of setAside) host.failure ??= failure;
}

function withoutFailures(
  hosts: readonly PlayHost[],
): readonly { readonly host: PlayHost; readonly failure: PlayHost['failure'] }[] {
  const aside = hosts.filter((host) => host.failure?.kind === 'task').map((host) => ({ host, failure: host.failure }));
  for (const { host } of aside) host.failure = undefined;
  return aside;
}

/** Marks handlers that an earlier run left undone. */
export function restoreDueHandlers(play: PlayState): void {
  for (const due of play.run.request.options.dueHandlers ?? []) {
    const host = due.play === play.planned.name ? play.hosts.get(due.host) : undefined;
    if (!host) continue;
    for (const handler of play.handlers) {
      if (!due.handlers.includes(handlerId(handler))) continue;
      tell({ play, host, handler, kind: 'handler-due' });
      host.notified.set(handler, 'certain');
    }
  }
}
