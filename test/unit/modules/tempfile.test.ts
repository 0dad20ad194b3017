import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tempfile } from '../../../src/modules/tempfile.js';
import { localController } from './local-controller.js';
import { localHost, localShells } from './local-host.js';
import { applyModule, previewModule } from './run-module.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'runner-tempfile-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test.each([...localShells()])(
  'makes files and folders of their own that only the owner can read (%s)',
  async (shell) => {
    const host = localHost(shell);
    const controller = localController(root, {});
    const made = async (params: object): Promise<string> => {
      const request = { module: tempfile, params: { path: root, ...params }, controller };
      expect(await previewModule(host, request)).toMatchObject({ kind: 'change' });
      const path = (await applyModule(host, request)).result?.values?.['path'];
      return typeof path === 'string' ? path : '';
    };
    const file = await made({ prefix: 'a b.', suffix: '.x' });
    expect(basename(file)).toMatch(/^a b\.[0-9a-f]{16}\.x$/);
    const folder = await made({ state: 'directory' });
    expect(await made({ state: 'directory' })).not.toBe(folder);
    expect(((await stat(file)).mode & 0o7777).toString(8)).toBe('600');
    expect((await stat(folder)).isDirectory()).toBe(true);
    expect(((await stat(folder)).mode & 0o7777).toString(8)).toBe('700');
  },
);
