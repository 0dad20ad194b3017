import { describe, expect, it } from 'vitest';
import { addHost } from '../../../src/modules/add_host.js';
import { groupBy } from '../../../src/modules/group_by.js';
import type { AnyModule } from '../../../src/modules/types.js';
import { Lab, type LabOptions } from './support/lab.js';

const lab = (options: LabOptions = {}): Lab =>
  new Lab({ modules: [addHost, groupBy] as unknown as readonly AnyModule[], ...options });

describe('add_host', () => {
  it('adds hosts with groups and variables for the plays that follow, in batches of their own, once for all hosts', async () => {
    const hosts = lab();
    await hosts.run(`
- hosts: [web]
  tasks:
    - { add_host: { name: "n<%= item %>", groups: [fresh], port: "<%= item %>" }, loop: [8, 9] }
    - debug: "<%= groups.fresh.join('+') %> <%= hosts.n8.vars.port %>"
- hosts: fresh
  serial: 1
  tasks: [{ sim: "<%= port %> of <%= play.batch.join('+') %>" }]
`);
    expect(hosts.shown).toEqual(['h1: n8+n9 8', 'h2: n8+n9 8']);
    expect(hosts.trace).toEqual(['n8 8 of n8', 'n9 9 of n9']);
  });

  it('has changed something only when host, group or variable is new', async () => {
    const hosts = lab();
    await hosts.run(`
- hosts: [h1]
  tasks:
    - { add_host: { name: n, groups: "a,b" }, register: first }
    - { add_host: { name: n, groups: a }, register: again }
    - { add_host: { name: n, groups: c }, register: more }
    - debug: "<%= first.changed %> <%= again.changed %> <%= more.changed %> <%= hosts.n.groups.join() %>"
    - { add_host: { name: n, v: [1], w: 1 }, register: said }
    - { add_host: { name: n, v: [1] }, register: saidAgain }
    - { add_host: { name: n, v: [2] }, register: other }
    - debug: "<%= said.changed %> <%= saidAgain.changed %> <%= other.changed %> <%= hosts.n.vars.v[0] %>"
`);
    expect(hosts.shown).toEqual(['h1: true false true a,b,c', 'h1: true false true 2']);
  });

  it('keeps what it is given as data: template signs in it are never rendered', async () => {
    const hosts = lab({ extraVars: { said: '<%= 1 + 1 %>' } });
    await hosts.run(
      '- hosts: [h1]\n  tasks: [{ add_host: { name: n, text: "<%= said %>" } }]\n- hosts: n\n  tasks: [{ debug: "<%= text %>" }]\n',
    );
    expect(hosts.shown).toEqual(['n: <%= 1 + 1 %>']);
  });

  it('fails for a variable and for connection settings that make no sense; the host is not added', async () => {
    const hosts = lab();
    await hosts.run(`
- hosts: [h1]
  tasks:
    - { add_host: { name: n, ssh: { prot: 22 } }, ignore_errors: true, register: wrong }
    - { add_host: { name: n, bad-name: 1 }, ignore_errors: true, register: named }
    - debug: "<%= wrong.msg %> / <%= named.msg %> / <%= 'n' in hosts %>"
`);
    expect(hosts.shown.at(-1)).toMatch(/n cannot be added: .*prot.* \/ n cannot be added: .*bad-name.* \/ false/);
  });

  it('obeys --limit: a host it leaves out takes no part', async () => {
    const hosts = lab({ selection: { limit: ['h1'] } });
    await hosts.run(
      '- hosts: web\n  tasks: [{ add_host: { name: n, groups: fresh } }]\n- hosts: fresh\n  tasks: [{ sim: x }]\n',
    );
    expect(hosts.trace).toEqual([]);
  });
});

describe('group_by', () => {
  const play = `
- hosts: all
  tasks:
    - { group_by: { key: "size <%= size %>", parents: sized }, register: r }
    - { group_by: "size <%= size %>", register: again }
    - debug: "<%= r.changed %> <%= again.changed %>"
`;
  const sizes = { 'group web': 'size: big\n', 'group db': 'size: small\n' };

  it('groups hosts by what they say, below parents; a second time nothing is new', async () => {
    const hosts = lab({ variables: sizes });
    await hosts.run(
      `${play}- { hosts: size-big, tasks: [{ sim: "<%= host.groups.join('+') %>" }] }\n- { hosts: "sized:!web", tasks: [{ sim: rest }] }\n`,
    );
    expect(hosts.shown).toEqual(['h1', 'h2', 'h3', 'h4'].map((host) => `${host}: true false`));
    expect(hosts.trace).toEqual(['h1 sized+web+size-big', 'h2 sized+web+size-big', 'h3 rest', 'h4 rest']);
  });

  it('lets a later play name only what a key can become: another name is still a mistake', async () => {
    const hosts = lab({ variables: sizes });
    await hosts.run(`${play}- { hosts: size-huge, tasks: [{ sim: x }] }\n`);
    expect(hosts.trace).toEqual([]);
    await expect(lab({ variables: sizes }).run(`${play}- { hosts: siez-big, tasks: [{ sim: x }] }\n`)).rejects.toThrow(
      'no host or group `siez-big`',
    );
  });
});
