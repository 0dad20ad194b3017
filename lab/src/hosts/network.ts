import { slotAddresses } from './addresses.js';
import { belongingTo, type Lab, labels, labName } from './lab.js';

/** Makes the lab's network unless it is there. */
export async function ensureNetwork(lab: Lab): Promise<void> {
  const name = labName(lab.slot);
  const present = await lab.docker.listNetworks({ filters: belongingTo(lab.slot) });
  if (present.some((network) => network.Name === name)) return;
  const { subnet, gateway } = slotAddresses(lab.slot.number);
  await lab.docker.createNetwork({
    Name: name,
    Labels: labels(lab.slot),
    IPAM: { Config: [{ Subnet: subnet, Gateway: gateway }] },
    Options: { 'com.docker.network.bridge.name': `rlab${lab.slot.number}` },
  });
}
