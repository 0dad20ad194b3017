import { describe, expect, it } from 'vitest';
import { load, variablesOf } from './load.js';

describe('the sources of an inventory', () => {
  it('add to each other, the later one wins', () => {
    const { inventory, problems } = load(
      {
        'a.yaml': 'web: {vars: {x: 1, y: 1}, hosts: {h1: }}\n',
        'b.yaml': 'web: {vars: {y: 2}, hosts: {h2: }}\nboth: {children: {web: }}\n',
      },
      { sources: ['a.yaml', 'b.yaml'] },
    );
    expect(problems).toEqual([]);
    expect(inventory.groups.get('both')?.hosts).toEqual(['h1', 'h2']);
    expect(variablesOf(inventory, 'h1')).toEqual({ x: 1, y: 2 });
    expect(inventory.sources).toEqual(['a.yaml', 'b.yaml']);
  });

  it('may be a directory, whose files are read in the order of their names', () => {
    const { inventory, problems } = load(
      {
        'inv/20-web.yaml': 'web: {vars: {y: 2}, hosts: {h2: }}\n',
        'inv/10-web.ini': '[web]\nh1\n[web:vars]\nx=1\ny=1\n',
        'inv/30-cloud': () => '{"web": {"hosts": ["h3"]}, "_meta": {"hostvars": {}}}',
        'inv/sub/deep.yaml': 'web: {hosts: {h4: }}\n',
        'inv/web.yaml~': ':::',
        'inv/.hidden': ':::',
        'inv/README.md': '# hosts',
        'inv/ansible.cfg': '[defaults]\nforks = 5\n',
        'inv/group_vars/web.yaml': 'z: 3\n',
      },
      { sources: ['inv'] },
    );
    expect(problems).toEqual([]);
    expect([...inventory.hosts.keys()]).toEqual(['h1', 'h2', 'h3', 'h4']);
    expect(variablesOf(inventory, 'h4')).toEqual({ x: 1, y: 2, z: 3 });
  });

  it('may be names with commas', () => {
    expect([...load({}, { sources: ['h1,h2:2222,'] }).inventory.hosts.keys()]).toEqual(['h1', 'h2']);
    expect(load({}, { sources: [','] }).problems).toEqual(['-i ,:1:1 no-inventory: `-i ,` names no host']);
  });

  it('must exist', () => {
    expect(load({}, { sources: ['missing.yaml'] }).problems).toEqual([
      'no-inventory: there is no inventory at `missing.yaml` | name it with -i; names of hosts are given with a comma: -i node1,',
    ]);
  });

  it('may be none', () => {
    const { inventory, problems } = load({}, { sources: [] });
    expect(problems).toEqual([]);
    expect([...inventory.groups.keys()]).toEqual(['all', 'ungrouped']);
  });

  it('report the mistakes of all files at once', () => {
    const { problems } = load(
      { 'a.yaml': 'web: {hots: {}}\n', 'b.yaml': 'db: {hosts: {h1: {a: 0644}}}\n' },
      { sources: ['a.yaml', 'b.yaml'] },
    );
    expect(problems).toEqual([
      expect.stringContaining('a.yaml:1:7 unknown-key'),
      expect.stringContaining('b.yaml:1:22 leading-zero'),
    ]);
  });
});

describe('group_vars and host_vars', () => {
  const inventory = 'all: {children: {web: {vars: {from: inventory}, hosts: {h1: {own: inventory}}}}}\n';

  it('stand beside the inventory or the playbook, the playbook wins', () => {
    const loaded = load(
      {
        'inv/hosts.yaml': inventory,
        'inv/group_vars/all.yml': 'a: inventory\nb: inventory\n',
        'inv/group_vars/web.yaml': 'from: inventory group_vars\nfile: inventory group_vars\n',
        'inv/host_vars/h1.json': '{"own": "inventory host_vars", "size": 1}',
        'play/group_vars/all.yaml': 'b: playbook\n',
        'play/group_vars/web.yaml': 'file: playbook group_vars\n',
        'play/group_vars/other.yaml': 'x: 1\n',
        'play/host_vars/h1.yaml': 'size: 2\n',
      },
      { playbookDirectories: ['play'] },
    );
    expect(loaded.problems).toEqual([]);
    expect(variablesOf(loaded.inventory, 'h1')).toEqual({
      a: 'inventory',
      b: 'playbook',
      from: 'inventory group_vars',
      file: 'playbook group_vars',
      own: 'inventory host_vars',
      size: 2,
    });
  });

  it('of groups equally deep win by `ansible_group_priority`, then by name; a deeper group wins all the same', () => {
    const { inventory: read } = load({
      'hosts.ini':
        '[high]\nh1\n[low]\nh1\n[top:children]\ndeep\n[deep]\nh1\n' +
        '[high:vars]\nansible_group_priority=10\nx=high\n[low:vars]\nx=low\n' +
        '[top:vars]\nansible_group_priority=20\ny=top\nx=top\n[deep:vars]\ny=deep\n',
    });
    expect(variablesOf(read, 'h1')).toMatchObject({ x: 'top', y: 'deep' });
  });

  it('of another kind in a directory are not read, and told', () => {
    const { inventory: read, problems } = load({
      'hosts.yaml': inventory,
      'host_vars/h1/main': 'z: 1\n',
      'host_vars/h1/main.ymal': 'z: 2\n',
    });
    expect(variablesOf(read, 'h1')).toMatchObject({ z: 1 });
    expect(problems).toEqual([
      'host_vars/h1/main.ymal:1:1 unused-variables: `host_vars/h1/main.ymal` is not read | files of variables end in .yaml, .yml or .json, or have no ending',
    ]);
  });

  it('may be directories and files without an ending', () => {
    const loaded = load({
      'hosts.yaml': inventory,
      'group_vars/web/10-a.yaml': 'x: 1\ny: 1\n',
      'group_vars/web/20-b.yaml': 'y: 2\n',
      'group_vars/web/.swp': ':::',
      'group_vars/web/20-b.yaml.bak': 'y: 3\n',
      'group_vars/web/README.md': '# pages',
      'group_vars/all.yaml.orig': 'y: 4\n',
      'host_vars/h1': 'z: 3\n',
    });
    expect(loaded.problems).toEqual([]);
    expect(variablesOf(loaded.inventory, 'h1')).toMatchObject({ x: 1, y: 2, z: 3 });
    expect(loaded.inventory.hosts.get('h1')?.layers.map((layer) => layer.name)).toEqual([
      'group web',
      'group_vars/web/10-a.yaml',
      'group_vars/web/20-b.yaml',
      'host h1',
      'host_vars/h1',
    ]);
  });

  it('are read once when inventory and playbook share a folder', () => {
    const loaded = load(
      { 'site/hosts.yaml': inventory, 'site/group_vars/web.yaml': 'x: 1\n' },
      { playbookDirectories: ['./site'] },
    );
    expect(loaded.inventory.groups.get('web')?.layers).toHaveLength(2);
  });

  it('for nobody get a warning beside the inventory', () => {
    expect(
      load({ 'hosts.yaml': inventory, 'group_vars/wbe.yaml': 'x: 1\n', 'host_vars/h2.yaml': 'x: 1\n' }).problems,
    ).toEqual([
      'group_vars/wbe.yaml:1:1 unused-variables: the inventory has no group `wbe`: nobody reads these variables unless a task adds it | did you mean `web`?',
      'host_vars/h2.yaml:1:1 unused-variables: the inventory has no host `h2`: nobody reads these variables unless a task adds it | did you mean `h1`?',
    ]);
  });

  it('must be maps', () => {
    expect(
      load({ 'hosts.yaml': inventory, 'group_vars/all.yaml': '- x\n', 'host_vars/h1.yaml': '# nothing yet\n' })
        .problems,
    ).toEqual([
      'group_vars/all.yaml:1:1 wrong-type: `group_vars/all.yaml` must be a map of names and values, this is a list',
    ]);
  });
});

describe('the layers of a host', () => {
  it('begin with all, then groups, parents before children, then by name, then the host', () => {
    const { inventory } = load({
      'f.yaml': `
zulu: {vars: {v: zulu}, children: {deep: {vars: {v: deep}, hosts: {h1: {v: host}}}}}
alpha: {vars: {v: alpha}, hosts: {h1: }}
mike: {vars: {v: mike}, hosts: {h1: }}
all: {vars: {v: all}}
`,
    });
    expect(inventory.hosts.get('h1')?.groups).toEqual(['alpha', 'mike', 'zulu', 'deep']);
    expect(inventory.hosts.get('h1')?.layers.map((layer) => layer.name)).toEqual([
      'group all',
      'group alpha',
      'group mike',
      'group zulu',
      'group deep',
      'host h1',
    ]);
    expect(variablesOf(inventory, 'h1')).toEqual({ v: 'host' });
  });

  it('count the longest way down when a group has two parents', () => {
    const { inventory } = load({
      'f.yaml':
        'a: {children: {c: }}\nb: {children: {d: {children: {c: }}}}\nc: {vars: {v: c}, hosts: {h1: }}\nd: {vars: {v: d}}\n',
    });
    expect(variablesOf(inventory, 'h1')).toEqual({ v: 'c' });
  });

  it('are settled fast for thousands of hosts', () => {
    const before = process.cpuUsage();
    const { inventory } = load({
      'f.yaml': `all: {vars: {ssh: {user: ops}}}\n${Array.from({ length: 50 }, (_, index) => `g${index}: {vars: {ssh: {port: ${index + 1}}}, hosts: {"n${index}-[1:100]": {a: 1}}}`).join('\n')}`,
    });
    expect(inventory.hosts.size).toBe(5000);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000);
  });
});

describe('ssh settings of a layer', () => {
  it('are merged key by key from all to the host', () => {
    const { inventory } = load({
      'f.yaml': `
all: {vars: {ssh: {user: ops, port: 22, key: a}}}
web: {vars: {ssh: {port: 2222}}, hosts: {h1: {ssh: {host: 192.0.2.1}}, h2: }}
`,
    });
    expect(variablesOf(inventory, 'h1')['ssh']).toEqual({ user: 'ops', port: 2222, key: 'a', host: '192.0.2.1' });
    expect(variablesOf(inventory, 'h2')['ssh']).toEqual({ user: 'ops', port: 2222, key: 'a' });
  });

  it("may use Ansible's names, at the place where they stand", () => {
    const { inventory, problems } = load({
      'f.yaml': `
all: {vars: {ansible_user: root, ansible_become: true, ansible_become_pass: x}}
web:
  vars: {ssh: {user: ops}, ansible_port: "2222"}
  hosts:
    h1: {ansible_host: 192.0.2.1, ansible_ssh_private_key_file: ~/.ssh/id}
    h2: {ansible_user: other, ssh: {user: ours}, become: false}
`,
    });
    expect(problems).toEqual([]);
    expect(variablesOf(inventory, 'h1')).toMatchObject({
      ssh: { user: 'ops', port: '2222', host: '192.0.2.1', key: '~/.ssh/id' },
      become: true,
      become_password: 'x',
    });
    expect(variablesOf(inventory, 'h2')).toMatchObject({ ssh: { user: 'ours', port: '2222' }, become: false });
  });

  it('are checked when the inventory loads, templates aside', () => {
    const { problems } = load({
      'f.yaml': `
web:
  vars:
    ssh: {prot: 22, port: 99999, host_key: of, agent: [x], user: <%= who %>}
    become: yes
    become_method: doas
    ansible_connection: docker
    ansible_ssh_common_args: -o ProxyJump=ops@bastion
    ansible_group_priority: high
  hosts: {"h[1:3]": {ssh: {connect_timeout: soon}}}
`,
    });
    expect(problems.map((problem) => problem.replace(/ \| .*/, ''))).toEqual(
      [
        '9:29 wrong-type: `ansible_group_priority` must be a whole number, this is text',
        '8:30 unread-setting: `ansible_ssh_common_args` is not read',
        '4:11 unknown-key: `ssh` has no key `prot`',
        '4:27 wrong-type: `port` must be at most 65535, this is 99999',
        '4:48 wrong-type: `agent` must be true, false or the path of a socket, this is a list',
        '4:44 wrong-type: `host_key` must be `strict`, `accept-new` or `off`',
        '5:13 wrong-type: `become` must be true or false, this is text',
        '6:20 wrong-type: `become_method` must be `sudo` or `su`',
        '7:25 wrong-type: `ansible_connection` must be `ssh`, `local`, `smart` or `paramiko`',
        '10:46 wrong-type: `connect_timeout` must be a length of time, this is text',
      ].map((problem) => expect.stringContaining(problem.replace(/^\d+:\d+ /, ''))),
    );
    expect(problems[1]).toContain('write `ssh: {jump: ops@bastion}`');
  });
});
