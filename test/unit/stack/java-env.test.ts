import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AnyModule, Comparison } from '../../../src/modules/types.js';
import { zookeeperJavaEnv } from '../../../src/stack/zookeeper/java-env.js';
import { localController } from '../modules/local-controller.js';
import { localHost, localShells } from '../modules/local-host.js';
import { applyModule, previewModule } from '../modules/run-module.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-java-env-'));
  for (const each of ['data', 'datalog']) mkdirSync(join(folder, each, 'version-2'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const module = zookeeperJavaEnv as AnyModule;
const controller = localController('/', {});

describe.each(localShells())('leave to start on a log without a snapshot, on $name', (shell) => {
  const host = localHost(shell);
  const parameters = (more: object): Parameters<typeof applyModule>[1] => ({
    module,
    controller,
    params: {
      path: join(folder, 'java.env'),
      data: join(folder, 'data'),
      data_log: join(folder, 'datalog'),
      version: '3.8.0',
      ...more,
    },
  });
  const apply = async (more: object = {}): Promise<Comparison> =>
    (await applyModule(host, parameters(more))).comparison;
  const written = (): string => readFileSync(join(folder, 'java.env'), 'utf8');
  const put = (path: string, content = 'bytes'): void => writeFileSync(join(folder, path), content);
  const flag = '-Dzookeeper.snapshot.trust.empty=true';

  test('is not given on a fresh host, nor where there is a snapshot', async () => {
    expect((await apply()).kind).toBe('change');
    expect(written()).not.toContain(flag);
    put('datalog/version-2/log.100000001');
    put('data/version-2/snapshot.100000000');
    expect((await apply()).kind).toBe('same');
  });

  test('is given for a young log, and taken away once the server has written its snapshot', async () => {
    put('datalog/version-2/log.100000001');
    expect(await apply()).toMatchObject({ kind: 'change', values: { young: true } });
    expect(written()).toContain(`SERVER_JVMFLAGS="$SERVER_JVMFLAGS ${flag}"`);
    expect(await apply({ served: true })).toMatchObject({ kind: 'failed' });
    expect(await previewModule(host, parameters({ served: true }))).toMatchObject({ kind: 'unknown' });
    put('data/version-2/snapshot.100000008');
    expect((await apply({ served: true })).kind).toBe('change');
    expect(written()).not.toContain(flag);
  });

  test('is given for a log beside the data too, and a snapshot of no bytes is none', async () => {
    put('data/version-2/log.1');
    put('data/version-2/snapshot.0', '');
    await apply();
    expect(written()).toContain(flag);
  });

  test('is not needed by 3.4, and refused to versions that lose data or never write the snapshot', async () => {
    put('datalog/version-2/log.100000001');
    await apply({ version: '3.4.14' });
    expect(written()).not.toContain(flag);
    expect(await apply({ version: '3.5.6' })).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('upgrade to 3.8.0 or later') as string,
    });
    expect(written()).not.toContain(flag);
  });
});
