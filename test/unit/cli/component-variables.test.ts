import { describe, expect, it } from 'vitest';
import { componentVariables, readStackRoles } from '../../../src/cli/component-variables.js';
import { nodeFiles } from '../../../src/cli/node-files.js';
import { Diagnostics } from '../../../src/core/diagnostic.js';
import { membersOf } from '../../../src/stack/status/members.js';
import type { Member } from '../../../src/stack/status/types.js';
import type { Value } from '../../../src/template/value.js';
import { inventoryOf } from '../inventory/load.js';

const diagnostics = new Diagnostics();
const roles = readStackRoles({ files: nodeFiles(), diagnostics });

function membersIn(text: string, extraVars: Readonly<Record<string, Value>> = {}): readonly Member[] {
  const inventory = inventoryOf(text);
  const [host = ''] = inventory.hosts.keys();
  return membersOf(componentVariables({ inventory, host, address: '10.0.0.1', roles, extraVars }));
}

describe('what the roles and an inventory want without a playbook', () => {
  it('reads the roles that come with the program without a mistake', () => {
    expect(diagnostics.all).toEqual([]);
    expect(roles.map(({ name }) => name)).toEqual(['zookeeper', 'mesos-master', 'mesos-slave', 'marathon', 'bamboo']);
  });

  it("takes what the inventory leaves open from the roles' defaults", () => {
    expect(membersIn('marathon: { hosts: { node1: {} } }')).toEqual([
      {
        host: 'node1',
        component: 'marathon',
        endpoint: '10.0.0.1:8080',
        container: 'marathon',
        wantedImage: 'mesosphere/marathon:v1.5.15',
        wantedVersion: '1.5.15',
      },
    ]);
  });

  it("puts the inventory above the roles' defaults, and -e above both", () => {
    const text = `
zookeeper:
  hosts:
    node1: { node_address: 192.0.2.1 }
  vars: { zookeeper_version: 3.9.3, zookeeper_client_port: 2182 }
`;
    expect(membersIn(text)[0]).toMatchObject({ endpoint: '192.0.2.1:2182', wantedImage: 'zookeeper:3.9.3' });
    expect(membersIn(text, { zookeeper_version: '3.8.0' })[0]).toMatchObject({
      wantedVersion: '3.8.0',
      wantedImage: 'zookeeper:3.8.0',
    });
  });

  it('leaves out a version that only a run could tell', () => {
    const text = 'zookeeper: { hosts: { node1: {} }, vars: { zookeeper_version: "<%= facts.version %>" } }';
    const [member] = membersIn(text);
    expect(member).toMatchObject({ component: 'zookeeper', endpoint: '10.0.0.1:2181' });
    expect(member).not.toHaveProperty('wantedVersion');
  });
});
