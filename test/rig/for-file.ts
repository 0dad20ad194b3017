import { afterAll, beforeAll, beforeEach } from 'vitest';

/**
 * What the tests of one file share: started before the first of them, stopped after the last. It can be used in tests and in
 * hooks that the file registers after this call.
 */
export function forFile<T extends object>(use: {
  readonly start: () => Promise<T>;
  /** Milliseconds; undefined: as long as any hook may take. */
  readonly startWithin?: number;
  readonly stop: (shared: T) => Promise<void>;
  /** Done before each test, before the file's own hooks. */
  readonly refresh?: (shared: T) => void;
}): T {
  let shared: T | undefined;
  beforeAll(async () => {
    shared = await use.start();
  }, use.startWithin);
  beforeEach(() => {
    if (shared !== undefined) use.refresh?.(shared);
  });
  afterAll(async () => {
    if (shared !== undefined) await use.stop(shared);
  });
  return new Proxy({} as T, {
    get: (_target, name) => {
      if (shared === undefined) throw new Error(`not started yet: ${String(name)} can be used in tests and hooks`);
      return Reflect.get(shared, name) as unknown;
    },
  });
}
