import { unlessMissing } from '../machine/missing.js';
import { hostContainer } from './container.js';
import { belongingTo, type Lab, labName } from './lab.js';

/** The names of the hosts that exist, running or not, in their order. */
export async function presentHosts(lab: Lab): Promise<readonly string[]> {
  const prefix = `/${labName(lab.slot, 'node')}`;
  const containers = await lab.docker.listContainers({ all: true, filters: belongingTo(lab.slot) });
  return containers
    .map((container) => container.Names[0] ?? '')
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(labName(lab.slot).length + 2))
    .sort((one, other) => Number(one.slice(4)) - Number(other.slice(4)));
}

/** Removes a host with all it holds. */
export async function removeHost(lab: Lab, name: string): Promise<void> {
  await unlessMissing(hostContainer(lab, name).remove({ force: true, v: true }));
  for (const part of ['docker', 'containerd']) {
    await unlessMissing(lab.docker.getVolume(labName(lab.slot, `${name}-${part}`)).remove());
  }
}
