const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a key would reach into JavaScript's own objects when data is merged: refused wherever data comes in. */
export function isForbiddenKey(key: string): boolean {
  return forbidden.has(key);
}
