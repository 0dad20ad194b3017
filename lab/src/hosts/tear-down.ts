import type Docker from 'dockerode';
import { unlessMissing } from '../machine/missing.js';
import type { Step } from '../step.js';
import { belongingTo, type Lab } from './lab.js';

/** Removes all containers, networks and volumes of a lab; what is gone already is no mistake. */
export async function tearDown(lab: Lab, step: Pick<Step, 'say'>): Promise<void> {
  const { docker } = lab;
  const filters = belongingTo(lab.slot);
  const containers = await docker.listContainers({ all: true, filters });
  step.say(`removing ${containers.length} containers`);
  await Promise.all(
    containers.map(({ Id }) => unlessMissing(docker.getContainer(Id).remove({ force: true, v: true }))),
  );
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => unlessMissing(docker.getNetwork(Id).remove())));
  await removeVolumes(docker, filters);
}

async function removeVolumes(docker: Docker, filters: { label: string[] }): Promise<void> {
  const { Volumes } = await docker.listVolumes({ filters });
  await Promise.all(Volumes.map(({ Name }) => unlessMissing(docker.getVolume(Name).remove())));
}
