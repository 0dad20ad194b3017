import type { Diagnostic } from '../core/diagnostic.js';
import type { UnreachableError } from '../core/errors.js';
import type { Change } from '../modules/types.js';
import type { ScopeLayer } from '../template/types.js';
import { isValueMap, type Unknown, type Value } from '../template/value.js';
import type { TaskStatus } from './events.js';

/** What came of one task, or of one item of its loop, on one host, before anything is hidden for the outside. */
export interface ItemResult {
  readonly status: TaskStatus;
  readonly message?: string;
  readonly hint?: string;
  readonly diagnostic?: Diagnostic;
  readonly changes: readonly Change[];
  /** What `register` holds. */
  readonly values: Value;
  readonly warnings: readonly string[];
  readonly attempts?: number;
  readonly unreachable?: UnreachableError;
  readonly delegatedTo?: string;
  /** A preview met something that would act, with effects nobody can list. */
  readonly acts?: boolean;
  /** An earlier run, which this one goes on with, did it; nothing was done now. */
  readonly earlier?: boolean;
  /** The task was on its way when the run was cancelled. */
  readonly interrupted?: boolean;
  /** It failed before anything could be changed. */
  readonly intact?: boolean;
  /** Of a loop: what the loop's names meant for each item that notifies handlers. */
  readonly notifying?: readonly ScopeLayer[];
}

/** Whether handlers are told of it. */
export function notifies({ status }: ItemResult): boolean {
  return status === 'changed' || status === 'change' || status === 'unknown';
}

/** Members every registered result has, so that a condition can read them without asking first. */
export function registered(options: {
  readonly status: TaskStatus;
  readonly values?: Readonly<Record<string, Value>>;
  readonly message?: string | undefined;
}): Readonly<Record<string, Value>> {
  const { status, values = {}, message } = options;
  return {
    ...values,
    changed: status === 'changed' || status === 'change',
    failed: status === 'failed' || status === 'unreachable',
    skipped: status === 'skipped',
    unreachable: status === 'unreachable',
    ...(message === undefined || values['msg'] !== undefined ? {} : { msg: message }),
  };
}

export function skipped(message: string): ItemResult {
  return { status: 'skipped', message, changes: [], values: registered({ status: 'skipped' }), warnings: [] };
}

/** Only a real run could tell: the registered result is unknown as a whole. */
export function unknown(value: Unknown): ItemResult {
  return { status: 'unknown', message: value.reason, changes: [], values: value, warnings: [] };
}

/**
 * A predicted change's registered result: what only the change itself would tell (a uid, a container's id) is unknown
 * when read, instead of an undefined member.
 */
export function openResult(values: Readonly<Record<string, Value>>, hole: Unknown): Readonly<Record<string, Value>> {
  const target = { ...values };
  const open = new Proxy(target, {
    get: (_target, key) =>
      (typeof key === 'symbol' || Object.hasOwn(target, key) ? Reflect.get(target, key) : hole) as unknown,
    has: () => true,
    getOwnPropertyDescriptor: (_target, key) =>
      Object.getOwnPropertyDescriptor(target, key) ??
      (typeof key === 'symbol' ? undefined : { value: hole, enumerable: false, configurable: true, writable: true }),
  });
  holes.set(open, hole);
  return open;
}

const holes = new WeakMap<object, Unknown>();

/** A registered result with some members said anew; what was unknown in it stays unknown. */
export function withMembers(values: Value, members: Readonly<Record<string, Value>>): Value {
  if (!isValueMap(values)) return values;
  const hole = holes.get(values);
  const changed = { ...values, ...members };
  return hole ? openResult(changed, hole) : changed;
}
