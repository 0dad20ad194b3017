import { existsSync } from 'node:fs';
import { hostAddress, slotAddresses } from '../hosts/addresses.js';
import { hostContainer } from '../hosts/container.js';
import { labName, type Lab } from '../hosts/lab.js';
import { presentHosts } from '../hosts/present.js';
import { ensureRegistry } from '../hosts/registry.js';
import { ownSlot, takenSlots } from '../hosts/slot.js';
import { aside, published } from '../images/catalogue.js';
import { publishedTags } from '../images/published-tags.js';
import { findEngine } from '../machine/engine.js';
import { checkout, inventoryFile } from '../machine/places.js';

/** Prints the lab on one screen. */
export async function status(): Promise<void> {
  const engine = await findEngine();
  const slot = ownSlot();
  console.log(
    `engine     ${engine === undefined ? 'none runs' : `${engine.ours ? "the lab's own" : "this machine's"}, ${engine.socket}`}`,
  );
  const others = takenSlots().filter((other) => other.checkout !== checkout);
  for (const other of others) console.log(`other lab  ${slotAddresses(other.number).subnet}  ${other.checkout}`);
  if (engine === undefined || slot === undefined) {
    console.log('lab        down; "npm run lab -- up" brings it up');
    return;
  }
  const lab = { docker: engine.docker, slot };
  console.log(`lab        ${labName(slot)}, network ${slotAddresses(slot.number).subnet}`);
  console.log(`inventory  ${existsSync(inventoryFile) ? inventoryFile : 'not written yet'}`);
  await printHosts(lab);
  await printRegistry(lab);
}

async function printHosts(lab: Lab): Promise<void> {
  for (const name of await presentHosts(lab)) {
    const { State } = await hostContainer(lab, name).inspect();
    const address = hostAddress(lab.slot.number, Number(name.slice('node'.length)));
    console.log(
      `host       ${name.padEnd(7)} ${address.padEnd(13)} ${State.Status}${State.Running ? ` since ${State.StartedAt.slice(0, 19)}Z` : ''}`,
    );
  }
}

async function printRegistry(lab: Lab): Promise<void> {
  const container = lab.docker.getContainer(labName(lab.slot, 'registry'));
  const inspected = await container.inspect().catch(() => undefined);
  if (inspected?.State.Running !== true) {
    console.log('registry   none runs');
    return;
  }
  const quiet = { signal: new AbortController().signal, say: () => undefined, tell: () => undefined };
  const registry = await ensureRegistry(lab, quiet);
  console.log(`registry   http://${registry.pull}`);
  for (const [name, { note }] of Object.entries(published)) {
    const versions = (await publishedTags(registry, name)).toSorted();
    console.log(`image      lab/${name}${aside(note)}: ${versions.join(' ')}`);
  }
}
