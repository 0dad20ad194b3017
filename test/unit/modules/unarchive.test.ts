import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Comparison } from '../../../src/modules/types.js';
import { unarchive } from '../../../src/modules/unarchive.js';
import { fingerprintTree, plantTree, readTreeAs } from './host-tree.js';
import { localController } from './local-controller.js';
import { localHost, localShells } from './local-host.js';
import { applyModule, previewModule, type Pass } from './run-module.js';

describe.each(localShells())('unarchive on a host with $name', (shell) => {
  let root = '';
  const host = localHost(shell);
  const request = (params: Record<string, unknown>) => ({
    module: unarchive,
    params: { dest: `${root}/dest`, ...params },
    controller: localController(root, {}),
  });
  const apply = (params: Record<string, unknown>): Promise<Pass> => applyModule(host, request(params));
  const preview = (params: Record<string, unknown>): Promise<Comparison> => previewModule(host, request(params));
  const pack = (...args: string[]): Buffer => execFileSync('tar', args, { cwd: root });

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'runner-unarchive-'));
    await plantTree(root, {
      'from/top/a': 'one',
      "from/top/sub/b c'd": { content: 'two', mode: '0755' },
      'from/top/link': { link: 'a' },
      'dest/': {},
    });
    pack('-czf', 'a.tgz', '-C', 'from', 'top');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  test('unpacks an archive of the host once', async () => {
    const params = { src: `${root}/a.tgz`, remote_src: true };
    const before = await fingerprintTree(root);
    expect(await preview(params)).toMatchObject({ kind: 'change' });
    expect(await fingerprintTree(root)).toBe(before);
    expect((await apply(params)).comparison.kind).toBe('change');
    const wanted = { 'dest/top/a': 'one', "dest/top/sub/b c'd": { content: 'two', mode: '0755' } };
    expect(await readTreeAs(root, wanted)).toEqual(wanted);
    expect(await preview(params)).toMatchObject({ kind: 'same' });
  });

  test('unpacks again what is no longer as in the archive', async () => {
    const params = { src: `${root}/a.tgz`, remote_src: true };
    await apply(params);
    await plantTree(root, { 'dest/top/a': 'longer' });
    expect(await preview(params)).toMatchObject({ kind: 'change' });
    await apply(params);
    expect(await readFile(join(root, 'dest/top/a'), 'utf8')).toBe('one');
  });

  test('brings an archive of the controller, and leaves the host alone when it is unpacked', async () => {
    expect(await preview({ src: 'a.tgz' })).toMatchObject({ kind: 'act' });
    expect((await apply({ src: 'a.tgz' })).result).not.toMatchObject({ changed: false });
    expect(await readFile(join(root, 'dest/top/a'), 'utf8')).toBe('one');
    expect((await apply({ src: 'a.tgz' })).result).toMatchObject({ changed: false });
  });

  test('leaves out what is excluded, and tells the members', async () => {
    const params = { src: `${root}/a.tgz`, remote_src: true, exclude: ['top/sub*'], list_files: true };
    const { comparison, result } = await apply(params);
    if (shell.name === 'busybox') {
      expect(comparison).toMatchObject({
        kind: 'failed',
        message: expect.stringContaining("the host's tar is not GNU tar"),
      });
      return;
    }
    expect(result?.values).toMatchObject({ handler: 'tar', files: expect.arrayContaining(['top/a', 'top/link']) });
    expect(await readTreeAs(root, { 'dest/top/sub': null })).toEqual({ 'dest/top/sub': null });
    expect(await preview(params)).toMatchObject({ kind: 'same' });
  });

  test('unpacks under other names what the further words of tar say, once', async () => {
    const params = { src: `${root}/a.tgz`, remote_src: true, extra_opts: ['--strip-components=1', '--no-same-owner'] };
    const first = await preview(params);
    if (shell.name === 'busybox') {
      expect(first).toMatchObject({ kind: 'failed', message: expect.stringContaining('takes no further options') });
      return;
    }
    expect(first).toMatchObject({ kind: 'change' });
    await apply({ ...params, mode: 'u=rwX,go=rX' });
    const wanted = { 'dest/a': 'one', "dest/sub/b c'd": 'two', 'dest/top': null };
    expect(await readTreeAs(root, wanted)).toEqual(wanted);
    expect(await preview(params)).toMatchObject({ kind: 'same' });
    await plantTree(root, { 'dest/a': 'longer' });
    expect(await preview(params)).toMatchObject({ kind: 'change' });
  });

  test('runs no word of tar that acts while it only looks', async () => {
    const act = `--checkpoint-action=exec=touch ${root}/ran`;
    const params = { src: `${root}/a.tgz`, remote_src: true, extra_opts: ['--checkpoint=1', act] };
    const before = await fingerprintTree(root);
    expect(await preview(params)).toMatchObject({ kind: shell.name === 'busybox' ? 'failed' : 'change' });
    expect(await fingerprintTree(root)).toBe(before);
  });

  test('refuses members that tar would give a name outside the folder, and words that name another place', async () => {
    const params = { src: `${root}/a.tgz`, remote_src: true };
    const elsewhere = await preview({ ...params, extra_opts: ['-C', '/'] });
    expect(elsewhere).toMatchObject({ kind: 'failed', message: expect.stringContaining('`src` and `dest` say where') });
    const outside = await preview({ ...params, extra_opts: ['--transform=s,^top,../up,'] });
    expect(outside.kind).toBe('failed');
  });

  test('unpacks the members that are included alone', async () => {
    const params = { src: `${root}/a.tgz`, remote_src: true, include: ['top/sub'] };
    const { comparison } = await apply(params);
    if (shell.name === 'busybox') return expect(comparison.kind).toBe('failed');
    const wanted = { "dest/top/sub/b c'd": 'two', 'dest/top/a': null };
    expect(await readTreeAs(root, wanted)).toEqual(wanted);
    expect(await preview(params)).toMatchObject({ kind: 'same' });
  });

  test('does nothing when `creates` is there', async () => {
    expect(await preview({ src: `${root}/a.tgz`, remote_src: true, creates: `${root}/from/*` })).toMatchObject({
      kind: 'same',
    });
  });

  test('sets mode and owner of the members', async () => {
    const params = { src: `${root}/a.tgz`, remote_src: true, mode: 'u=rwX,go=', owner: '12345' };
    await apply(params);
    const wanted = { 'dest/top/a': { mode: '0600' }, 'dest/top': { mode: '0700' } };
    expect(await readTreeAs(root, wanted)).toEqual(wanted);
    expect(await preview(params)).toMatchObject({ kind: 'same' });
  });

  test('writes no member outside the folder', async () => {
    pack('-cf', 'bad.tar', '-P', '--transform=s,^from/top/a,../evil,', 'from/top/a');
    const { comparison } = await apply({ src: `${root}/bad.tar`, remote_src: true });
    // Busybox's tar takes the `../` away by itself.
    expect(comparison.kind).toBe(shell.name === 'busybox' ? 'change' : 'failed');
    expect(await readTreeAs(root, { evil: null })).toEqual({ evil: null });
  });

  test('refuses to write through a link that leads out of the folder', async () => {
    await plantTree(root, { 'dest/top': { link: `${root}/from` } });
    const { comparison } = await apply({ src: `${root}/a.tgz`, remote_src: true });
    expect(comparison).toMatchObject({ kind: 'failed' });
    expect(await readTreeAs(root, { 'from/a': null })).toEqual({ 'from/a': null });
  });

  test('says that the archive or the folder is missing', async () => {
    expect(await preview({ src: '/none', remote_src: true })).toMatchObject({ kind: 'failed' });
    expect(await preview({ src: 'a.tgz', dest: `${root}/none` })).toMatchObject({ kind: 'failed' });
  });

  // busybox alone has an unzip of its own making, which lists differently.
  if (shell.name === 'sh') {
    test('unpacks a zip', async () => {
      // Two stored members, made by hand: this machine needs no zip.
      await plantTree(root, { 'z.zip': { base64: zipped } });
      const params = { src: `${root}/z.zip`, remote_src: true };
      await apply(params);
      expect(await readFile(join(root, 'dest/d/a[1].txt'), 'utf8')).toBe('hello\n');
      expect(await preview(params)).toMatchObject({ kind: 'same' });
    });
  }
});

const zipped =
  'UEsDBBQAAAAAAPoWdV0gMDo2BgAAAAYAAAAKAAAAZC9hWzFdLnR4dGhlbGxvClBLAwQUAAAAAAD6FnVdgxbcjAEAAAABAAAAAQAAAGJ4UEsBAhQDFAAAAAAA+hZ1XSAwOjYGAAAABgAAAAoAAAAAAAAAAAAAAIABAAAAAGQvYVsxXS50eHRQSwECFAMUAAAAAAD6FnVdgxbcjAEAAAABAAAAAQAAAAAAAAAAAAAAgAEuAAAAYlBLBQYAAAAAAgACAGcAAABOAAAAAAA=';
