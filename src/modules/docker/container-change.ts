import type Docker from 'dockerode';
import { ModuleFailure, type HostWriter, type ModuleResult } from '../types.js';
import { dockerOn } from './client.js';
import { containerValues, replacingChanges, stateChanges, unfinished } from './container-compare.js';
import { confirmationOf } from './container-lasts.js';
import type { ContainerFound } from './container-look.js';
import type { ContainerParams } from './container-params.js';
import { createOrReplace, remove, startAndWait, stop } from './container-replace.js';
import type { ContainerState } from './engine-types.js';
import { engineFailure, unlessMissing } from './errors.js';
import { pullImage } from './image-change.js';
import { fullImageName } from './image-name.js';

interface ContainerChange {
  readonly params: ContainerParams;
  readonly found: ContainerFound;
}

/** Brings a container to the wanted state. Throws ModuleFailure with the engine's words. */
export async function changeContainer(host: HostWriter, change: ContainerChange): Promise<ModuleResult> {
  const { params } = change;
  const docker = dockerOn(host);
  try {
    const changed = await reach(docker, host, change);
    const state = (await unlessMissing(docker.getContainer(params.name).inspect())) as ContainerState | undefined;
    const values = containerValues(params.name, state);
    const confirmation = changed && state !== undefined ? await confirmationOf(host, { params, state }) : undefined;
    return { changed, values, ...(confirmation === undefined ? {} : { confirmation }) };
  } catch (error) {
    throw engineFailure(error, `container ${params.name}`);
  }
}

async function reach(docker: Docker, host: HostWriter, { params, found }: ContainerChange): Promise<boolean> {
  if (params.state === 'absent') {
    await removeAll(docker, { params, found });
    return true;
  }
  const now = await withImage(docker, { host, params, found });
  requireConfigFiles(now, params);
  if (now.container === undefined || replacingChanges(now, params).length > 0) {
    await createOrReplace({ host, docker, params, found: now });
    return true;
  }
  const container = docker.getContainer(now.container.Id ?? params.name);
  const changes = stateChanges(now.container, params);
  if (changes.length > 0) await changeState(container, { host, params, state: now.container });
  const leftovers = unfinished(now, params);
  if (leftovers.length > 0 && params.state === 'started')
    await startAndWait(container, { host, params, replaces: true });
  for (const leftover of leftovers) await remove(docker.getContainer(leftover.id));
  return changes.length > 0 || leftovers.length > 0;
}

/** The image is on the host before anything is stopped; what the look found is brought up to date. */
async function withImage(
  docker: Docker,
  options: ContainerChange & { readonly host: HostWriter },
): Promise<ContainerFound> {
  const { host, params, found } = options;
  if (params.image === undefined) return found;
  const missing = found.image === undefined;
  if (missing && params.pull === 'never')
    throw new ModuleFailure(`the host has no image ${fullImageName(params.image)}, and \`pull\` is never`);
  if (!missing && params.pull !== 'always') return found;
  await pullImage(docker, { host, name: params.image });
  const image = await docker.getImage(fullImageName(params.image)).inspect();
  return { ...found, image: image };
}

function requireConfigFiles(found: ContainerFound, params: ContainerParams): void {
  const missing = params.config_files.filter((path) => !found.configFiles.has(path));
  if (missing.length > 0) throw new ModuleFailure(`the host has no ${missing.join(', ')}, named in \`config_files\``);
}

async function changeState(
  container: Docker.Container,
  options: { readonly host: HostWriter; readonly params: ContainerParams; readonly state: ContainerState },
): Promise<void> {
  const { host, params, state } = options;
  if (params.state === 'stopped') return stop(container, params);
  if (state.State?.Paused === true) await container.unpause();
  else if (state.State?.Running === true) await stop(container, params);
  await startAndWait(container, { host, params, replaces: params.restart });
}

async function removeAll(docker: Docker, { params, found }: ContainerChange): Promise<void> {
  const id = found.container?.Id;
  if (id !== undefined) {
    const container = docker.getContainer(id);
    await stop(container, params);
    await remove(container);
  }
  for (const leftover of found.leftovers) await remove(docker.getContainer(leftover.id));
}
