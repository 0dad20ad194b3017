import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

const tagged = `
      - hosts: h1
        tasks:
          - { ${mark('a')}, tags: a }
          - { ${mark('always')}, tags: always }
          - { ${mark('never')}, tags: [never, rare] }
          - { ${mark('bc')}, tags: "b,c" }
          - { ${mark('none')} }
          - { ${mark('accent')}, tags: é }
          - { tags: blk, block: [{ ${mark('block')} }] }
`;

describe('tags', () => {
  it.each([
    [[], ['a', 'always', 'bc', 'none', 'accent', 'block']],
    [
      ['-t', 'a'],
      ['a', 'always'],
    ],
    [
      ['-t', 'c'],
      ['always', 'bc'],
    ],
    [
      ['-t', 'é'],
      ['always', 'accent'],
    ],
    [
      ['-t', 'blk'],
      ['always', 'block'],
    ],
    [
      ['-t', 'tagged'],
      ['a', 'always', 'bc', 'accent', 'block'],
    ],
    [
      ['-t', 'untagged'],
      ['always', 'none'],
    ],
    [
      ['-t', 'rare'],
      ['always', 'never'],
    ],
    [
      ['-t', 'all,rare'],
      ['a', 'always', 'never', 'bc', 'none', 'accent', 'block'],
    ],
    [
      ['-t', 'a', '-t', 'b'],
      ['a', 'always', 'bc'],
    ],
    [
      ['--skip-tags', 'a,b'],
      ['always', 'none', 'accent', 'block'],
    ],
    [
      ['--skip-tags', 'always'],
      ['a', 'bc', 'none', 'accent', 'block'],
    ],
    [
      ['-t', 'a,b', '--skip-tags', 'a'],
      ['always', 'bc'],
    ],
    [['--skip-tags', 'tagged'], ['none']],
    [
      ['--skip-tags', 'untagged'],
      ['a', 'always', 'bc', 'accent', 'block'],
    ],
  ])('T01: %j runs %j', async (flags, words) => {
    const run = await lab.apply(tagged, ...flags);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(words);
  });

  it('T02: tags of a play, a role and a block are those of everything in it', async () => {
    lab.write('roles/r/tasks/main.yaml', `- { ${mark('role')}, tags: inner }\n`);
    const playbook = `
      - { hosts: h1, tags: play1, tasks: [{ ${mark('one')} }], roles: [{ role: r, tags: of-role }] }
      - { hosts: h1, tags: play2, tasks: [{ ${mark('two')}, tags: two }] }
    `;
    for (const [tags, words] of [
      ['play1', ['role', 'one']],
      ['of-role', ['role']],
      ['inner', ['role']],
      ['two', ['two']],
    ] as const) {
      lab.fresh();
      lab.write('roles/r/tasks/main.yaml', `- { ${mark('role')}, tags: inner }\n`);
      const run = await lab.apply(playbook, '-t', tags);
      expect(run.code, run.why).toBe(0);
      expect(lab.marks('h1')).toEqual(words);
    }
  });

  it('T03: the tag of a dynamic include does not reach its tasks; of an import, or with apply, it does', async () => {
    lab.write('inner.yaml', `- ${mark('inner')}\n`);
    const play = (task: string): string => `
      - hosts: h1
        tasks: [{ ${task} }]
    `;
    expect((await lab.apply(play('include_tasks: inner.yaml, tags: t'), '-t', 't')).code).toBe(0);
    expect(lab.marks()).toEqual([]);
    expect(
      (await lab.apply(play('include_tasks: { file: inner.yaml, apply: { tags: t } }, tags: t'), '-t', 't')).code,
    ).toBe(0);
    expect(lab.marks()).toEqual(['h1 inner']);
    expect((await lab.apply(play('import_tasks: inner.yaml, tags: t'), '-t', 't')).code).toBe(0);
    expect(lab.marks()).toEqual(['h1 inner', 'h1 inner']);
  });

  it('T04: --list-tasks, --list-tags and --list-hosts say what there is and connect to nobody', async () => {
    lab.write(
      'site.yaml',
      '- hosts: h1\n  tags: all-of-it\n  tasks: [{ name: one, command: "true", tags: [a, always] }, { name: two, command: "false", tags: é }]\n',
    );
    const tasks = await lab.run('apply', 'site.yaml', '--list-tasks', '-t', 'a');
    expect(tasks.code).toBe(0);
    expect(tasks.stdout).toContain('one');
    expect(tasks.stdout).not.toContain('two');
    const tags = await lab.run('apply', 'site.yaml', '--list-tags');
    for (const tag of ['a', 'all-of-it', 'always', 'é']) expect(tags.stdout).toContain(tag);
    expect((await lab.run('apply', 'site.yaml', '--list-hosts')).stdout).toContain('h1');
    expect(lab.marks()).toEqual([]);
  });
});

describe('patterns', () => {
  it('T05: unions, intersections, exclusions, slices, globs and regular expressions', async () => {
    const expected = {
      'web:db': ['h1', 'h2', 'h3', 'h4'],
      'web,db': ['h1', 'h2', 'h3', 'h4'],
      'all:!db': ['h1', 'h2'],
      'all:&web:!h2': ['h1'],
      'all[1:2]': ['h2', 'h3'],
      'web[-1]': ['h2'],
      'web[0]': ['h1'],
      'all[2:]': ['h3', 'h4'],
      '~h[34]': ['h3', 'h4'],
      'h*': ['h1', 'h2', 'h3', 'h4'],
      '*': ['h1', 'h2', 'h3', 'h4'],
      '!db:all': ['h1', 'h2'],
      'h4:h1': ['h1', 'h4'],
    };
    const plays = Object.keys(expected).map(
      (pattern) => `- { hosts: "${pattern}", name: "p ${pattern}", tasks: [{ debug: { msg: x } }] }`,
    );
    const run = await lab.apply(`${plays.join('\n')}\n`);
    expect(run.code, run.why).toBe(0);
    const seen = Object.fromEntries(
      run.events.flatMap((event) =>
        event.kind === 'play-start' ? [[event.play.slice(2), event.hosts.toSorted()]] : [],
      ),
    );
    expect(seen).toEqual(expected);
  });

  it('T06: --limit takes patterns, lists and @file; a list of patterns is a union', async () => {
    lab.write('hosts.txt', 'h2\nh4\n');
    const playbook = '- { hosts: [web, h3], tasks: [{ debug: { msg: x } }] }\n';
    const hostsOf = async (...flags: readonly string[]): Promise<readonly string[]> =>
      (await lab.apply(playbook, ...flags)).events.flatMap((event) => (event.kind === 'play-start' ? event.hosts : []));
    expect(await hostsOf()).toEqual(['h1', 'h2', 'h3']);
    expect(await hostsOf('-l', 'all:!h1')).toEqual(['h2', 'h3']);
    expect(await hostsOf('-l', 'h1,h3')).toEqual(['h1', 'h3']);
    expect(await hostsOf('-l', '@hosts.txt')).toEqual(['h2']);
  });

  it('T08: --limit @failed are the hosts that failed, and those of plays that were stopped or never begun', async () => {
    const playbook = `
      - { hosts: web, tasks: [{ shell: 'test <%= host.name %> = h1 || test -e <%= out %>/mended' }] }
      - { hosts: [h1, h3], any_errors_fatal: true, tasks: [{ shell: 'test <%= host.name %> = h1 || test -e <%= out %>/mended' }] }
      - { hosts: h4, tasks: [{ ${mark('last')} }] }
    `;
    expect((await lab.apply(playbook, '--limit', '@failed')).code).toBe(2);
    expect((await lab.apply(playbook)).code).toBe(1);
    writeFileSync(join(lab.out, 'mended'), '');
    const again = await lab.apply(playbook, '--limit', '@failed');
    expect(again.code, again.why).toBe(0);
    const hosts = again.events.flatMap((event) => (event.kind === 'play-start' ? [event.hosts] : []));
    expect(hosts).toEqual([['h1', 'h2'], ['h1', 'h3'], ['h4']]);
    expect((await lab.apply(playbook, '--limit', '@failed')).code).toBe(2);
  });

  it('T07: --start-at-task leaves out what stands before it; a name nobody has is an error', async () => {
    const playbook = `
      - hosts: h1
        tasks: [{ name: one, ${mark('one')} }, { name: two, ${mark('two')} }, { name: three, ${mark('three')} }]
    `;
    expect((await lab.apply(playbook, '--start-at-task', 'two')).code).toBe(0);
    expect(lab.marks('h1')).toEqual(['two', 'three']);
    expect((await lab.apply(playbook, '--start-at-task', 'twoo')).code).toBe(2);
  });
});

describe('inventories', () => {
  it('I01: ranges in INI and YAML: zeros stay, letters, steps', async () => {
    lab.write('hosts.ini', '[web]\nn[01:03]\ndb-[a:b].x\ns[2:4:2]\n\n[web:vars]\nport=8080\n\n[all:children]\nweb\n');
    const listed = await lab.run('inventory', '-i', 'hosts.ini', '--list');
    expect(listed.code, listed.stderr).toBe(0);
    for (const host of ['n01', 'n02', 'n03', 'db-a.x', 'db-b.x', 's2', 's4']) expect(listed.stdout).toContain(host);
    expect(listed.stdout).not.toContain('s3');
    lab.write('hosts.yaml', 'web:\n  hosts:\n    n[01:03]: {}\n    rack[a:c]: {}\n');
    const yaml = await lab.run('inventory', '-i', 'hosts.yaml', '--graph');
    for (const host of ['n01', 'n03', 'racka', 'rackc']) expect(yaml.stdout).toContain(host);
  });

  it('I02: group_vars and host_vars lie beside the inventory or the playbook; the deeper group and the host win', async () => {
    lab.write('group_vars/all.yaml', 'a: all\nb: all\nc: all\n');
    lab.write('group_vars/web.yaml', 'b: web\nc: web\n');
    lab.write('host_vars/h1.yaml', 'c: h1\n');
    const run = await lab.apply(
      '- hosts: [h1, h3]\n  tasks: [{ name: told, debug: { msg: "<%= a %> <%= b %> <%= c %>" } }]\n',
    );
    expect(run.task('told')['h1']?.message).toBe('all web h1');
    expect(run.task('told')['h3']?.message).toBe('all all all');
  });

  it('I03: a host in two groups; its groups, group lists and variables are there for other hosts', async () => {
    lab.write('more.yaml', 'even:\n  hosts: { h2: { own: two }, h4: {} }\n  vars: { kind: even }\n');
    const run = await lab.apply(
      `
      - hosts: h1
        tasks:
          - name: told
            debug: { msg: "<%= hosts.h2.groups.includes('even') && hosts.h2.groups.includes('web') %> <%= groups.even.join() %> <%= hosts.h2.vars.own %> <%= hosts.h2.vars.kind %> <%= host.groups.includes('web') %>" }
    `,
      '-i',
      'inventory.yaml',
      '-i',
      'more.yaml',
    );
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('true h2,h4 two even true');
  });

  it('I04: a program that prints the JSON of a dynamic inventory, and a directory of inventories', async () => {
    lab.write('inv/10-static.yaml', 'static:\n  hosts: { one: { x: 1 } }\n');
    lab.write(
      'inv/20-dynamic.sh',
      `#!/bin/sh\necho '{"dyn": {"hosts": ["two"], "vars": {"y": 2}}, "_meta": {"hostvars": {"two": {"z": [1]}}}}'\n`,
    );
    (await import('node:fs')).chmodSync(`${lab.folder}/inv/20-dynamic.sh`, 0o755);
    const said = await lab.run('inventory', '-i', 'inv', '--host', 'two');
    expect(said.code, said.stderr).toBe(0);
    expect(said.stdout).toMatch(/y.*2/);
    const graph = await lab.run('inventory', '-i', 'inv', '--graph');
    expect(graph.stdout).toContain('one');
    expect(graph.stdout).toContain('dyn');
  });

  it('I06: add_host brings hosts that are reached as they say, group_by groups; both for later plays', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - add_host: { name: "new<%= item %>", groups: fresh, ssh: { host: "127.0.1.<%= item %>" }, word: "w<%= item %>" }
            loop: [8, 9]
          - add_host: { name: gone, groups: unreached, ssh: { host: 127.0.1.7, port: 9 } }
          - group_by: { key: "is_<%= host.name %>" }
      - { hosts: fresh, tasks: [{ ${mark('<%= word %>')} }] }
      - { hosts: "is_h2:fresh:!new8", tasks: [{ ${mark('both')} }] }
      - { hosts: is_h9, tasks: [{ ${mark('never')} }] }
      - { hosts: unreached, tasks: [{ ${mark('never')} }] }
    `);
    expect(run.code, run.why).toBe(3);
    expect(lab.marks().toSorted()).toEqual(['h2 both', 'new8 w8', 'new9 both', 'new9 w9']);
    expect(run.recap('gone').unreachable).toBe(1);
    const wrong = await lab.apply('- { hosts: web, tasks: [{ group_by: a_b }] }\n- { hosts: a_c, tasks: [] }\n');
    expect(wrong.code).toBe(2);
  });

  it('group_vars and host_vars of what group_by and add_host bring are read when it comes', async () => {
    lab.write('group_vars/on_h1.yaml', 'colour: red\n');
    lab.write('group_vars/above.yaml', 'colour: grey\nshape: round\n');
    lab.write('host_vars/made.yaml', 'size: big\n');
    const { code, why } = await lab.apply(`
- hosts: web
  facts: false
  tasks:
    - group_by: { key: "on_<%= host.name %>", parents: above }
    - add_host: { name: made, groups: on_h1, ansible_connection: local }
- hosts: above
  facts: false
  tasks:
    - name: mark
      ${mark('<%= colour %> <%= shape %> <%= size ?? 0 %>')}
`);
    expect(code, why).toBe(0);
    expect(lab.marks().toSorted()).toEqual(['h1 red round 0', 'h2 grey round 0', 'made red round big']);
  });

  it("I05: Ansible's names of connection settings work", async () => {
    lab.write(
      'old.ini',
      `[web]\nx1 ansible_host=127.0.1.1 ansible_port=${lab.sshd.port} ansible_user=${lab.user.name} ansible_ssh_private_key_file=${lab.sshd.key} ansible_become=true\nloc ansible_connection=local\n[web:vars]\nlog=${lab.out}/log\nansible_ssh_common_args=\n`,
    );
    lab.write('host_vars/x1.yaml', `ssh: { known_hosts: ${lab.sshd.knownHosts} }\n`);
    const run = await lab.apply(
      `- hosts: web\n  tasks: [{ shell: "echo <%= host.name %> $(id -un) >> <%= log %>" }]\n`,
      '-i',
      'old.ini',
    );
    expect(run.code, run.why).toBe(0);
    expect(lab.marks().toSorted()).toEqual(['loc root', 'x1 root']);
  });
});
