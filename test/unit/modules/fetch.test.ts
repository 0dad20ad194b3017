import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fetch, targetOf } from '../../../src/modules/fetch.js';
import { replacementOf } from '../../../src/modules/support/controller-file.js';
import { localController } from './local-controller.js';
import { localHost, localShells } from './local-host.js';
import { applyModule, previewModule } from './run-module.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-fetch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(localShells())('fetch from a host with $name', (shell) => {
  const host = localHost(shell);
  const controller = join(folder, shell.name);
  mkdirSync(controller);
  const source = join(controller, 'on the host');
  const requestOf = (params: object) => ({ module: fetch, params, controller: localController(controller, {}) });

  test('puts the file in a folder of the host, and only once', async () => {
    writeFileSync(source, 'hello');
    const request = requestOf({ src: source, dest: 'got' });
    const target = join(controller, 'got', 'local', source);
    expect(await previewModule(host, request)).toMatchObject({ kind: 'change' });
    expect(() => readFileSync(target)).toThrow('ENOENT');
    await applyModule(host, request);
    expect(readFileSync(target, 'utf8')).toBe('hello');
    expect(await previewModule(host, request)).toMatchObject({ kind: 'same' });
  });

  test('fails for a missing file unless told otherwise', async () => {
    const missing = { src: join(controller, 'none'), dest: 'got' };
    expect(await previewModule(host, requestOf(missing))).toMatchObject({ kind: 'failed' });
    expect(await previewModule(host, requestOf({ ...missing, fail_on_missing: false }))).toMatchObject({
      kind: 'same',
    });
  });
});

test('comes to an end where the controller can make no folder, with the system’s words', async () => {
  await expect(replacementOf('/proc/nowhere/fetched')).rejects.toThrow(/ENOENT.*\/proc\/nowhere/);
});

test('two files fetched to one place at the same time are each whole, and the last one stays', async () => {
  const target = join(folder, 'one place');
  const first = await replacementOf(target);
  const second = await replacementOf(target);
  await first.append(Buffer.from('first, '));
  await second.append(Buffer.from('second, '));
  await first.append(Buffer.from('whole'));
  await first.keep();
  expect(readFileSync(target, 'utf8')).toBe('first, whole');
  await second.append(Buffer.from('whole'));
  await second.keep();
  await Promise.all([first.drop(), second.drop()]);
  expect(readFileSync(target, 'utf8')).toBe('second, whole');
  expect(readdirSync(folder).filter((name) => name.startsWith('.runner-'))).toEqual([]);
});

describe('where a fetched file lands', () => {
  const at = (source: string, options: { host?: string; flat?: boolean; dest?: string } = {}): string =>
    targetOf({
      params: { dest: options.dest ?? 'got', flat: options.flat ?? false },
      prepared: { directory: '/play' },
      host: options.host ?? 'h1',
      source,
    });

  test('is below dest and the name of the host', () => {
    expect(at('/etc/motd')).toBe('/play/got/h1/etc/motd');
    expect(at('/etc/motd', { dest: '/abs' })).toBe('/abs/h1/etc/motd');
    expect(at('/etc/motd', { flat: true, dest: 'one/' })).toBe('/play/one/motd');
    expect(at('/etc/motd', { flat: true, dest: 'one' })).toBe('/play/one');
  });

  test.each(['/../../etc/cron.d/x', '../../../x', '/a/../../../../x'])('stays inside for %s', (source) => {
    expect(at(source).startsWith('/play/got/h1/')).toBe(true);
  });

  test.each(['..', '.', 'a/../../b'])('refuses the name %s of a host', (host) => {
    expect(() => at('/etc/motd', { host })).toThrow('outside');
  });
});
