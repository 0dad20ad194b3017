import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this program was compiled in: two checkouts are two labs. */
export const checkout = resolve(fileURLToPath(new URL('../../../', import.meta.url)));

/** Recipes of the images, as they lie in the repository. */
export const imagesDirectory = join(checkout, 'lab', 'images');

/** What belongs to this checkout's lab alone: the inventory, the key, the known hosts. */
export const stateDirectory = join(checkout, 'lab', '.state');
export const inventoryFile = join(stateDirectory, 'inventory.yaml');
export const keyFile = join(stateDirectory, 'id_ed25519');
export const knownHostsFile = join(stateDirectory, 'known_hosts');

/** What all labs of this machine share: the engine, built images, the table of slots. */
export const machineDirectory = '/var/lib/runner-lab';
export const slotsDirectory = join(machineDirectory, 'slots');
export const engineDirectory = join(machineDirectory, 'engine');
export const workDirectory = join(machineDirectory, 'work');

/** Outside of what a purge removes: somebody may be waiting for a lock at that moment. */
export const locksDirectory = '/run/lock/runner-lab';

/** Short-lived things of the shared engine: its socket and pid file are gone after a reboot, as it is. */
export const runDirectory = '/run/runner-lab';

/** Every container, network and volume of a lab carries this label; its value is the slot. */
export const slotLabel = 'runner-lab.slot';
