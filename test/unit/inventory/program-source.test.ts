import { describe, expect, it } from 'vitest';
import { isTemplate } from '../../../src/syntax/located.js';
import { hostsOf, load, type Program, variablesOf } from './load.js';

const listed = {
  web: { hosts: ['w1', 'w2'], vars: { color: 'red' }, children: ['blue'] },
  blue: ['w3'],
  _meta: { hostvars: { w1: { ansible_host: '192.0.2.1', size: 3 }, loose: { a: 1 } } },
};

function printing(value: unknown): Program {
  return () => JSON.stringify(value);
}

describe('an executable inventory', () => {
  it('gives groups, children and variables in one go', () => {
    const calls: string[][] = [];
    const { inventory, problems } = load({
      'cloud.py': (args) => {
        calls.push([...args]);
        return JSON.stringify(listed);
      },
    });
    expect(problems).toEqual([]);
    expect(calls).toEqual([['--list']]);
    expect(hostsOf(inventory, 'web')).toEqual(['w1', 'w2', 'w3']);
    // Variables of a host that is in no group make no host.
    expect(hostsOf(inventory, 'all')).toEqual(['w1', 'w2', 'w3']);
    expect(variablesOf(inventory, 'w1')).toMatchObject({ color: 'red', size: 3, ssh: { host: '192.0.2.1' } });
    expect(variablesOf(inventory, 'w3')).toEqual({ color: 'red' });
  });

  it('is asked host by host when it gives no _meta', () => {
    const program: Program = (args) =>
      args[0] === '--list' ? '{"web": ["w1", "w2"]}' : JSON.stringify({ name: args[1] });
    const { inventory } = load({ cloud: program });
    expect(variablesOf(inventory, 'w2')).toEqual({ name: 'w2' });
  });

  it('prints data: text in it is never a template', () => {
    const { inventory } = load({
      cloud: printing({ web: { hosts: ['w1'], vars: { tag: '<%= process.exit() %>' } }, _meta: { hostvars: {} } }),
    });
    const value = inventory.groups.get('web')?.layers[0]?.values.get('tag');
    expect(value).toMatchObject({ value: '<%= process.exit() %>', literal: true });
    expect(value === undefined ? undefined : isTemplate(value)).toBe(false);
  });

  const failures: readonly (readonly [string, Program, string])[] = [
    [
      'fails',
      () => {
        throw new Error('no credentials');
      },
      'cloud:1:1 inventory-program: the inventory program failed: no credentials',
    ],
    ['prints no JSON', () => 'hello', 'cloud:1:1 inventory-program: the inventory program printed no JSON for --list'],
    [
      'prints a list',
      printing([]),
      'cloud:1:1 inventory-program: the inventory program must print a JSON object of groups',
    ],
    [
      'prints a group that is text',
      printing({ web: 'w1', _meta: { hostvars: {} } }),
      'cloud:1:1 inventory-program: the group `web` must be an object or a list of hosts',
    ],
    [
      'prints hosts that are no names',
      printing({ web: [1], _meta: { hostvars: {} } }),
      'cloud:1:1 inventory-program: `hosts` of the group `web` must be a list of names',
    ],
    ['prints a path for a name', printing({ web: ['../x'], _meta: { hostvars: {} } }), 'cloud:1:1 host-name: '],
    [
      'prints a range',
      printing({ web: ['w[1:9]'], _meta: { hostvars: {} } }),
      'cloud:1:1 inventory-program: `w[1:9]` is no host name',
    ],
    [
      'reaches into objects',
      () => '{"web": {"hosts": ["w1"], "vars": {"__proto__": {"a": 1}}}, "_meta": {"hostvars": {}}}',
      'cloud:1:1 forbidden-key: ',
    ],
  ];
  it.each(failures)('that %s is reported', (_, program, problem) => {
    expect(load({ cloud: program }).problems).toEqual([expect.stringContaining(problem)]);
  });
});
