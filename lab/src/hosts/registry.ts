import { setTimeout as delay } from 'node:timers/promises';
import { registryRecipe } from '../images/catalogue.js';
import type { RegistryAddresses } from '../images/publish.js';
import { ensureImage } from '../images/recipe.js';
import { readMirror } from '../machine/mirror.js';
import type { Step } from '../step.js';
import { isMissing } from '../machine/missing.js';
import { slotAddresses } from './addresses.js';
import { type Lab, labels, labName } from './lab.js';

/** All labs of a machine share what was pushed once; it goes with `down --purge`. */
export const registryVolume = 'runner-lab-registry';
const port = '5000/tcp';

/** Makes the registry unless it is there, starts it unless it runs, and waits until it answers. */
export async function ensureRegistry(lab: Lab, step: Step): Promise<RegistryAddresses> {
  const container = lab.docker.getContainer(labName(lab.slot, 'registry'));
  let running = false;
  try {
    running = (await container.inspect()).State.Running;
  } catch (error) {
    if (!isMissing(error)) throw error;
    const image = await registryImage(lab, step);
    const pull = slotAddresses(lab.slot.number).registry;
    await lab.docker.createContainer({
      name: labName(lab.slot, 'registry'),
      Hostname: 'registry',
      Image: image,
      Labels: labels(lab.slot),
      ExposedPorts: { [port]: {} },
      HostConfig: {
        NetworkMode: labName(lab.slot),
        PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
        Mounts: [{ Type: 'volume', Source: registryVolume, Target: '/var/lib/registry' }],
      },
      NetworkingConfig: { EndpointsConfig: { [labName(lab.slot)]: { IPAMConfig: { IPv4Address: pull } } } },
    });
  }
  if (!running) await container.start();
  const bound = (await container.inspect()).NetworkSettings.Ports[port]?.[0]?.HostPort;
  if (bound === undefined) throw new Error("the registry's container has no port on 127.0.0.1");
  const addresses = { push: `127.0.0.1:${bound}`, pull: `${slotAddresses(lab.slot.number).registry}:5000` };
  await waitForRegistry(addresses, step);
  return addresses;
}

async function registryImage(lab: Lab, step: Step): Promise<string> {
  return ensureImage({ recipe: registryRecipe, version: '', docker: lab.docker, mirror: await readMirror() }, step);
}

async function waitForRegistry(addresses: RegistryAddresses, step: Step): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await answers(`http://${addresses.push}/v2/`)) return;
    await delay(100, undefined, { signal: step.signal });
  }
  throw new Error(`the registry does not answer at ${addresses.push} after 15 s`);
}

async function answers(url: string): Promise<boolean> {
  // Not AbortSignal.timeout: its timer keeps no process alive, and neither does a request whose connection was just closed.
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), 1000);
  try {
    const answer = await fetch(url, { signal: patience.signal });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
