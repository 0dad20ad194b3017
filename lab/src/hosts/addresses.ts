/** 198.18.0.0/15 is kept for benchmarks (RFC 2544): never a real neighbour's address. Each lab has 32 of the first 256. */
export const maximumSlots = 8;
export const maximumHosts = 20;
const slotSize = 32;
const firstHostOffset = 11;

export interface SlotAddresses {
  readonly subnet: string;
  readonly gateway: string;
  readonly registry: string;
}

export function slotAddresses(slot: number): SlotAddresses {
  const base = slot * slotSize;
  return { subnet: `198.18.0.${base}/27`, gateway: `198.18.0.${base + 1}`, registry: `198.18.0.${base + 2}` };
}

/** @param index 1 for node1 */
export function hostAddress(slot: number, index: number): string {
  return `198.18.0.${slot * slotSize + firstHostOffset + index - 1}`;
}

export function hostName(index: number): string {
  return `node${index}`;
}
