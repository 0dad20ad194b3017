import pLimit from 'p-limit';
import type { Step } from '../step.js';
import { hostAddress, hostName } from './addresses.js';
import { ensureHost, hostContainer } from './container.js';
import { writeInventory } from './inventory.js';
import { ensureKey, writeKnownHosts } from './keys.js';
import type { Lab } from './lab.js';
import { presentHosts, removeHost } from './present.js';
import { waitForSsh } from './ready.js';

export interface BringUp {
  readonly image: string;
  /** How many hosts there shall be; those above it are removed. */
  readonly count: number;
}

const defaultHosts = 5;

/** What the user asked for, else as many as there are, else five. */
export async function wantedHosts(lab: Lab, asked: number | undefined): Promise<number> {
  const present = (await presentHosts(lab)).length;
  return asked ?? (present > 0 ? present : defaultHosts);
}

/** Brings the lab to that many hosts, all answering SSH, and writes the inventory. */
export async function bringUpHosts(lab: Lab, wanted: BringUp, step: Step): Promise<void> {
  for (const name of await presentHosts(lab)) {
    if (Number(name.slice('node'.length)) <= wanted.count) continue;
    step.tell(`removing ${name}`);
    await removeHost(lab, name);
  }
  const publicKey = await ensureKey();
  const limit = pLimit(5);
  let ready = 0;
  const hosts = await Promise.all(
    Array.from({ length: wanted.count }, (_, at) =>
      limit(async () => {
        step.signal.throwIfAborted();
        const name = hostName(at + 1);
        const address = hostAddress(lab.slot.number, at + 1);
        await ensureHost(lab, { index: at + 1, image: wanted.image, publicKey });
        await waitForSsh(address, step);
        step.tell(`${name} is up (${(ready += 1)} of ${wanted.count})`);
        return { name, address, container: hostContainer(lab, name) };
      }),
    ),
  );
  await writeKnownHosts(hosts);
  writeInventory(lab.slot.number, wanted.count);
}
