import { join } from 'node:path';
import type Docker from 'dockerode';
import { readMirror } from '../machine/mirror.js';
import { imagesDirectory } from '../machine/places.js';
import type { Step } from '../step.js';
import { buildImage, imageExists } from './build.js';
import { fingerprint } from './name.js';
import { buildRootFileSystem } from './rootfs.js';

const suite = 'bookworm';
const recipe = join(imagesDirectory, 'host');
const packages =
  'systemd-sysv dbus openssh-server sudo cron iproute2 iputils-ping procps curl ca-certificates netcat-openbsd debian-archive-keyring'.split(
    ' ',
  );

/** The tags of the bare Debian and of the hosts' image made from it. */
export function hostImageTags(): readonly [rootfs: string, image: string] {
  const rootfs = `runner-lab/rootfs:${fingerprint([suite, ...packages])}`;
  return [rootfs, `runner-lab/host:${fingerprint([rootfs], [recipe])}`];
}

/** Makes the hosts' image unless it is there. Call it under the lock "host-image". @returns its tag */
export async function ensureHostImage(docker: Docker, step: Step): Promise<string> {
  const [rootfs, image] = hostImageTags();
  if (await imageExists(docker, image)) return image;
  if (!(await imageExists(docker, rootfs))) {
    await buildRootFileSystem({ docker, mirror: await readMirror(), suite, packages, image: rootfs }, step);
  }
  await buildImage({ docker, context: recipe, arguments: { ROOTFS: rootfs }, tag: image }, step);
  return image;
}
