import type Docker from 'dockerode';
import type { Step } from '../step.js';
import { imageId } from './build.js';
import { follow } from './follow.js';

export interface Publication {
  readonly docker: Docker;
  /** The image in the engine. */
  readonly tag: string;
  /** Its name in the registry: `lab/hello:1`. */
  readonly name: string;
  readonly registry: RegistryAddresses;
}

export interface RegistryAddresses {
  /** Where the engine pushes to: a port of 127.0.0.1, which every engine takes without TLS. */
  readonly push: string;
  /** Where the hosts pull from. */
  readonly pull: string;
}

/** Pushes an image unless the registry has just that one under that name. */
export async function publish(publication: Publication, step: Step): Promise<void> {
  const { docker, tag, name, registry } = publication;
  const [repository = '', version = ''] = name.split(':');
  if ((await publishedId(registry, repository, version)) === (await imageId(docker, tag))) return;
  const repo = `${registry.push}/${repository}`;
  await docker.getImage(tag).tag({ repo, tag: version });
  const pushed = docker.getImage(`${repo}:${version}`);
  try {
    await follow(
      docker,
      await pushed.push({ authconfig: { username: '', password: '' }, abortSignal: step.signal }),
      step,
    );
  } finally {
    // Only the name of this registry's port goes; the image stays under the lab's own name.
    await pushed.remove({ noprune: true });
  }
}

/** The id of the image that the registry has under a name, as the engine counts ids. */
async function publishedId(
  registry: RegistryAddresses,
  repository: string,
  version: string,
): Promise<string | undefined> {
  const answer = await fetch(`http://${registry.push}/v2/${repository}/manifests/${version}`, {
    headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
  });
  if (!answer.ok) {
    await answer.body?.cancel();
    return undefined;
  }
  return ((await answer.json()) as { config?: { digest?: string } }).config?.digest;
}
