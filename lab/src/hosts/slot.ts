import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { maximumSlots } from './addresses.js';
import { checkout, slotsDirectory } from '../machine/places.js';

export interface Slot {
  readonly number: number;
  readonly checkout: string;
}

/** Every slot in use on this machine. What changes the table runs under the lock "engine". */
export function takenSlots(): readonly Slot[] {
  if (!existsSync(slotsDirectory)) return [];
  return readdirSync(slotsDirectory)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ number: Number(name), checkout: readFileSync(join(slotsDirectory, name), 'utf8').trim() }));
}

export function ownSlot(): Slot | undefined {
  return takenSlots().find((slot) => slot.checkout === checkout);
}

/** Slots of checkouts that were deleted without a `lab down`. */
export function orphanedSlots(): readonly Slot[] {
  return takenSlots().filter((slot) => !existsSync(join(slot.checkout, 'lab')));
}

/** Takes the lowest free slot for this checkout, or finds the one it has. */
export function claimSlot(): Slot {
  const own = ownSlot();
  if (own !== undefined) return own;
  mkdirSync(slotsDirectory, { recursive: true });
  const taken = new Set(takenSlots().map((slot) => slot.number));
  for (let number = 0; number < maximumSlots; number += 1) {
    if (taken.has(number)) continue;
    writeFileSync(join(slotsDirectory, String(number)), `${checkout}\n`, { flag: 'wx' });
    return { number, checkout };
  }
  const owners = takenSlots().map((slot) => `  ${slot.checkout}`);
  throw new Error(`all ${maximumSlots} labs of this machine are taken; run "lab down" in one of\n${owners.join('\n')}`);
}

export function releaseSlot(slot: Slot): void {
  rmSync(join(slotsDirectory, String(slot.number)), { force: true });
}
