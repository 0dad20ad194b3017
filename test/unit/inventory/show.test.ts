import { describe, expect, it } from 'vitest';
import { inventoryGraph, inventoryList } from '../../../src/inventory/show.js';
import { inventoryOf, load } from './load.js';

const inventory = inventoryOf(`
all: {hosts: {h4: }}
cloud: {vars: {region: eu}, children: {web: {hosts: {h1: {a: 1, pass: !secret x}, h2: }}}, hosts: {h3: }}
db: {hosts: {h1: }}
`);

describe('the inventory shown', () => {
  it('is a tree of groups and hosts', () => {
    expect(inventoryGraph(inventory)).toBe(
      [
        '@all:',
        '  |--@ungrouped:',
        '  |  |--h4',
        '  |--@cloud:',
        '  |  |--@web:',
        '  |  |  |--h1',
        '  |  |  |--h2',
        '  |  |--h3',
        '  |--@db:',
        '  |  |--h1',
      ].join('\n'),
    );
  });

  it('is what a dynamic inventory would print, with secrets masked', () => {
    expect(inventoryList(inventory)).toEqual({
      _meta: {
        hostvars: { h1: { region: 'eu', a: 1, pass: '********' }, h2: { region: 'eu' }, h3: { region: 'eu' }, h4: {} },
      },
      all: { children: ['ungrouped', 'cloud', 'db'] },
      ungrouped: { hosts: ['h4'] },
      cloud: { children: ['web'], hosts: ['h3'] },
      web: { hosts: ['h1', 'h2'] },
      db: { hosts: ['h1'] },
    });
  });

  it('can be read back as a dynamic inventory', () => {
    const { inventory: again, problems } = load({ program: () => JSON.stringify(inventoryList(inventory)) });
    expect(problems).toEqual([]);
    expect(inventoryGraph(again)).toBe(inventoryGraph(inventory));
  });

  it('takes the variables that the caller has rendered', () => {
    expect(inventoryList(inventory, (host) => ({ name: host }))._meta.hostvars['h2']).toEqual({ name: 'h2' });
  });
});
