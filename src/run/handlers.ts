import type { Handler, IncludedRole, Step, Templated } from '../playbook/types.js';
import { isTemplate, plainData } from '../syntax/located.js';
import { EvaluationError } from '../template/errors.js';
import { evaluate } from '../template/evaluate.js';
import type { Scope } from '../template/scope.js';
import type { ScopeLayer } from '../template/types.js';
import type { Unknown, Value } from '../template/value.js';
import { type Frame, isLive, type PlayHandler, type PlayHost, type PlayState, withLayers } from './play-state.js';
import { taskScope } from './task-scope.js';

/** A handler that handlers notify again may run a second time in one flush, and no more: two that notify each other end. */
const mostRunsPerFlush = 2;

/** Marks the handlers of that name or topic as due. False when there is none. */
export function notify(options: {
  readonly frame: Frame;
  readonly step: Step;
  readonly topic: string;
  readonly names: HandlerNames;
  readonly host: PlayHost;
  readonly certainty: 'certain' | 'perhaps';
}): boolean {
  const { frame, step, topic, names, host, certainty } = options;
  const { play } = frame;
  const found = handlersFor({ frame, step, topic, names, host });
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
  readonly frame: Frame;
  readonly step: Step;
  readonly topic: string;
  readonly names: HandlerNames;
  readonly host: PlayHost;
}): readonly Handler[] {
  const { frame, step, topic, names, host } = options;
  const ofHost = frame.play.handlers.filter(({ round }) => round === undefined || round.locals.has(host));
  const listening = nearest(
    ofHost.filter((handler) => handler.listen.includes(topic)),
    frame.path,
  );
  const called = ofHost.filter((handler) => {
    const name = names.get(handler);
    const role = handler.step.role?.role.name;
    // `role : name`, as Ansible users write it.
    return name !== undefined && (name === topic || (role !== undefined && `${role} : ${name}` === topic));
  });
  const near = nearest(called, frame.path);
  // The rounds of a loop bring handlers of one name: from outside, the last one has it.
  const named = near.filter((handler) => near.findLast((other) => other.step.id === handler.step.id) === handler);
  const own =
    named.find((handler) => handler.step.role?.key === step.role?.key) ??
    named.find((handler) => handler.step.role?.role.name === step.role?.role.name) ??
    named[0];
  return [...new Set([...(own ? [own] : []), ...listening])];
}

/** Of handlers that a loop brought once for each round, those of the round the path is in, where there are any. */
function nearest(handlers: readonly PlayHandler[], path: string): readonly PlayHandler[] {
  const around = handlers.filter(({ round }) => round !== undefined && `${path}|`.startsWith(`${round.path}|`));
  const ids = new Set(around.map(({ step }) => step.id));
  return handlers.filter((handler) => !ids.has(handler.step.id) || around.includes(handler));
}

/** What each handler of a play is called for one host; those without a name are missing. */
type HandlerNames = ReadonlyMap<Handler, string>;

/**
 * The names of a play's handlers. A template is rendered with what the handler sees, and where that does not do with the
 * variables of the task that notifies (`scope`). One that cannot be rendered is nobody's name. Throws FactsNeeded.
 */
export function handlerNames(options: {
  readonly frame: Frame;
  readonly host: PlayHost;
  readonly scope: Scope;
}): HandlerNames {
  const { frame, host, scope } = options;
  const named = frame.play.handlers.flatMap((handler): readonly (readonly [Handler, string])[] => {
    const { name } = handler.step;
    if (name === undefined) return [];
    if (!isTemplate(name)) return [[handler, String(plainData(name))]];
    const outer = { ...frame, parameters: new Map(), locals: new Map() };
    const own = taskScope({ host, step: handler.step, frame: frameOf(handler, outer) });
    const rendered = renderedOrNothing(name, own) ?? renderedOrNothing(name, scope);
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
      await walk([handler.step], ready, { ...frameOf(handler, options.frame), section: 'handlers', perhaps });
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

/** The frame a handler runs in: one that a loop brought sees the item of its round. */
function frameOf({ round }: PlayHandler, frame: Frame): Frame {
  return round === undefined ? frame : withLayers({ ...frame, path: round.path }, { locals: round.locals });
}

function withoutFailures(
  hosts: readonly PlayHost[],
): readonly { readonly host: PlayHost; readonly failure: PlayHost['failure'] }[] {
  const aside = hosts.filter((host) => host.failure !== undefined).map((host) => ({ host, failure: host.failure }));
  for (const { host } of aside) host.failure = undefined;
  return aside;
}

/**
 * Handlers of a role included on the way are there from then on: within loops with what the loops give. What an earlier
 * run left undone of them is due.
 */
export function addHandlers(options: {
  readonly role: IncludedRole;
  readonly hosts: readonly PlayHost[];
  /** The frame of what is included. */
  readonly frame: Frame;
}): void {
  const { role, hosts, frame } = options;
  const { play } = frame;
  const bound = hosts.filter((host) => (frame.locals.get(host) ?? []).length > 0);
  for (const handler of role.handlers) {
    const added = bound.length === 0 ? knownOrNew(handler, play) : roundOf(handler, { frame, hosts: bound });
    restoreDue({ play, handlers: [added], hosts });
  }
}

function knownOrNew({ step, listen }: Handler, play: PlayState): PlayHandler {
  const known = play.handlers.find((other) => other.step.id === step.id && other.round === undefined);
  const handler = known ?? { step, listen };
  if (known === undefined) play.handlers.push(handler);
  return handler;
}

/** The handler as it is in the round of the loops that the frame is in. */
function roundOf(
  { step, listen }: Handler,
  { frame, hosts }: { readonly frame: Frame; readonly hosts: readonly PlayHost[] },
): PlayHandler {
  const { play, path } = frame;
  const known = play.handlers.find((other) => other.step.id === step.id && other.round?.path === path);
  const locals = known?.round?.locals ?? new Map<PlayHost, readonly ScopeLayer[]>();
  for (const host of hosts) locals.set(host, frame.locals.get(host) ?? []);
  const handler = known ?? { step, listen, round: { path, locals } };
  if (known === undefined) play.handlers.push(handler);
  return handler;
}

/** Marks handlers that an earlier run left undone; those of roles that are included later follow with them. */
export function restoreDueHandlers(play: PlayState): void {
  restoreDue({ play, handlers: play.handlers, hosts: [...play.hosts.values()] });
}

/** Once a host: what was due there is done by the time its role is included again. */
function restoreDue(options: {
  readonly play: PlayState;
  readonly handlers: readonly PlayHandler[];
  readonly hosts: readonly PlayHost[];
}): void {
  const { play, handlers, hosts } = options;
  for (const due of play.run.request.options.dueHandlers ?? []) {
    const host = due.play === play.planned.name ? hosts.find(({ state }) => state.name === due.host) : undefined;
    if (!host) continue;
    for (const handler of handlers) {
      if (!due.handlers.includes(handlerId(handler)) || host.restored.has(handler)) continue;
      host.restored.add(handler);
      host.notified.set(handler, 'certain');
    }
  }
}
