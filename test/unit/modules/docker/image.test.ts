import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { dockerImage } from '../../../../src/modules/docker/image.js';
import { readBuildFolder } from '../../../../src/modules/docker/build-folder.js';
import { readImageArchive } from '../../../../src/modules/docker/image-archive.js';
import { fullImageName, parseImageName } from '../../../../src/modules/docker/image-name.js';
import { ModuleFailure, type AnyModule } from '../../../../src/modules/types.js';
import { localController } from '../local-controller.js';
import { applyModule, previewModule } from '../run-module.js';
import { dockerHost } from './docker-host.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-test-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const controller = localController(folder, {});
const module = dockerImage as AnyModule;

describe('the name of an image', () => {
  test.each([
    ['redis', { repository: 'redis' }],
    ['registry:5000/lab/web', { repository: 'registry:5000/lab/web' }],
    ['registry:5000/lab/web:1', { repository: 'registry:5000/lab/web', tag: '1' }],
    ['web@sha256:ab', { repository: 'web', digest: 'sha256:ab' }],
  ])('%s is split as Docker splits it', (name, parts) => {
    expect(parseImageName(name)).toEqual(parts);
  });

  test('means latest when it says no tag and no digest', () => {
    expect(['a:5000/b', 'b:1', 'b@sha256:ab'].map(fullImageName)).toEqual(['a:5000/b:latest', 'b:1', 'b@sha256:ab']);
  });
});

describe('docker_image', () => {
  test('pulls what is missing and leaves alone what is there', async () => {
    const { host, engine } = await dockerHost();
    engine.registry.set('web:1', 'sha256:one');
    const params = { name: 'web:1' };
    expect((await applyModule(host, { module, params, controller })).result).toMatchObject({ changed: true });
    expect((await applyModule(host, { module, params, controller })).comparison.kind).toBe('same');
  });

  test('changes nothing when a forced pull brings the same image', async () => {
    const { host, engine } = await dockerHost();
    engine.registry.set('web:1', 'sha256:one');
    engine.images.set('web:1', 'sha256:one');
    const params = { name: 'web:1', force: true };
    expect((await previewModule(host, { module, params, controller })).kind).toBe('act');
    expect((await applyModule(host, { module, params, controller })).result).toMatchObject({ changed: false });
  });

  test('removes an image', async () => {
    const { host, engine } = await dockerHost();
    engine.images.set('web:1', 'sha256:one');
    await applyModule(host, { module, params: { name: 'web:1', state: 'absent' }, controller });
    expect(engine.images.size).toBe(0);
  });

  test('tells by the id in a tar whether the host has that very image', async () => {
    const { host, engine } = await dockerHost();
    const id = await writeArchive('web.tar');
    engine.images.set('web:1', id);
    const params = { name: 'web:1', source: 'load', path: 'web.tar' };
    expect((await previewModule(host, { module, params, controller })).kind).toBe('same');
    engine.images.set('web:1', 'sha256:other');
    expect(await previewModule(host, { module, params, controller })).toMatchObject({
      kind: 'change',
      changes: [{ part: 'image id', before: 'sha256:other', after: id }],
    });
  });

  test('refuses a source without what it needs', () => {
    expect(dockerImage.params.safeParse({ name: 'a', source: 'build' }).error?.issues[0]?.message).toBe(
      '`source: build` needs `path`',
    );
  });
});

describe('an archive of docker save', () => {
  test('tells its ids and names, also when it is compressed', async () => {
    const id = await writeArchive('plain.tar');
    writeFileSync(join(folder, 'packed.tar.gz'), gzipSync(await archiveBytes()));
    const expected = { ids: [id], names: ['web:1'] };
    expect(await readImageArchive(join(folder, 'plain.tar'))).toMatchObject(expected);
    expect(await readImageArchive(join(folder, 'packed.tar.gz'))).toMatchObject(expected);
  });

  test('is refused when it is none', async () => {
    writeFileSync(join(folder, 'text.tar'), 'this is no tar');
    await expect(readImageArchive(join(folder, 'text.tar'))).rejects.toThrow(ModuleFailure);
  });
});

describe('the hash of a build folder', () => {
  test('changes with contents, modes and arguments, and with nothing else', async () => {
    const path = join(folder, 'build');
    mkdirSync(path);
    writeFileSync(join(path, 'Dockerfile'), 'FROM scratch\n');
    const hashOf = async (args: Record<string, string> = {}): Promise<string> =>
      (await readBuildFolder(controller, { path, dockerfile: 'Dockerfile', args })).hash;
    const first = await hashOf();
    expect(await hashOf()).toBe(first);
    expect(await hashOf({ VERSION: '1' })).not.toBe(first);
    writeFileSync(join(path, 'Dockerfile'), 'FROM busybox\n');
    expect(await hashOf()).not.toBe(first);
  });
});

const configuration = JSON.stringify({ architecture: 'amd64' });
const digest = createHash('sha256').update(configuration).digest('hex');

async function archiveBytes(): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: `${digest}.json` }, configuration);
  archive.entry(
    { name: 'manifest.json' },
    JSON.stringify([{ Config: `${digest}.json`, RepoTags: ['web:1'], Layers: [] }]),
  );
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function writeArchive(name: string): Promise<string> {
  writeFileSync(join(folder, name), await archiveBytes());
  return `sha256:${digest}`;
}
