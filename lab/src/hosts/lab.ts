import type Docker from 'dockerode';
import { slotLabel } from '../machine/places.js';
import type { Slot } from './slot.js';

/** One checkout's lab on the engine. */
export interface Lab {
  readonly docker: Docker;
  readonly slot: Slot;
}

export function labName(slot: Slot, part?: string): string {
  return ['runner-lab', slot.number, part].filter((word) => word !== undefined).join('-');
}

export function labels(slot: Slot): Record<string, string> {
  return { [slotLabel]: String(slot.number) };
}

/** The engine's filter for all that belongs to a slot. */
export function belongingTo(slot: Slot): { label: string[] } {
  return { label: [`${slotLabel}=${slot.number}`] };
}
