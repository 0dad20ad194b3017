import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sumInThread } from '../../../src/transport/sum-thread.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-sums-'));
afterAll(() => rmSync(folder, { recursive: true }));
const sumOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

it('sums files beside the main thread, several at the same time, up to the size they had', async () => {
  const files = [0, 1, 1024 * 1024, 2_500_001].map((size) => {
    const path = join(folder, String(size));
    const bytes = randomBytes(size);
    writeFileSync(path, Buffer.concat([bytes, Buffer.from('written since')]));
    return { path, size, bytes };
  });
  const sums = await Promise.all(files.map(({ path, size }) => sumInThread(path, { size, seal: 'first' }).wait()));
  expect(sums).toEqual(files.map(({ bytes }) => sumOf(bytes)));
});

it('sums a file once while its seal is the same', async () => {
  const path = join(folder, 'once');
  writeFileSync(path, 'before');
  const first = sumInThread(path, { size: 6, seal: 'one' });
  expect(sumInThread(path, { size: 6, seal: 'one' })).toBe(first);
  expect(await first.wait()).toBe(sumOf(Buffer.from('before')));
  writeFileSync(path, 'behind');
  expect(await sumInThread(path, { size: 6, seal: 'two' }).wait()).toBe(sumOf(Buffer.from('behind')));
});

it('fails with the system’s words, and tries again when it is asked again', async () => {
  const path = join(folder, 'later');
  await expect(sumInThread(path, { size: 1, seal: '' }).wait()).rejects.toThrow(/ENOENT.*later/);
  writeFileSync(path, 'x');
  expect(await sumInThread(path, { size: 1, seal: '' }).wait()).toBe(sumOf(Buffer.from('x')));
});
