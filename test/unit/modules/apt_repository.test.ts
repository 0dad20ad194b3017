import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aptRepository } from '../../../src/modules/apt_repository.js';
import { plantTree, readTreeAs } from './host-tree.js';
import { localController } from './local-controller.js';
import { localHost } from './local-host.js';
import { applyModule, previewModule } from './run-module.js';

let root = '';
const repo = 'deb http://example.org/debian bookworm main';
const armour = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQECAwQ=\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n`;
const request = (params: Record<string, unknown>) => ({
  module: aptRepository,
  params: { repo, update_cache: false, apt_root: root, ...params },
  controller: localController(root, {}),
});
const host = () => localHost({ name: 'sh', command: ['/bin/sh'], path: `${root}:${process.env['PATH'] ?? ''}` });
const file = 'sources.list.d/example_org_debian.list';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'runner-apt-repository-'));
  await plantTree(root, { 'sources.list.d/': {}, 'apt-get': '#!/bin/sh\n' });
  await chmod(join(root, 'apt-get'), 0o755);
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('a repository comes with its key, once, and goes with its file', async () => {
  const params = { key: armour };
  expect(await previewModule(host(), request(params))).toMatchObject({
    kind: 'change',
    changes: [{ part: 'key' }, { part: 'repository' }],
  });
  await applyModule(host(), request(params));
  const wanted = {
    [file]: `deb [signed-by=${root}/keyrings/example_org_debian.gpg] http://example.org/debian bookworm main\n`,
    'keyrings/example_org_debian.gpg': { base64: 'mQECAwQ=', mode: '0644' },
  };
  expect(await readTreeAs(root, wanted)).toEqual(wanted);
  expect(await previewModule(host(), request(params))).toMatchObject({ kind: 'same' });
  await applyModule(host(), request({ ...params, state: 'absent' }));
  expect(await readTreeAs(root, { [file]: null })).toEqual({ [file]: null });
});

test('a repository that another file has is not added again, and is removed from there', async () => {
  await plantTree(root, { 'sources.list': `# main\n${repo.replace(' ', '   ')}\ndeb http://other x y\n` });
  expect(await previewModule(host(), request({}))).toMatchObject({ kind: 'same' });
  await applyModule(host(), request({ state: 'absent' }));
  const wanted = { 'sources.list': '# main\ndeb http://other x y\n' };
  expect(await readTreeAs(root, wanted)).toEqual(wanted);
});

test('what is no key is refused', async () => {
  expect(await previewModule(host(), request({ key: 'hello' }))).toMatchObject({ kind: 'failed' });
});

test('a repository that cannot be read is taken away again', async () => {
  await plantTree(root, { 'apt-get': "#!/bin/sh\necho 'E: no such repository' >&2\nexit 100\n" });
  const { comparison } = await applyModule(host(), request({ update_cache: true }));
  expect(comparison).toMatchObject({ kind: 'failed' });
  expect(comparison).toHaveProperty('message', expect.stringContaining('no such repository'));
  expect(await readTreeAs(root, { [file]: null })).toEqual({ [file]: null });
});
