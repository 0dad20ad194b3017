import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dockerContainer } from '../../../../src/modules/docker/container.js';
import { contentResource, pathResource, Promises } from '../../../../src/modules/promises.js';
import type { AnyModule, Change, Comparison } from '../../../../src/modules/types.js';
import { localController } from '../local-controller.js';
import { localHost, shellWith } from '../local-host.js';
import { applyModule, previewModule, type Pass } from '../run-module.js';
import { dockerHost, type DockerHost } from './docker-host.js';

const image = 'registry:5000/web:1';
const wanted = { name: 'web', image, env: { PORT: '80' }, healthy_after: 0 };
const module = dockerContainer as AnyModule;
const controller = localController('/', {});

async function hostWithImage(): Promise<DockerHost> {
  const docker = await dockerHost();
  docker.engine.images.set(image, 'sha256:one');
  return docker;
}

const apply = ({ host }: DockerHost, params: object): Promise<Pass> =>
  applyModule(host, { module, params, controller });
const preview = ({ host }: DockerHost, params: object, promised?: Promises): Promise<Comparison> =>
  previewModule(host, { module, params, controller, ...(promised === undefined ? {} : { promised }) });

function parts(comparison: Comparison): readonly string[] {
  return comparison.kind === 'change' ? comparison.changes.map((change: Change) => change.part) : [comparison.kind];
}

describe('docker_container', () => {
  test('makes and starts a container, and then has nothing to do', async () => {
    const docker = await hostWithImage();
    const { result } = await apply(docker, wanted);
    expect(result?.changed).toBe(true);
    expect(docker.engine.containers).toMatchObject([{ name: 'web', status: 'running', image }]);
    expect((await apply(docker, wanted)).comparison.kind).toBe('same');
  });

  test('pulls an image that the host has not, and says so', async () => {
    const docker = await dockerHost();
    docker.engine.registry.set(image, 'sha256:one');
    await apply(docker, wanted);
    expect(docker.engine.containers).toHaveLength(1);
    expect(docker.progress.some((line) => line.startsWith(`pull ${image}`))).toBe(true);
  });

  test('fails in the words of the engine when the image is nowhere', async () => {
    const docker = await dockerHost();
    const { comparison } = await apply(docker, wanted);
    expect(comparison).toMatchObject({ kind: 'failed', message: `container web: manifest for ${image} not found` });
  });

  test('writes nothing in a preview and names every part that differs', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    docker.engine.requests.length = 0;
    const other = { ...wanted, env: { PORT: '81', NEW: 'x' }, restart_policy: 'always' };
    expect(parts(await preview(docker, other))).toEqual(['env.NEW', 'env.PORT', 'restart_policy']);
    expect(docker.engine.requests).toEqual([]);
  });

  test('keeps no value of the environment, and shows none that is named like a secret', async () => {
    const docker = await hostWithImage();
    await apply(docker, { ...wanted, env: { DB_PASSWORD: 'correct horse' } });
    expect(JSON.stringify(docker.engine.containers[0]?.config.Labels)).not.toContain('correct horse');
    const comparison = await preview(docker, { ...wanted, env: { DB_PASSWORD: 'battery staple' } });
    expect(parts(comparison)).toEqual(['env.DB_PASSWORD']);
    expect(JSON.stringify(comparison)).not.toMatch(/horse|staple/);
  });

  test('does not care for the order of mounts', async () => {
    const docker = await hostWithImage();
    await apply(docker, { ...wanted, volumes: ['/a:/a', '/b:/b'] });
    expect((await apply(docker, { ...wanted, volumes: ['/b:/b', '/a:/a'] })).comparison.kind).toBe('same');
  });

  test('replaces a container whose tag has come to mean another image', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    docker.engine.images.set(image, 'sha256:two');
    expect(parts(await preview(docker, wanted))).toEqual(['image id']);
    await apply(docker, wanted);
    expect(docker.engine.containers).toMatchObject([{ name: 'web', imageId: 'sha256:two', status: 'running' }]);
  });

  test('replaces a container that somebody else has made', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    const [own] = docker.engine.containers;
    docker.engine.containers[0] = { ...own!, config: { Image: image } };
    expect(parts(await preview(docker, wanted))).toEqual(['made by']);
  });

  test('stops the old container only when the new one is made, and removes it only when the new one is up', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    docker.engine.requests.length = 0;
    await apply(docker, { ...wanted, env: { PORT: '81' } });
    const steps = docker.engine.requests.map((request) =>
      request.replace(/[0-9a-f]{64}/g, 'ID').replace(/-[0-9a-f]{8}/g, '-HEX'),
    );
    expect(steps).toEqual([
      'POST /containers/create name=web.new-HEX',
      'POST /containers/ID/update',
      'POST /containers/ID/stop',
      'POST /containers/ID/rename name=web.old-HEX',
      'POST /containers/ID/rename name=web',
      'POST /containers/ID/start',
      'DELETE /containers/ID',
    ]);
  });

  test('brings the old container back when the new one does not stay up, and shows its last lines', async () => {
    const docker = await hostWithImage();
    await apply(docker, { ...wanted, restart_policy: 'always' });
    const id = docker.engine.containers[0]?.id;
    const { comparison } = await apply(docker, { ...wanted, restart_policy: 'always', command: ['crash'] });
    expect(comparison).toMatchObject({ kind: 'failed' });
    expect(JSON.stringify(comparison)).toMatch(/ended with code 3.*last words.*The old container runs again/);
    expect(docker.engine.containers).toMatchObject([{ id, name: 'web', status: 'running', restartPolicy: 'always' }]);
  });

  test('leaves a first container that does not come up stopped, so that the next run tries again', async () => {
    const docker = await hostWithImage();
    const params = { ...wanted, restart_policy: 'always', command: ['crash'] };
    expect((await apply(docker, params)).comparison.kind).toBe('failed');
    expect(docker.engine.containers).toMatchObject([{ name: 'web', status: 'exited' }]);
    expect(parts(await preview(docker, params))).toEqual(['state']);
  });

  test('keeps the old container when asked to, and does not take it for an accident', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    const kept = { ...wanted, env: { PORT: '81' }, keep_old: true };
    await apply(docker, kept);
    expect(docker.engine.containers.map(({ name, status }) => [name.replace(/[0-9a-f]{8}$/, 'HEX'), status])).toEqual([
      ['web.old-HEX', 'exited'],
      ['web', 'running'],
    ]);
    expect((await apply(docker, kept)).comparison.kind).toBe('same');
  });

  test('keeps the first of several: what took its place was never proved', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    const first = docker.engine.containers[0]?.id;
    await apply(docker, { ...wanted, env: { PORT: '81' }, keep_old: true });
    await apply(docker, { ...wanted, env: { PORT: '82' }, keep_old: true });
    const kept = docker.engine.containers.filter(({ name }) => name.startsWith('web.old-'));
    expect(kept.map(({ id }) => id)).toEqual([first]);
  });

  test('goes on from a replacement that was cut off before the new container had its name', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    const [old] = docker.engine.containers;
    old!.name = 'web.old-12345678';
    old!.status = 'exited';
    await apply(docker, wanted);
    expect(docker.engine.containers).toMatchObject([{ name: 'web', status: 'running' }]);
  });

  test('brings back what a cut-off replacement had put aside when the new container fails too', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    const [old] = docker.engine.containers;
    old!.name = 'web.old-12345678';
    old!.status = 'exited';
    expect((await apply(docker, { ...wanted, command: ['crash'] })).comparison.kind).toBe('failed');
    expect(docker.engine.containers).toMatchObject([{ id: old!.id, name: 'web', status: 'running' }]);
  });

  test('removes what a replacement left that was cut off while it waited', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    docker.engine.containers.push({
      ...docker.engine.containers[0]!,
      id: 'f'.repeat(64),
      name: 'web.old-87654321',
      status: 'exited',
    });
    expect(parts(await preview(docker, wanted))).toEqual(['unfinished replacement']);
    await apply(docker, wanted);
    expect(docker.engine.containers.map(({ name }) => name)).toEqual(['web']);
  });

  test('starts, stops, restarts and removes a container without being told its image', async () => {
    const docker = await hostWithImage();
    await apply(docker, wanted);
    const [container] = docker.engine.containers;
    await apply(docker, { name: 'web', state: 'stopped' });
    expect(container?.status).toBe('exited');
    await apply(docker, { name: 'web', healthy_after: 0 });
    expect(container?.status).toBe('running');
    expect(parts(await preview(docker, { name: 'web', restart: true }))).toEqual(['restart']);
    await apply(docker, { name: 'web', state: 'absent' });
    expect(docker.engine.containers).toEqual([]);
    expect((await apply(docker, { name: 'web', state: 'absent' })).comparison.kind).toBe('same');
  });

  test('pulls always when asked to, and changes nothing when the image is the same', async () => {
    const docker = await hostWithImage();
    docker.engine.registry.set(image, 'sha256:one');
    await apply(docker, wanted);
    expect((await preview(docker, { ...wanted, pull: 'always' })).kind).toBe('act');
    const { result } = await apply(docker, { ...wanted, pull: 'always' });
    expect(result?.changed).toBe(false);
  });
});

describe('docker_container with configuration files', () => {
  async function withFile(): Promise<DockerHost & { readonly file: string; readonly params: object }> {
    const docker = await hostWithImage();
    const file = join(docker.folder, 'zoo.cfg');
    writeFileSync(file, 'tickTime=2000\n');
    const params = { ...wanted, config_files: [file] };
    await apply(docker, params);
    return { ...docker, file, params };
  }

  test('replaces the container when a file has another content than at its start', async () => {
    const docker = await withFile();
    expect((await apply(docker, docker.params)).comparison.kind).toBe('same');
    writeFileSync(docker.file, 'tickTime=3000\n');
    expect(parts(await preview(docker, docker.params))).toEqual([`config_files.${docker.file}`]);
  });

  test('knows in a preview what an earlier task would write', async () => {
    const docker = await withFile();
    const promised = new Promises();
    promised.add([pathResource(docker.file), contentResource(docker.file, 'f'.repeat(64))]);
    expect(parts(await preview(docker, docker.params, promised))).toEqual([`config_files.${docker.file}`]);
  });

  test('has nothing to do when an earlier task takes a hand edit back', async () => {
    const docker = await withFile();
    const started = createHash('sha256').update(readFileSync(docker.file)).digest('hex');
    writeFileSync(docker.file, 'tickTime=3000\n');
    const promised = new Promises();
    promised.add([pathResource(docker.file), contentResource(docker.file, started)]);
    expect((await preview(docker, docker.params, promised)).kind).toBe('same');
  });

  test('fails before anything is stopped when a file is missing', async () => {
    const docker = await hostWithImage();
    const { comparison } = await apply(docker, { ...wanted, config_files: ['/nowhere/zoo.cfg'] });
    expect(comparison).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('/nowhere/zoo.cfg') as string,
    });
    expect(docker.engine.containers).toEqual([]);
  });
});

describe('docker_container on a host without an engine', () => {
  const bare = { host: localHost(shellWith(['sh', 'cat', 'sha256sum'])), engine: undefined, folder: '', progress: [] };

  test('fails plainly', async () => {
    const comparison = await previewModule(bare.host, { module, params: wanted, controller });
    expect(comparison).toMatchObject({
      kind: 'failed',
      message: 'there is no Docker on this host (no command `docker`)',
    });
  });

  test('is a change in a preview in which an earlier task may bring the engine', async () => {
    const promised = new Promises();
    promised.add(['*']);
    const comparison = await previewModule(bare.host, { module, params: wanted, controller, promised });
    expect(parts(comparison)).toEqual(['container', 'image', 'env.PORT']);
  });

  test('says what to do when the engine does not answer', async () => {
    const docker = await dockerHost();
    docker.engine.writeAnswers = () => undefined;
    expect(await preview(docker, wanted)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('Cannot connect to the Docker daemon') as string,
    });
  });
});
