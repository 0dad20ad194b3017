import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AnyModule } from '../../../src/modules/types.js';
import { zookeeperMyid } from '../../../src/stack/zookeeper/myid.js';
import { localController } from '../modules/local-controller.js';
import { localHost, localShells } from '../modules/local-host.js';
import { applyModule, previewModule } from '../modules/run-module.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-myid-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const module = zookeeperMyid as AnyModule;
const controller = localController('/', {});

describe.each(localShells())('the identity of a ZooKeeper server on $name', (shell) => {
  const host = localHost(shell);
  const myid = (): string => join(folder, 'myid');

  test('is written once, digits and a newline, and then is the same', async () => {
    const params = { path: myid(), id: 2 };
    expect((await applyModule(host, { module, params, controller })).comparison.kind).toBe('change');
    expect(readFileSync(myid(), 'utf8')).toBe('2\n');
    expect((await applyModule(host, { module, params, controller })).comparison.kind).toBe('same');
  });

  test('is never changed, and a preview says so already', async () => {
    writeFileSync(myid(), '1\n');
    const params = { path: myid(), id: 3 };
    const comparison = await previewModule(host, { module, params, controller });
    expect(comparison).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('Set `zookeeper_myid: 1`') as string,
    });
    await applyModule(host, { module, params, controller });
    expect(readFileSync(myid(), 'utf8')).toBe('1\n');
  });

  test('with a blank behind, which ZooKeeper refuses, is written cleanly', async () => {
    writeFileSync(myid(), '1 ');
    await applyModule(host, { module, params: { path: myid(), id: 1 }, controller });
    expect(readFileSync(myid(), 'utf8')).toBe('1\n');
  });
});
