import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, stringify } from 'yaml';
import { checkout, inventoryFile, keyFile, knownHostsFile, stateDirectory } from '../machine/places.js';
import { hostAddress, hostName, slotAddresses } from './addresses.js';

const zookeepers = 3;

/** The lab as an ordinary inventory: three hosts lead, all others run agents, two of those balance. A small lab shares hosts. */
export function labInventory(slot: number, count: number): object {
  const names = Array.from({ length: count }, (_, at) => hostName(at + 1));
  const leading = names.slice(0, count < zookeepers ? 1 : zookeepers);
  const rest = names.slice(leading.length);
  const agents = rest.length > 0 ? rest : names;
  const group = (hosts: readonly string[]): object => ({ hosts: Object.fromEntries(hosts.map((name) => [name, {}])) });
  return {
    all: {
      vars: {
        ssh: { port: 22, user: 'ops', key: keyFile, known_hosts: knownHostsFile, host_key: 'strict' },
        become: true,
      },
      hosts: Object.fromEntries(names.map((name, at) => [name, { ssh: { host: hostAddress(slot, at + 1) } }])),
      children: {
        zookeeper: group(leading),
        mesos_master: group(leading),
        marathon: group(leading),
        mesos_slave: group(agents),
        bamboo: group(agents.slice(0, 2)),
      },
    },
  };
}

/** Writes the inventory and, beside it, the variables that the lab's images want. */
export function writeInventory(slot: number, count: number): void {
  mkdirSync(join(stateDirectory, 'group_vars'), { recursive: true });
  writeFileSync(inventoryFile, `# Written by "npm run lab -- up".\n${stringify(labInventory(slot, count))}`);
  const source = join(checkout, 'lab', 'group_vars.yaml');
  const variables = parseDocument(existsSync(source) ? readFileSync(source, 'utf8') : '{}');
  variables.set('lab_registry', `${slotAddresses(slot).registry}:5000`);
  writeFileSync(join(stateDirectory, 'group_vars', 'all.yaml'), variables.toString());
}
