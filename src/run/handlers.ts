import type { Handler, Step, Templated } from '../playbook/types.js';
import { isTemplate, plainData } from '../syntax/located.js';
import { EvaluationError } from '../template/errors.js';
import { evaluate } from '../template/evaluate.js';
import type { Scope } from '../template/scope.js';
import type { Unknown, Value } from '../template/value.js';
import { type Frame, isLive, type PlayHost, type PlayState } from './play-state.js';

/** A handler that handlers notify again may run a second time in one flush, and no more: two that notify each other end. */
const mostRunsPerFlush = 2;

/** Marks the handlers of that name or topic as due. False when there is none. */
export function notify(options: {
  readonly play: PlayState;
  readonly step: Step;
  readonly topic: string;
  readonly names: HandlerNames;
  readonly host: PlayHost;
  readonly certainty: 'certain' | 'perhaps';
}): boolean {
  const { play, step, topic, names, host, certainty } = options;
  const found = handlersFor({ play, step, topic, names });
  for (const handler of found) {
    if (!host.notified.has(handler)) tell({ play, host, handler, kind: 'handler-due' });
    if (host.notified.get(handler) !== 'certain') host.notified.set(handler, certainty);
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
  readonly names: HandlerNames;
}): readonly Handler[] {
  const { play, step, topic, names } = options;
  const listening = play.handlers.filter((handler) => handler.listen.includes(topic));
  const named = play.handlers.filter((handler) => {
    const name = names.get(handler);
    const role = handler.step.role?.role.name;
    // `role : name`, as Ansible users write it.
    return name !== undefined && (name === topic || (role !== undefined && `${role} : ${name}` === topic));
  });
  const own =
    named.find((handler) => handler.step.role?.key === step.role?.key) ??
    named.find((handler) => handler.step.role?.role.name === step.role?.role.name) ??
    named[0];
  return [...new Set([...(own ? [own] : []), ...listening])];
}

/** What each handler of a play is called for one host; those without a name are missing. */
type HandlerNames = ReadonlyMap<Handler, string>;

/**
 * The names of a play's handlers, templates rendered with the variables of the task that notifies. One that cannot be
 * rendered there is nobody's name. Throws FactsNeeded.
 */
export function handlerNames(play: PlayState, scope: Scope): HandlerNames {
  const named = play.handlers.flatMap((handler): readonly (readonly [Handler, string])[] => {
    const { name } = handler.step;
    if (name === undefined) return [];
    if (!isTemplate(name)) return [[handler, String(plainData(name))]];
    const rendered = renderedOrNothing(name, scope);
    return typeof rendered === 'string' ? [[handler, rendered]] : [];
  });
  return new Map(named);
}

function renderedOrNothing(name: Templated, scope: Scope): Value | Unknown {
  try {
    return evaluate(name, scope);
  } catch (error) {
    if (error instanceof EvaluationError) return null;
    throw error;
  }
}

/** What the journal keeps of a handler that was due. */
function handlerId({ step }: Handler): string {
  return step.name === undefined ? step.id : String(plainData(step.name));
}

/**
 * Runs the handlers that are due on these hosts, in the order they are written. Handlers may notify each other: what
 * comes later in the order runs in the same pass, what comes before runs in another pass. `forced`: also on hosts
 * that failed or were stopped because others did.
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
  const aside = hosts.filter((host) => host.failure !== undefined).map((host) => ({ host, failure: host.failure }));
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
