import { EvaluationError } from './errors.js';
import { Unknown, type Value } from './value.js';
import { dataOfView } from './view.js';

/**
 * Plain data out of what JavaScript gave: views are unwrapped, Date becomes ISO text, Set a list, Map a map. A map's
 * entry or a list's item that is undefined is left out; undefined at the top stays undefined ("omitted").
 * Throws EvaluationError for what is no data (functions, NaN, BigInt).
 */
export function toData(result: unknown): Value | undefined {
  switch (typeof result) {
    case 'undefined':
      return undefined;
    case 'string':
    case 'boolean':
      return result;
    case 'number':
      if (!Number.isFinite(result)) throw notData(`the number ${String(result)}`);
      return result;
    case 'object':
      return result === null ? null : objectData(result);
    case 'function':
      throw notData('a function');
    case 'bigint':
    case 'symbol':
      throw notData(`a ${typeof result}`);
  }
}

function objectData(result: object): Value {
  const data = dataOfView(result);
  if (data !== undefined) return data;
  if (result instanceof Unknown) return result;
  if (result instanceof Date) return result.toISOString();
  if (result instanceof Set) return listData([...result]);
  if (Array.isArray(result)) return listData(result);
  const entries: readonly [string, unknown][] =
    result instanceof Map ? [...result].map(([key, value]) => [String(key), value]) : Object.entries(result);
  const map: Record<string, Value> = {};
  for (const [key, value] of entries) {
    const item = toData(value);
    if (item !== undefined) map[key] = item;
  }
  return map;
}

function listData(items: readonly unknown[]): Value {
  return items.map(toData).filter((item) => item !== undefined);
}

function notData(what: string): EvaluationError {
  return new EvaluationError({
    severity: 'error',
    code: 'not-data',
    message: `the expression gives ${what}, which is no data`,
  });
}
