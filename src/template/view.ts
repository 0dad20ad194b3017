import { EvaluationError, UndefinedRead, UnknownRead } from './errors.js';
import { Unknown, type Value } from './value.js';

/** Names that every JavaScript object answers to; reading one of these on a map is not an undefined member. */
const quietKeys = new Set(['toJSON', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'length']);
const forbiddenKeys = new Set(['constructor', '__proto__', 'prototype', '__defineGetter__', '__defineSetter__']);

const rawOf = new WeakMap<object, object>();
const viewOf = new WeakMap<object, object>();

/**
 * A read-only view of plain data: a missing member throws instead of giving undefined, an unknown member makes the
 * expression unknown, nothing can be written. Views of the same data are the same object.
 */
export function view(value: Value): unknown {
  if (value instanceof Unknown) throw new UnknownRead(value.reason);
  if (typeof value !== 'object' || value === null) return value;
  const known = viewOf.get(value);
  if (known) return known;
  // A frozen target would force the proxy to hand out raw members.
  const made = new Proxy(Object.isExtensible(value) ? value : shallowCopy(value), handler);
  viewOf.set(value, made);
  rawOf.set(made, value);
  return made;
}

/** The data behind a view; undefined for what is no view. */
export function dataOfView(candidate: object): Value | undefined {
  return rawOf.get(candidate) as Value | undefined;
}

function shallowCopy(value: object): object {
  return Array.isArray(value) ? [...(value as unknown[])] : { ...value };
}

const handler: ProxyHandler<object> = {
  get(target, key): unknown {
    if (typeof key === 'symbol') return Reflect.get(target, key) as unknown;
    // map, filter and slice ask an array for its constructor; undefined makes them build a plain one.
    if (key === 'constructor' && Array.isArray(target)) return undefined;
    if (forbiddenKeys.has(key)) throw refused(key);
    if (Object.hasOwn(target, key)) return view(Reflect.get(target, key) as Value);
    if (quietKeys.has(key) || (Array.isArray(target) && key in Array.prototype))
      return Reflect.get(target, key) as unknown;
    throw new UndefinedRead({ key, candidates: () => (Array.isArray(target) ? [] : Object.keys(target)) });
  },
  has(target, key): boolean {
    const isMember = Reflect.has(target, key);
    if (!isMember && Array.isArray(target) && typeof key === 'string' && !/^\d+$/.test(key)) throw notForLists(key);
    return isMember;
  },
  set(_target, key): never {
    throw readOnly(key);
  },
  deleteProperty(_target, key): never {
    throw readOnly(key);
  },
  defineProperty(_target, key): never {
    throw readOnly(key);
  },
  setPrototypeOf(): never {
    throw readOnly('prototype');
  },
  getPrototypeOf(target): object | null {
    return Array.isArray(target) ? Array.prototype : Object.prototype;
  },
};

function refused(key: string): EvaluationError {
  return new EvaluationError({
    severity: 'error',
    code: 'forbidden-member',
    message: `\`${key}\` cannot be read in a template`,
  });
}

/** In other languages `in` looks for an item; here it would be false without a word. */
function notForLists(key: string): EvaluationError {
  return new EvaluationError({
    severity: 'error',
    code: 'in-list',
    message: '`in` asks for a key of a map, this is a list',
    hint: `write \`list.includes(${JSON.stringify(key)})\``,
  });
}

function readOnly(key: string | symbol): EvaluationError {
  return new EvaluationError({
    severity: 'error',
    code: 'read-only',
    message: `values are read-only in a template (tried to change \`${String(key)}\`)`,
    hint: 'make a copy: `[...list].sort()`, `{ ...map, key: value }`',
  });
}
