import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { includeVars } from '../../../src/modules/include_vars.js';
import type { Comparison } from '../../../src/modules/types.js';
import { plantTree, type Tree } from './host-tree.js';
import { localController } from './local-controller.js';
import { localHost, localShells } from './local-host.js';
import { previewModule } from './run-module.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'runner-include-vars-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function include(tree: Tree, params: unknown): Promise<Comparison> {
  await plantTree(root, tree);
  const [shell] = localShells();
  if (shell === undefined) throw new Error('this machine has no shell');
  const controller = localController(root, { port: 80 });
  return previewModule(localHost(shell), { module: includeVars, params, controller });
}

test('a file gives its variables, rendered', async () => {
  const said = await include({ 'v.yaml': 'a: 1\nb: <%= port %>\n' }, { file: 'v.yaml' });
  expect(said).toMatchObject({ kind: 'same', facts: { a: 1, b: 80 } });
});
test('JSON is YAML too', async () => {
  expect(await include({ 'v.json': '{"a": [1]}' }, { file: 'v.json' })).toMatchObject({ facts: { a: [1] } });
});
test('a name puts them into one map', async () => {
  expect(await include({ 'v.yaml': 'a: 1' }, { file: 'v.yaml', name: 'all' })).toMatchObject({
    facts: { all: { a: 1 } },
  });
});
test('of a folder the later file wins', async () => {
  const tree = { 'd/1.yaml': 'a: 1\nb: 1', 'd/2.yml': 'a: 2', 'd/notes.yaml.md': 'c: 3' };
  expect(await include(tree, { dir: 'd', ignore_files: ['md$'] })).toMatchObject({ facts: { a: 2, b: 1 } });
});
test('a file of another kind in a folder is a mistake unless it is ignored', async () => {
  const tree = { 'd/1.yaml': 'a: 1', 'd/README': 'x' };
  expect(await include(tree, { dir: 'd' })).toMatchObject({ kind: 'failed' });
  expect(await include({}, { dir: 'd', ignore_unknown_extensions: true })).toMatchObject({ facts: { a: 1 } });
});
test('a name that is always there is refused', async () => {
  expect(await include({ 'v.yaml': 'host: 1' }, { file: 'v.yaml' })).toMatchObject({ kind: 'failed' });
});
