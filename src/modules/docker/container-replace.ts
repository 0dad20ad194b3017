import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { ModuleFailure, type HostWriter } from '../types.js';
import type { ContainerFound } from './container-look.js';
import { createOptions, furtherNetworks } from './container-options.js';
import type { ContainerParams } from './container-params.js';
import { whyNotUp } from './container-wait.js';
import { wantedParts } from './container-wanted.js';
import type { ContainerState } from './engine-types.js';
import { engineWords, statusOf, unlessMissing } from './errors.js';

export interface Replacement {
  readonly host: HostWriter;
  readonly docker: Docker;
  readonly params: ContainerParams;
  readonly found: ContainerFound;
}

/**
 * Makes a container, in the place of another where there is one: the new one is created beside it, the old one stopped
 * and kept under another name until the new one is up, and started again when it does not come up. Cut off anywhere, the
 * next run finds what was left and goes on from there.
 */
export async function createOrReplace(replacement: Replacement): Promise<void> {
  const { docker, params, found } = replacement;
  for (const leftover of found.leftovers.filter(isNew(params.name))) await remove(docker.getContainer(leftover.id));
  const old = await oldContainer(replacement);
  const created = await create(replacement);
  const olds = found.leftovers.filter((leftover) => !isNew(params.name)(leftover) && leftover.id !== old?.id);
  try {
    if (old !== undefined) await putAside(old, params);
    await created.rename({ name: params.name });
    if (params.state === 'started') await startAndWait(created, { ...replacement, replaces: old !== undefined });
  } catch (error) {
    const words = engineWords(error);
    if (old === undefined) await stopQuietly(created, params);
    const rescued = old === undefined ? '' : await bringBack(old, { created, params });
    throw new ModuleFailure(`the new container ${params.name} did not come up: ${words}${rescued}`);
  }
  // Of several the first is kept (the engine lists the newest first): had one after it been proved, it would be gone.
  const kept = params.keep_old ? olds.at(-1) : undefined;
  if (old !== undefined && (!params.keep_old || kept !== undefined)) await remove(old.container);
  for (const leftover of olds) if (leftover !== kept) await remove(docker.getContainer(leftover.id));
}

interface OldContainer {
  readonly container: Docker.Container;
  readonly id: string;
  readonly state: ContainerState;
  readonly named: boolean;
}

/** The container to be replaced: the one of that name, or the one that an unfinished replacement had put aside. */
async function oldContainer({ docker, params, found }: Replacement): Promise<OldContainer | undefined> {
  const id = found.container?.Id ?? found.leftovers.find((leftover) => !isNew(params.name)(leftover))?.id;
  if (id === undefined) return undefined;
  const container = docker.getContainer(id);
  const state = (await unlessMissing(container.inspect())) as ContainerState | undefined;
  return state === undefined ? undefined : { container, id, state, named: found.container !== undefined };
}

function isNew(name: string): (leftover: { readonly name: string }) => boolean {
  return (leftover) => leftover.name.startsWith(`${name}.new-`);
}

async function create({ docker, host, params, found }: Replacement): Promise<Docker.Container> {
  host.progress(`creating ${params.name}`);
  const options = createOptions(params, wantedParts(params, found.configFiles));
  const created = await docker.createContainer({
    ...options,
    name: `${params.name}.new-${randomBytes(4).toString('hex')}`,
  });
  for (const { name, endpoint } of furtherNetworks(params)) {
    await docker.getNetwork(name).connect({ Container: created.id, EndpointConfig: endpoint });
  }
  return created;
}

/** Stops the old one and gives its name free. The engine must not start it again by its restart policy meanwhile. */
async function putAside(old: OldContainer, params: ContainerParams): Promise<void> {
  await setRestartPolicy(old, { Name: 'no' });
  await stop(old.container, params);
  if (old.named) await unlessMissing(old.container.rename({ name: `${params.name}.old-${old.id.slice(0, 8)}` }));
}

/** The old one comes back as it was. Gives what is to be said of it. */
async function bringBack(
  old: OldContainer,
  options: { readonly created: Docker.Container; readonly params: ContainerParams },
): Promise<string> {
  const { created, params } = options;
  try {
    await remove(created);
    await old.container.rename({ name: params.name });
    const policy = old.state.HostConfig?.RestartPolicy;
    if (policy !== undefined) await setRestartPolicy(old, policy);
    if (old.state.State?.Running === true || !old.named) await start(old.container);
    return '\nThe old container runs again.';
  } catch (error) {
    return `\nThe old container could not be brought back: ${engineWords(error)}`;
  }
}

async function setRestartPolicy(
  old: OldContainer,
  policy: { readonly Name?: string; readonly MaximumRetryCount?: number },
): Promise<void> {
  // A container that removes itself has no policy to change.
  await old.container.update({ RestartPolicy: policy }).catch(() => undefined);
}

/** Starts a container and waits until it is up. Throws ModuleFailure with its last lines when it is not. */
export async function startAndWait(
  container: Docker.Container,
  options: { readonly host: HostWriter; readonly params: ContainerParams; readonly replaces: boolean },
): Promise<void> {
  const { host, params, replaces } = options;
  host.progress(`starting ${params.name}`);
  await start(container);
  const readiness = { after: params.healthy_after, timeout: params.healthy_timeout, healthy: replaces };
  const reason = await whyNotUp(container, { host, readiness });
  if (reason !== undefined) throw new ModuleFailure(reason);
}

/** A container that runs already is fine (304). */
export async function start(container: Docker.Container): Promise<void> {
  await container.start().catch((error: unknown) => {
    if (statusOf(error) !== 304) throw error;
  });
}

/** A container that is stopped already, or gone, is fine. */
export async function stop(container: Docker.Container, params: ContainerParams): Promise<void> {
  await container.stop(params.stop_timeout === undefined ? {} : { t: params.stop_timeout }).catch((error: unknown) => {
    if (statusOf(error) !== 304 && statusOf(error) !== 404) throw error;
  });
}

async function stopQuietly(container: Docker.Container, params: ContainerParams): Promise<void> {
  await stop(container, params).catch(() => undefined);
}

export async function remove(container: Docker.Container): Promise<void> {
  await unlessMissing(container.remove({ force: true }));
}
