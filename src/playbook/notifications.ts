import type { Diagnostics } from '../core/diagnostic.js';
import { didYouMean } from '../core/suggest.js';
import { isTemplate } from '../syntax/located.js';
import { handlerName, scopeOfHandler } from './handlers.js';
import { outermostSteps, withNested } from './nested-steps.js';
import type { Handler, Step, Templated } from './types.js';

type Steps = Parameters<typeof outermostSteps>[0];

/**
 * Reports what tasks notify and no handler of the play answers to, and names that handlers of several roles share when
 * the task stands in none of them. Names that only the run can tell are left to it.
 */
export function checkNotifications(play: Steps, diagnostics: Diagnostics): void {
  const steps = outermostSteps(play).flatMap(withNested);
  const handlers = [
    ...play.handlers,
    ...steps.flatMap((step) => (step.kind === 'include-role' ? (step.included?.handlers ?? []) : [])),
  ];
  if (handlers.some(isNamedLater) || steps.some(bringsUnknownHandlers)) return;
  const judged = new Set<Templated>();
  for (const step of steps) {
    for (const topic of notifiedBy(step)) {
      if (judged.has(topic)) continue;
      judged.add(topic);
      judge({ topic, step, handlers, diagnostics });
    }
  }
}

/** A handler whose name is a template. */
function isNamedLater({ step }: Handler): boolean {
  return step.name !== undefined && isTemplate(step.name);
}

function bringsUnknownHandlers(step: Step): boolean {
  return step.kind === 'include-role' && step.included === undefined;
}

function notifiedBy(step: Step): readonly Templated[] {
  return step.kind === 'module' || step.kind === 'include-tasks' ? step.notify : [];
}

function judge(options: {
  readonly topic: Templated;
  readonly step: Step;
  readonly handlers: readonly Handler[];
  readonly diagnostics: Diagnostics;
}): void {
  const { topic, step, handlers, diagnostics } = options;
  if (isTemplate(topic) || topic.kind !== 'scalar') return;
  const name = String(topic.value);
  const named = handlers.filter((handler) => namesOf(handler).includes(name));
  if (named.length === 0 && !handlers.some((handler) => handler.listen.includes(name))) {
    const hint = didYouMean(
      name,
      handlers.flatMap((handler) => [...namesOf(handler).slice(0, 1), ...handler.listen]),
    );
    diagnostics.error({
      code: 'unknown-handler',
      message: `no handler of the play is called \`${name}\` or listens to it`,
      span: topic.span,
      ...(hint === undefined ? {} : { hint }),
    });
    return;
  }
  const scopes = new Map(named.map((handler) => [scopeOfHandler(handler), handler]));
  if (scopes.size < 2 || scopes.has(step.role?.role.directory ?? '')) return;
  const roles = named.flatMap((handler) => handler.step.role?.role.name ?? []);
  diagnostics.error({
    code: 'ambiguous-handler',
    message: `several handlers are called \`${name}\``,
    span: topic.span,
    related: [...scopes.values()].map((handler) => ({
      span: handler.step.name?.span ?? handler.step.span,
      message: 'one is here',
    })),
    hint: `name its role too, for example \`${roles[0] ?? 'role'} : ${name}\``,
  });
}

/** What a handler answers to: its name, and `role : name` as Ansible users write it. */
function namesOf(handler: Handler): readonly string[] {
  const name = handlerName(handler);
  if (name === undefined) return [];
  const { role } = handler.step;
  return role === undefined ? [name] : [name, `${role.role.name} : ${name}`];
}
