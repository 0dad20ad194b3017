import { afterEach, expect, test, vi } from 'vitest';
import { CancelledError } from '../../../src/core/errors.js';
import { withInterrupt } from '../../../src/cli/interrupt.js';

afterEach(() => vi.restoreAllMocks());

/** Work that lasts until a signal ends it. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new CancelledError('interrupted')));
  });
}

function announcements(): () => number {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  return () => written.mock.calls.filter(([text]) => String(text).includes('Interrupted')).length;
}

test('an interruption of work within work is announced once, and ends both', async () => {
  const count = announcements();
  const finished = withInterrupt(async () => {
    const inner = withInterrupt(untilAborted);
    process.emit('SIGINT', 'SIGINT');
    return inner;
  });
  expect(await finished).toEqual({ kind: 'interrupted', code: 130 });
  expect(count()).toBe(1);
});

test('each interruption of one work after the other is announced', async () => {
  const count = announcements();
  for (let round = 0; round < 2; round++) {
    const finished = withInterrupt(untilAborted);
    process.emit('SIGTERM', 'SIGTERM');
    expect(await finished).toEqual({ kind: 'interrupted', code: 143 });
  }
  expect(count()).toBe(2);
});
