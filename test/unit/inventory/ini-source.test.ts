import { describe, expect, it } from 'vitest';
import { hostsOf, load, variablesOf } from './load.js';

describe('an INI inventory', () => {
  const text = `
# hosts of nobody
lonely ansible_port=2222

[web]
n[01:03] color=blue
db-[a:b].x    # a comment
web1:2200 ansible_host=192.0.2.1 note="two words" on=true count=3 mode=0644 list="[1, 2]" map={"a":1} odd="[x"

[web:vars]
color = red
greeting=hello world

; groups of groups
[everything:children]
web
`;

  it('has groups, ranges, host variables, group variables and children', () => {
    const { inventory } = load({ hosts: text });
    expect(hostsOf(inventory, 'web')).toEqual(['n01', 'n02', 'n03', 'db-a.x', 'db-b.x', 'web1']);
    expect(hostsOf(inventory, 'everything')).toEqual(hostsOf(inventory, 'web'));
    expect(hostsOf(inventory, 'ungrouped')).toEqual(['lonely']);
    expect(variablesOf(inventory, 'n02')).toEqual({ color: 'blue', greeting: 'hello world' });
    expect(variablesOf(inventory, 'web1')).toMatchObject({
      color: 'red',
      note: 'two words',
      on: true,
      count: 3,
      mode: '0644',
      list: [1, 2],
      map: { a: 1 },
      odd: '[x',
      ssh: { host: '192.0.2.1', port: 2200 },
    });
    expect(variablesOf(inventory, 'lonely')).toMatchObject({ ssh: { port: 2222 } });
  });

  it('is known by its ending or by its first line', () => {
    expect([...load({ 'x.ini': 'a\n' }).inventory.hosts.keys()]).toEqual(['a']);
    expect([...load({ x: '# c\n[g]\na\n' }).inventory.hosts.keys()]).toEqual(['a']);
    expect([...load({ x: 'node1 port=1\n' }).inventory.hosts.keys()]).toEqual(['node1']);
    expect([...load({ x: '# c\ng:\n  hosts: {a: }\n' }).inventory.hosts.keys()]).toEqual(['a']);
    expect([...load({ x: '---\ng:\n  hosts: {a: }\n' }).inventory.hosts.keys()]).toEqual(['a']);
    expect([...load({ x: '{"g": {"hosts": {"a": null}}}' }).inventory.hosts.keys()]).toEqual(['a']);
  });

  it('says where it is wrong', () => {
    expect(
      load({
        'f.yaml.ini':
          '[web:hosts:x]\n[web]\nh1 color\nh[2:1]\nh2 a={{ b }}\n[web:vars]\nnothing\n[web:children]\nwbe\n',
      }).problems,
    ).toEqual([
      'f.yaml.ini:1:2 ini-section: `[web:hosts:x]` is no section of an inventory | write [group], [group:children] or [group:vars]',
      'f.yaml.ini:3:4 ini-variable: a variable is written name=value',
      'f.yaml.ini:4:1 host-range: [2:1] counts down: write the smaller number first',
      expect.stringContaining('f.yaml.ini:5:6 jinja: '),
      'f.yaml.ini:7:1 ini-variable: a variable is written name=value',
      'f.yaml.ini:9:1 unknown-group: the group `wbe`, a child of `web`, is defined nowhere | did you mean `web`?',
    ]);
  });
});
