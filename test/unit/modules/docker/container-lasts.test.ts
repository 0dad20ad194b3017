import { describe, expect, test } from 'vitest';
import type { Confirmation } from '../../../../src/modules/confirmation.js';
import { dockerContainer } from '../../../../src/modules/docker/container.js';
import { lookAtStartedContainers } from '../../../../src/modules/docker/container-lasts.js';
import type { AnyModule } from '../../../../src/modules/types.js';
import { localController } from '../local-controller.js';
import { applyModule } from '../run-module.js';
import { dockerHost, type DockerHost } from './docker-host.js';
import type { FakeContainer } from './fake-engine.js';

const image = 'registry:5000/web:1';
const module = dockerContainer as AnyModule;
const controller = localController('/', {});

interface Started {
  readonly docker: DockerHost;
  readonly web: FakeContainer;
  readonly confirmation: Confirmation;
}

async function started(more: object = {}): Promise<Started> {
  const docker = await dockerHost();
  docker.engine.images.set(image, 'sha256:one');
  const params = { name: 'web', image, healthy_after: 0, ...more };
  const { result } = await applyModule(docker.host, { module, params, controller });
  const [web] = docker.engine.containers;
  if (web === undefined || result?.confirmation === undefined) throw new Error('nothing is left to be confirmed');
  return { docker, web, confirmation: result.confirmation };
}

async function reasonOf({ docker, confirmation }: Started): Promise<string | undefined> {
  return (await lookAtStartedContainers(docker.host, [confirmation])).get(confirmation.subject);
}

describe('a container that was started', () => {
  test('is to be looked at once more, as long after its start as is wished', async () => {
    const { confirmation, web } = await started({ confirm_after: 8, healthy_after: 0 });
    expect(confirmation).toMatchObject({ subject: 'container:web', after: 8, memory: { id: web.id, restarts: '0' } });
  });

  test('has lasted when it is as it was left', async () => {
    expect(await reasonOf(await started())).toBeUndefined();
  });

  test('has not when it ended, and its last words are told', async () => {
    const all = await started();
    Object.assign(all.web, { status: 'exited', exitCode: 3, events: ['die'] });
    expect(await reasonOf(all)).toBe('web did not stay up: it ended with code 3\nits last lines:\nlast words');
    all.web.exitCode = 0;
    expect(await reasonOf(all)).toContain('it has ended by itself');
  });

  test('has not when its restart policy hides that it ended', async () => {
    const all = await started({ restart_policy: 'always' });
    Object.assign(all.web, { restarts: 2, startedAt: 'later', events: ['die', 'start'] });
    expect(await reasonOf(all)).toContain('the engine has restarted it 2 times since its start');
    Object.assign(all.web, { restarts: 0 });
    expect(await reasonOf(all)).toContain('it has ended and was started again since');
    Object.assign(all.web, { status: 'restarting', exitCode: 1 });
    expect(await reasonOf(all)).toContain('it ended with code 1 and is being restarted');
  });

  test('is no fault when somebody stopped, removed or started it', async () => {
    const all = await started();
    Object.assign(all.web, { status: 'exited', exitCode: 137, events: ['kill 15', 'kill 9', 'die', 'stop'] });
    expect(await reasonOf(all)).toBeUndefined();
    Object.assign(all.web, { status: 'running', startedAt: 'later' });
    expect(await reasonOf(all)).toBeUndefined();
  });

  test('is no fault when the engine was restarted, which starts it again and has forgotten all', async () => {
    const all = await started({ restart_policy: 'always' });
    Object.assign(all.web, { startedAt: 'later', events: [] });
    expect(await reasonOf(all)).toBeUndefined();
  });

  test('is gone, or ended with a boot of the host, which is told apart', async () => {
    const all = await started();
    all.docker.engine.containers.length = 0;
    expect(await reasonOf(all)).toBe('web did not stay up: it is gone');
    const memory = { ...all.confirmation.memory, boot: 'another' };
    expect(await reasonOf({ ...all, confirmation: { ...all.confirmation, memory } })).toBeUndefined();
  });
});

test('nothing is left to be confirmed of a container that was not started, or of which that is not wished', async () => {
  const docker = await dockerHost();
  docker.engine.images.set(image, 'sha256:one');
  const apply = async (params: object) =>
    (
      await applyModule(docker.host, {
        module,
        params: { name: 'web', image, healthy_after: 0, ...params },
        controller,
      })
    ).result?.confirmation;
  expect(await apply({ state: 'present' })).toBeUndefined();
  expect(await apply({ confirm_after: 0 })).toBeUndefined();
  expect(await apply({ state: 'absent' })).toBeUndefined();
});
