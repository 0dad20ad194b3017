import { describe, expect, it } from 'vitest';
import { hostAddress, maximumHosts, maximumSlots, slotAddresses } from '../../../lab/src/hosts/addresses.js';

const slots = Array.from({ length: maximumSlots }, (_, slot) => slot);

describe('addresses of labs', () => {
  it('gives no two labs, and no two machines of a lab, the same address', () => {
    const addresses = slots.flatMap((slot) => [
      slotAddresses(slot).gateway,
      slotAddresses(slot).registry,
      ...Array.from({ length: maximumHosts }, (_, at) => hostAddress(slot, at + 1)),
    ]);
    expect(new Set(addresses).size).toBe(maximumSlots * (maximumHosts + 2));
  });

  it('keeps every address inside its own subnet and off its broadcast address', () => {
    for (const slot of slots) {
      const base = slot * 32;
      expect(slotAddresses(slot).subnet).toBe(`198.18.0.${base}/27`);
      const last = Number(hostAddress(slot, maximumHosts).split('.')[3]);
      expect(last).toBeLessThan(base + 31);
    }
  });
});
