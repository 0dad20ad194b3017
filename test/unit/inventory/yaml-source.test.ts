import { describe, expect, it } from 'vitest';
import { hostsOf, inventoryOf, load, variablesOf } from './load.js';

describe('a YAML inventory', () => {
  it('has groups at the top, with hosts, children and variables at any depth', () => {
    const inventory = inventoryOf(`
cloud:
  vars: {region: eu}
  children:
    web:
      hosts:
        web[1:2]:
          port: 80
      children:
        blue: {hosts: {web3: {port: 81}}}
db:
  hosts: {db1: }
`);
    expect([...inventory.hosts.keys()]).toEqual(['web1', 'web2', 'web3', 'db1']);
    expect(hostsOf(inventory, 'cloud')).toEqual(['web1', 'web2', 'web3']);
    expect(hostsOf(inventory, 'blue')).toEqual(['web3']);
    expect(inventory.hosts.get('web3')?.groups).toEqual(['cloud', 'web', 'blue']);
    expect(variablesOf(inventory, 'web2')).toEqual({ region: 'eu', port: 80 });
    expect(inventory.groups.get('web')).toMatchObject({ parents: ['cloud'], children: ['blue'] });
    expect(inventory.groups.get('all')).toMatchObject({ parents: [], children: ['ungrouped', 'cloud', 'db'] });
  });

  it('may begin with all, and a host may be in several groups', () => {
    const inventory = inventoryOf(`
all:
  vars: {x: 1}
  hosts: {h1: {y: 1}, h2: }
  children:
    web: {hosts: {h1: {z: 1}}}
    db: {hosts: {h1: , h3: }}
`);
    expect(variablesOf(inventory, 'h1')).toEqual({ x: 1, y: 1, z: 1 });
    expect(inventory.hosts.get('h1')?.groups).toEqual(['db', 'web']);
    expect(hostsOf(inventory, 'ungrouped')).toEqual(['h2']);
    expect(inventory.hosts.get('h2')?.groups).toEqual(['ungrouped']);
    expect(hostsOf(inventory, 'all')).toEqual(['h1', 'h2', 'h3']);
  });

  it('may name hosts and children in lists', () => {
    const inventory = inventoryOf('web: {hosts: ["n[1:2]", other]}\nall_of_it: {children: [web]}\n');
    expect(hostsOf(inventory, 'all_of_it')).toEqual(['n1', 'n2', 'other']);
  });

  it('may say a port after a name', () => {
    expect(variablesOf(inventoryOf('web: {hosts: {"h1:2222": , "n[1:2]:2200": , "fe80::1": }}'), 'h1')['ssh']).toEqual({
      port: 2222,
    });
    expect([...inventoryOf('web: {hosts: {"n[1:2]:2200": , "fe80::1": }}').hosts.keys()]).toEqual([
      'n1',
      'n2',
      'fe80::1',
    ]);
  });

  const mistakes: readonly (readonly [string, string, readonly string[]])[] = [
    ['a list at the top', '- web\n', ['1:1 wrong-type: an inventory is a map of groups, this is a list']],
    [
      'a group that is a list',
      'web: [h1]\n',
      ['1:6 wrong-type: the group `web` must be a map, this is a list | put its hosts under `hosts:`'],
    ],
    [
      'an unknown key',
      'web:\n  host: {h1: }\n',
      ['2:3 unknown-key: the group `web` has no key `host` | did you mean `hosts`?'],
    ],
    [
      'a child outside of children',
      'web:\n  blue: {hosts: {h1: }}\n',
      ['2:3 unknown-key: the group `web` has no key `blue` | put `blue` under `children:`'],
    ],
    [
      'a variable outside of vars',
      'web:\n  ansible_user: x\n',
      ['2:3 unknown-key: the group `web` has no key `ansible_user` | put `ansible_user` under `vars:`'],
    ],
    [
      'a host that is text',
      'web: {hosts: h1}\n',
      ['1:14 wrong-type: the hosts of `web` must be a map or a list of names, this is text'],
    ],
    [
      'variables that are no map',
      'web: {vars: [x], hosts: {h1: 5}}\n',
      ['1:13 wrong-type: the vars of `web` must be a map', '1:30 wrong-type: the host `h1` must be a map'],
    ],
    [
      'a child defined nowhere',
      'web: {hosts: {h1: }}\nall_of_it: {children: {wbe: }}\n',
      ['2:24 unknown-group: the group `wbe`, a child of `all_of_it`, is defined nowhere | did you mean `web`?'],
    ],
    [
      'a child that is a host',
      'web: {hosts: {h1: }}\nx: {children: {h1: }}\n',
      [
        '2:16 unknown-group: the group `h1`, a child of `x`, is defined nowhere | `h1` is a host: put it under `hosts:`',
      ],
    ],
    [
      'a circle',
      'a: {children: {b: }}\nb: {children: {c: }}\nc: {children: {a: }}\n',
      ['3:16 group-cycle: the group `c` is inside itself: `c` → `a` → `b` → `c`'],
    ],
    [
      'a group inside itself',
      'a: {children: {a: }}\n',
      ['1:16 group-cycle: the group `a` is inside itself: `a` → `a`'],
    ],
    [
      'all as a child',
      'a: {children: {all: }}\n',
      ['1:16 group-cycle: `all` holds every group: it may not be a child'],
    ],
    ['a host name that is a path', 'a: {hosts: {../../etc: }}\n', ['1:13 host-name: a host name is made of']],
    ['a group name with a blank', 'a b: {hosts: {h: }}\n', ['1:1 group-name: a group name is made of']],
    [
      'a wrong range',
      'a: {hosts: {"n[5:1]": }}\n',
      ['1:13 host-range: [5:1] counts down: write the smaller number first'],
    ],
    [
      'a group and a host of one name',
      'h1: {hosts: {h1: }}\n',
      ['1:1 ambiguous-name: `h1` is the name of a group and of a host: patterns mean the group'],
    ],
    [
      'a variable no template can name',
      'a: {vars: {my-var: 1}}\n',
      ['1:12 invalid-name: `my-var` cannot be the name of a variable | write `my_var`'],
    ],
    [
      'a variable that is always there',
      'a: {vars: {host: 1}}\n',
      ['1:12 invalid-name: `host` is always there and cannot be set'],
    ],
    [
      'a Jinja template',
      'a: {vars: {x: "{{ y }}/z"}}\n',
      ['1:15 jinja: `{{ y }}` is a Jinja template: it would be used as it stands'],
    ],
    [
      'a version that is a number',
      'a: {vars: {x: 1.10, sha: 1e10, fine: 1.5}}\n',
      ['1:15 lost-text: `1.10` is the number 1.1', '1:26 lost-text: `1e10` is the number 10000000000'],
    ],
    [
      'the same host twice',
      'a:\n  hosts:\n    h1:\n    h1:\n',
      ['4:5 duplicate-key: the key `h1` is already in this map'],
    ],
  ];
  it.each(mistakes)('is wrong with %s', (_, text, problems) => {
    expect(load({ 'f.yaml': text }).problems).toEqual(problems.map((problem) => expect.stringContaining(problem)));
  });
});
