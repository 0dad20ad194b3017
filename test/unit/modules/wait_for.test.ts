import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../../src/modules/wait_for.js';
import type { HostWriter } from '../../../src/modules/types.js';
import { localController } from './local-controller.js';
import { localHost, localShells } from './local-host.js';
import { applyModule, previewModule } from './run-module.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-wait-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(localShells())('wait_for on a host with $name', (shell) => {
  const requestOf = (params: unknown) => ({ module: waitFor, params, controller: localController('/', {}) });

  /** A host that calls back each time the module says that it waits. */
  const watchedHost = (onWait: () => void): HostWriter => ({ ...localHost(shell), progress: onWait });

  test('is done at once when the port is open, and changes nothing', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const done = await applyModule(localHost(shell), requestOf({ port }));
    const preview = await previewModule(localHost(shell), requestOf({ port, state: 'stopped' }));
    await new Promise((resolve) => server.close(resolve));
    expect(done.comparison).toMatchObject({ kind: 'same', values: { elapsed: 0, port } });
    expect(preview.kind).toBe('act');
    expect((await applyModule(localHost(shell), requestOf({ port, state: 'stopped' }))).comparison.kind).toBe('same');
  });

  test('waits until a file appears and holds a text', async () => {
    const path = join(folder, `${shell.name}-text`);
    const contents = ['nothing yet\n', 'ready: node3\n'];
    const host = watchedHost(() => writeFileSync(path, contents.shift() ?? ''));
    const { result } = await applyModule(
      host,
      requestOf({ path, search_regex: 'ready: (\\w+)', sleep: 0.01, timeout: 60 }),
    );
    expect(result).toMatchObject({ changed: false, values: { match_groups: ['node3'] } });
  });

  test('fails with its own message when the time is over', async () => {
    const { comparison } = await applyModule(
      localHost(shell),
      requestOf({ port: 1, timeout: 1, sleep: 0.2, msg: 'not up' }),
    );
    expect(comparison).toMatchObject({
      kind: 'failed',
      message: 'not up',
      values: { elapsed: expect.toSatisfy((elapsed: number) => elapsed >= 1) },
    });
  });
});
