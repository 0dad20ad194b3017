import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copy } from '../../../src/modules/copy.js';
import type { Comparison } from '../../../src/modules/types.js';
import { fingerprintTree, plantTree, readTreeAs } from './host-tree.js';
import { localController } from './local-controller.js';
import { localHost, localShells } from './local-host.js';
import { applyModule, previewModule, type Pass } from './run-module.js';

describe.each(localShells())('copy on a host with $name', (shell) => {
  let root = '';
  const host = localHost(shell);
  const request = (params: Record<string, unknown>) => ({
    module: copy,
    params,
    controller: localController(root, {}),
  });
  const apply = (params: Record<string, unknown>): Promise<Pass> => applyModule(host, request(params));
  const preview = (params: Record<string, unknown>): Promise<Comparison> => previewModule(host, request(params));

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'runner-copy-'));
    await plantTree(root, {
      'one.conf': 'one',
      'from/a': 'one',
      "from/sub dir/b c'd": { content: 'two', mode: '0751' },
      'from/link': { link: 'a' },
      'dest/': {},
    });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  test('copies a folder of the host into a folder, once, and only what differs later', async () => {
    const params = { src: `${root}/from`, dest: `${root}/dest`, remote_src: true, mode: 'preserve' };
    const before = await fingerprintTree(root);
    expect(await preview(params)).toMatchObject({ kind: 'change' });
    expect(await fingerprintTree(root)).toBe(before);
    expect((await apply(params)).comparison.kind).toBe('change');
    const wanted = {
      'dest/from/a': 'one',
      "dest/from/sub dir/b c'd": { content: 'two', mode: '0751' },
      'dest/from/link': 'one',
    };
    expect(await readTreeAs(root, wanted)).toEqual(wanted);
    expect(await preview(params)).toMatchObject({ kind: 'same' });
    await plantTree(root, { 'dest/from/a': 'other' });
    const again = await apply(params);
    expect(again.comparison).toMatchObject({ kind: 'change', changes: [{ part: 'a: content' }] });
    expect(await readTreeAs(root, wanted)).toEqual(wanted);
  });

  test('copies what a folder holds when its path ends with a slash', async () => {
    await apply({ src: `${root}/from/`, dest: `${root}/new/place`, remote_src: true, directory_mode: '0700' });
    const wanted = { 'new/place/a': 'one', "new/place/sub dir/b c'd": 'two' };
    expect(await readTreeAs(root, wanted)).toEqual(wanted);
  });

  test('refuses a folder that holds a link to nowhere, and names it', async () => {
    await plantTree(root, { 'from/broken': { link: 'nothing' } });
    const { comparison } = await apply({ src: `${root}/from`, dest: `${root}/dest`, remote_src: true });
    expect(comparison).toMatchObject({ kind: 'failed', message: expect.stringContaining('from/broken') });
    expect(await readTreeAs(root, { 'dest/from/a': '' })).not.toEqual({ 'dest/from/a': 'one' });
  });

  test('makes the folder that a dest with a slash at its end asks for, and no other', async () => {
    const params = { src: 'one.conf', dest: `${root}/new/folder/` };
    expect(await preview(params)).toMatchObject({ kind: 'change' });
    expect((await apply(params)).comparison.kind).toBe('change');
    expect(await readTreeAs(root, { 'new/folder/one.conf': 'one' })).toEqual({ 'new/folder/one.conf': 'one' });
    expect(await preview(params)).toMatchObject({ kind: 'same' });
    expect((await apply({ src: 'one.conf', dest: `${root}/none/file` })).comparison).toMatchObject({ kind: 'failed' });
    expect((await apply({ src: `${root}/from/a`, dest: `${root}/more/`, remote_src: true })).comparison.kind).toBe(
      'change',
    );
    expect(await readTreeAs(root, { 'more/a': 'one' })).toEqual({ 'more/a': 'one' });
  });
});
