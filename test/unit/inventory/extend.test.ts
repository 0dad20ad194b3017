import { expect, it } from 'vitest';
import { withMember } from '../../../src/inventory/extend.js';
import { load } from './load.js';

it('gives a host the variables of the groups it is put into, parents first and its own last', () => {
  const { inventory } = load({
    'inventory.yaml':
      'all:\n  vars: {a: all}\n  hosts: {h1: {d: own}}\n  children:\n    outer: {vars: {a: outer, b: outer, c: outer, d: outer}, children: {inner: {vars: {b: inner, d: inner}}}}\n',
  });
  const host = withMember(inventory, { host: 'h1', groups: ['inner', 'new'] }).hosts.get('h1');
  const winner = (name: string): unknown => host?.layers.findLast(({ values }) => values.has(name))?.values.get(name);
  expect(['a', 'b', 'c', 'd'].map(winner)).toMatchObject([
    { value: 'outer' },
    { value: 'inner' },
    { value: 'outer' },
    { value: 'own' },
  ]);
  expect(host?.groups).toEqual(['new', 'outer', 'inner']);
});

it('takes a host out of `ungrouped`, and is the same inventory when nothing is new', () => {
  const { inventory } = load({ 'inventory.yaml': 'all:\n  hosts: {h1: {}, h2: {}}\n' });
  const extended = withMember(inventory, { host: 'h1', groups: ['new'], parents: ['above'] });
  const members = (name: string): unknown => extended.groups.get(name)?.hosts;
  expect(['all', 'ungrouped', 'new', 'above'].map(members)).toEqual([['h1', 'h2'], ['h2'], ['h1'], ['h1']]);
  expect(withMember(extended, { host: 'h1', groups: ['new'], parents: ['above'] })).toBe(extended);
  expect(inventory.groups.has('new')).toBe(false);
});

it('gives a new group and a new host what files of variables hold for them', () => {
  const { inventory } = load({ 'inventory.yaml': 'all:\n  hosts: {h1: {}}\n' });
  const extended = withMember(inventory, {
    host: 'h2',
    groups: ['new'],
    layersOf: ({ kind, name }) => [{ name: `${kind}_vars/${name}`, values: new Map() }],
  });
  expect(extended.hosts.get('h2')?.layers.map(({ name }) => name)).toEqual(['group_vars/new', 'host_vars/h2']);
});

it('makes no circle of groups', () => {
  const { inventory } = load({ 'inventory.yaml': 'all:\n  children: {a: {children: {b: {hosts: {h1: {}}}}}}\n' });
  const extended = withMember(inventory, { host: 'h1', groups: ['a'], parents: ['b'] });
  expect(extended.groups.get('a')?.parents).not.toContain('b');
});
