import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { git } from '../../../src/modules/git.js';
import { fingerprintTree, readTreeAs } from './host-tree.js';
import { localController } from './local-controller.js';
import { localHost } from './local-host.js';
import { applyModule, previewModule } from './run-module.js';

let root = '';
const host = localHost({ name: 'sh', command: ['/bin/sh'], path: process.env['PATH'] ?? '' });
const request = (params: Record<string, unknown> = {}) => ({
  module: git,
  params: { repo: `file://${root}/repo`, dest: `${root}/dest`, ...params },
  controller: localController(root, {}),
});
const apply = (params?: Record<string, unknown>) => applyModule(host, request(params));
const preview = (params?: Record<string, unknown>) => previewModule(host, request(params));
const content = (): Promise<string> => readFile(join(root, 'dest/f'), 'utf8');

function inRepository(...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
  return execFileSync('git', [...identity, ...args], { cwd: join(root, 'repo'), encoding: 'utf8' }).trim();
}
async function commit(text: string): Promise<string> {
  await writeFile(join(root, 'repo/f'), text);
  inRepository('add', 'f');
  inRepository('commit', '-q', '-m', text);
  return inRepository('rev-parse', 'HEAD');
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'runner-git-'));
  execFileSync('git', ['init', '-q', '-b', 'trunk', join(root, 'repo')]);
  await commit('one');
  inRepository('tag', '-a', 'v1', '-m', 'v1');
  await commit('two');
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('the default branch is checked out, and followed', async () => {
  const before = await fingerprintTree(root);
  expect(await preview()).toMatchObject({ kind: 'change' });
  expect(await fingerprintTree(root)).toBe(before);
  expect((await apply()).comparison.kind).toBe('change');
  expect(await content()).toBe('two');
  expect(await preview()).toMatchObject({ kind: 'same' });
  const third = await commit('three');
  expect((await apply()).result?.values).toMatchObject({ after: third });
  expect(await content()).toBe('three');
});

test('a tag and a commit are checked out, with as much history as is asked for', async () => {
  await apply({ version: 'v1', depth: 1 });
  expect(await content()).toBe('one');
  expect(await preview({ version: 'v1', depth: 1 })).toMatchObject({ kind: 'same' });
  const version = inRepository('rev-parse', 'HEAD');
  await apply({ version });
  expect(await content()).toBe('two');
  expect(await preview({ version })).toMatchObject({ kind: 'same' });
});

test('local changes stay unless they are thrown away', async () => {
  await apply();
  await writeFile(join(root, 'dest/f'), 'mine');
  expect(await preview()).toMatchObject({ kind: 'same' });
  await commit('three');
  expect((await apply()).comparison).toMatchObject({ kind: 'failed' });
  expect(await content()).toBe('mine');
  await apply({ force: true });
  expect(await content()).toBe('three');
});

test('a checkout stays as it is without update', async () => {
  await apply({ version: 'v1' });
  expect(await preview({ update: false })).toMatchObject({ kind: 'same' });
});

test('what is no version, no repository and no checkout is said', async () => {
  expect(await preview({ version: 'none' })).toMatchObject({ kind: 'failed' });
  expect(await preview({ repo: `${root}/nowhere` })).toMatchObject({ kind: 'failed' });
  expect(await preview({ dest: `${root}/repo/.git/refs` })).toMatchObject({ kind: 'failed' });
  expect(await readTreeAs(root, { dest: null })).toEqual({ dest: null });
});

test('ssh gets the further words that are given for it', async () => {
  const said = join(root, 'said');
  await writeFile(join(root, 'ssh'), `#!/bin/sh\nprintf '%s\\n' "$@" > '${said}'\nexit 1\n`, { mode: 0o755 });
  const own = localHost({ name: 'sh', command: ['/bin/sh'], path: `${root}:${process.env['PATH'] ?? ''}` });
  const params = { repo: 'git@example.org:x.git', ssh_opts: '-o ConnectTimeout=5 -o "User=a b"', single_branch: true };
  expect(await previewModule(own, request(params))).toMatchObject({ kind: 'failed' });
  expect((await readFile(said, 'utf8')).split('\n')).toEqual(
    expect.arrayContaining(['BatchMode=yes', 'ConnectTimeout=5', 'User=a b']),
  );
});
