import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dockerDaemon } from '../../../../src/modules/docker/daemon.js';
import { demultiplex } from '../../../../src/modules/docker/container-logs.js';
import { parseSize } from '../../../../src/modules/docker/sizes.js';
import type { AnyModule } from '../../../../src/modules/types.js';
import { localController } from '../local-controller.js';
import { localHost, localShells } from '../local-host.js';
import { applyModule, previewModule } from '../run-module.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-daemon-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const module = dockerDaemon as AnyModule;
const controller = localController('/', {});

describe.each(localShells())('docker_daemon on $name', (shell) => {
  const host = localHost(shell);
  const file = (): string => join(folder, 'daemon.json');

  test('writes the settings into a new file, and then has nothing to do', async () => {
    const params = { path: file(), options: { 'log-opts': { 'max-size': '10m' }, 'live-restore': true } };
    expect((await applyModule(host, { module, params, controller })).result?.values).toMatchObject({
      restart_needed: true,
    });
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual(params.options);
    expect((await applyModule(host, { module, params, controller })).comparison.kind).toBe('same');
  });

  test('keeps what is there and not named, merges maps, and removes what is null', async () => {
    writeFileSync(file(), JSON.stringify({ 'data-root': '/big', 'log-opts': { 'max-file': '3' }, debug: true }));
    const options = { 'log-opts': { 'max-size': '10m' }, debug: null };
    await applyModule(host, { module, params: { path: file(), options }, controller });
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({
      'data-root': '/big',
      'log-opts': { 'max-file': '3', 'max-size': '10m' },
    });
  });

  test('asks for a reload only, where the engine takes the setting over without a restart', async () => {
    const params = { path: file(), options: { 'insecure-registries': ['registry:5000'] } };
    expect(await previewModule(host, { module, params, controller })).toMatchObject({
      kind: 'change',
      values: { restart_needed: false },
    });
  });

  test('refuses a file that is not JSON, and leaves it', async () => {
    writeFileSync(file(), '{ "debug": true, }');
    const { comparison } = await applyModule(host, {
      module,
      params: { path: file(), options: { debug: true } },
      controller,
    });
    expect(comparison).toMatchObject({ kind: 'failed', message: expect.stringContaining('is not JSON') as string });
    expect(readFileSync(file(), 'utf8')).toBe('{ "debug": true, }');
  });
});

describe('sizes', () => {
  test.each([
    ['1048576', 1048576],
    ['512m', 536870912],
    ['1.5g', 1610612736],
    ['64KB', 65536],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test('are refused when they are none', () => {
    expect(() => parseSize('much')).toThrow('much is no size');
  });
});

describe("the engine's log frames", () => {
  test('are put together again', () => {
    const frame = (stream: number, text: string): Buffer =>
      Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length, ...Buffer.from(text)]);
    expect(demultiplex(Buffer.concat([frame(1, 'out\n'), frame(2, 'err\n')]))).toBe('out\nerr\n');
  });

  test('are none for a container with a terminal', () => {
    expect(demultiplex(Buffer.from('plain text of a terminal'))).toBe('plain text of a terminal');
  });
});
