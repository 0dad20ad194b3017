import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copy } from '../../../src/modules/copy.js';
import { largeFile } from '../../../src/modules/support/large-file.js';
import type { Controller, HostWriter } from '../../../src/modules/types.js';
import { localController } from './local-controller.js';
import { localHost, localShells } from './local-host.js';
import { applyModule, previewModule, type Pass } from './run-module.js';

const size = largeFile + 5;
let folder = '';
/** Whose SHA-256 was taken, in order. */
let summed: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-large-'));
  summed = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function controllerOf(): Controller {
  const files = localController(folder, {});
  return {
    ...files,
    fingerprint: async (path) => {
      summed.push('here');
      return files.fingerprint(path);
    },
  };
}

function hostOf(shell: Parameters<typeof localHost>[0]): HostWriter {
  const host = localHost(shell);
  return {
    ...host,
    query: async (script, options) => {
      if (/^look_sum sum /m.test(script.raw)) summed.push('there');
      return host.query(script, options);
    },
  };
}

const sumOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

test.each(localShells())(
  'a large file is summed before it is sent only where sizes do not tell ($name)',
  async (shell) => {
    const bytes = randomBytes(size);
    writeFileSync(join(folder, 'source'), bytes);
    const dest = join(folder, 'dest');
    const params = { src: 'source', dest, mode: '0640' };
    const apply = async (given: object = {}): Promise<Pass> =>
      applyModule(hostOf(shell), { module: copy, params: { ...params, ...given }, controller: controllerOf() });

    expect((await apply()).comparison).toMatchObject({ kind: 'change' });
    expect(readFileSync(dest).equals(bytes)).toBe(true);
    expect(summed).toEqual([]);

    expect((await apply()).comparison).toMatchObject({ kind: 'same', values: { checksum: sumOf(bytes), size } });
    expect(summed).toEqual(['here', 'there']);

    summed = [];
    writeFileSync(dest, 'another size');
    expect((await apply({ force: false })).comparison).toMatchObject({
      kind: 'same',
      values: { checksum: sumOf(bytes) },
    });
    expect(summed).toEqual(['here']);
    expect((await apply()).comparison).toMatchObject({ kind: 'change' });
    expect(readFileSync(dest).equals(bytes)).toBe(true);
    expect(summed).toEqual(['here']);

    writeFileSync(dest, randomBytes(size));
    const { comparison, result } = await apply();
    expect(comparison).toMatchObject({ kind: 'change' });
    expect(result?.values).toMatchObject({ checksum: sumOf(bytes) });
    expect(readFileSync(dest).equals(bytes)).toBe(true);
  },
);

test('a preview of a large file that would be new reads none of it, and leaves its sum open', async () => {
  writeFileSync(join(folder, 'source'), Buffer.alloc(size));
  const [shell] = localShells();
  const params = { src: 'source', dest: join(folder, 'dest') };
  const comparison = await previewModule(hostOf(shell!), { module: copy, params, controller: controllerOf() });
  expect(comparison).toMatchObject({ kind: 'change', values: { size } });
  expect(comparison.kind === 'change' && comparison.values).not.toHaveProperty('checksum');
  expect(summed).toEqual([]);
});
