import type { Diagnostics } from '../core/diagnostic.js';
import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf, isTemplate } from '../syntax/located.js';
import { readList, readTexts, wrongType } from './fields.js';
import type { Loading, Surroundings } from './loading.js';
import { loadStep } from './steps.js';
import type { Handler, Step } from './types.js';

/** The handlers of a list; imports stand for the handlers they import. */
export function loadHandlers(
  entry: LocatedEntry,
  options: { readonly surroundings: Surroundings; readonly loading: Loading },
): readonly Handler[] {
  const { diagnostics } = options.loading;
  const list = readList(entry, diagnostics);
  if (list === undefined) return [];
  return list.items.flatMap((item) => {
    if (item.kind === 'map') return loadHandler(item, options);
    wrongType({ ...entry, key: 'a handler', value: item }, { expected: 'a map', diagnostics });
    return [];
  });
}

function loadHandler(
  map: LocatedMap,
  options: { readonly surroundings: Surroundings; readonly loading: Loading },
): readonly Handler[] {
  const { diagnostics } = options.loading;
  const entry = entryOf(map, 'listen');
  const listen = entry === undefined ? [] : readTexts(entry, { diagnostics });
  const surroundings: Surroundings = { ...options.surroundings, inHandlers: true };
  return loadStep(map, { ...options, surroundings }).flatMap((step) => {
    if (step.kind === 'role' || step.kind === 'include-role' || isFlush(step)) {
      diagnostics.error({
        code: 'not-a-handler',
        message: `a handler runs a module, a block, an include or \`meta\`, not ${isFlush(step) ? '`flush_handlers`' : 'a role'}`,
        span: step.span,
      });
      return [];
    }
    if (step.name === undefined && listen.length === 0) {
      diagnostics.error({
        code: 'unnamed-handler',
        message: 'a handler without a name that listens to nothing never runs',
        span: step.span,
        hint: 'give it a `name`, or a topic to `listen` to',
      });
    }
    return [{ step, listen }];
  });
}

/** It would run what is under way. */
function isFlush(step: Step): boolean {
  return step.kind === 'meta' && step.action === 'flush_handlers';
}

/** The name of a handler; undefined when it has none, or one that only the run can tell. */
export function handlerName(handler: Handler): string | undefined {
  const { name } = handler.step;
  return name?.kind === 'scalar' && typeof name.value === 'string' && !isTemplate(name) ? name.value : undefined;
}

/** Where a handler's name counts first: its role's folder, or nothing for the play itself. */
export function scopeOfHandler(handler: Handler): string {
  return handler.step.role?.role.directory ?? '';
}

/** Refuses two handlers of the play, or of one role, with the same name. A role used twice brings its own twice. */
export function refuseDuplicateHandlers(handlers: readonly Handler[], diagnostics: Diagnostics): void {
  const first = new Map<string, Handler>();
  for (const handler of handlers) {
    const name = handlerName(handler);
    if (name === undefined) continue;
    const key = JSON.stringify([scopeOfHandler(handler), name]);
    const other = first.get(key);
    if (other === undefined) first.set(key, handler);
    else if (!isSamePlace(other, handler)) {
      diagnostics.error({
        code: 'duplicate-handler',
        message: `two handlers are called \`${name}\`: a task that notifies it could mean either`,
        span: handler.step.name?.span ?? handler.step.span,
        related: [{ span: other.step.name?.span ?? other.step.span, message: 'the other one is here' }],
        hint: 'rename one, or let both `listen` to one topic',
      });
    }
  }
}

function isSamePlace(left: Handler, right: Handler): boolean {
  const [a, b] = [left.step.span, right.step.span];
  return a.file === b.file && a.start.line === b.start.line && a.start.column === b.start.column;
}
