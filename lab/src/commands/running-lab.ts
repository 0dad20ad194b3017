import { labName, type Lab } from '../hosts/lab.js';
import { hostContainer } from '../hosts/container.js';
import { presentHosts } from '../hosts/present.js';
import { ownSlot } from '../hosts/slot.js';
import { findEngine } from '../machine/engine.js';
import type Docker from 'dockerode';

/** This checkout's lab. @throws when it is not up */
export async function runningLab(): Promise<Lab> {
  const slot = ownSlot();
  const engine = await findEngine();
  if (slot === undefined || engine === undefined)
    throw new Error('the lab is not up; "npm run lab -- up" brings it up');
  return { docker: engine.docker, slot };
}

/** A host's container. @throws naming the hosts there are */
export async function hostNamed(lab: Lab, name: string): Promise<Docker.Container> {
  const names = await presentHosts(lab);
  if (!names.includes(name))
    throw new Error(`no host "${name}" in lab ${labName(lab.slot)}; there are ${names.join(', ')}`);
  return hostContainer(lab, name);
}
