import { expect, test } from 'vitest';
import { dockerContainer } from '../../../../src/modules/docker/container.js';
import { dockerInfo } from '../../../../src/modules/docker/info.js';
import { localController } from '../local-controller.js';
import { isThere } from '../local-host.js';
import { applyModule, type Pass } from '../run-module.js';
import { dockerHost, type DockerHost } from './docker-host.js';

const image = 'registry:5000/a/web:1';
const controller = localController('/', {});

async function socketHost(): Promise<DockerHost> {
  expect(isThere('curl'), 'this machine needs curl').toBe(true);
  return dockerHost({ socket: true });
}

const apply = ({ host }: DockerHost, params: object): Promise<Pass> =>
  applyModule(host, { module: dockerContainer, params, controller });

// Its command line has nothing to answer from there, so whatever is found was asked of the engine itself.
test('an engine is asked over its socket: what is there, what is not, and what was left behind', async () => {
  const docker = await socketHost();
  docker.engine.images.set(image, 'sha256:one');
  const wanted = { name: 'web', image, healthy_after: 0 };
  expect((await apply(docker, wanted)).result?.changed).toBe(true);
  expect((await apply(docker, wanted)).comparison.kind).toBe('same');
  docker.engine.containers[0]!.name = 'web.old-1a2b';
  const { comparison } = await apply(docker, { name: 'web', state: 'absent' });
  expect(comparison).toMatchObject({ kind: 'change', changes: [{ before: 'web.old-1a2b' }] });
});

test('an engine tells its version over its socket', async () => {
  const docker = await socketHost();
  const { comparison } = await applyModule(docker.host, { module: dockerInfo, params: { required: true }, controller });
  expect(comparison).toMatchObject({
    kind: 'same',
    values: { running: true, version: '20.10.24', api_version: '1.41' },
  });
});

test('an engine that is gone is told in the words of its command line', async () => {
  const docker = await socketHost();
  await docker.engine.close();
  const { comparison } = await apply(docker, { name: 'web', image });
  expect(comparison).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('the Docker engine does not answer: Cannot connect to the Docker daemon'),
  });
});
