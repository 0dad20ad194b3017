import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingHost, folderOf, runner } from './program.js';

let host: Awaited<ReturnType<typeof countingHost>>;
let folder: ReturnType<typeof folderOf>;

beforeEach(async () => {
  host = await countingHost();
  folder = folderOf({
    'inventory.yaml': `all:\n  vars:\n    ssh: { host: 127.0.0.1, port: ${host.port}, host_key: "off" }\nweb:\n  hosts:\n    h[1:2]: {}\n`,
  });
});

afterEach(async () => {
  folder.remove();
  await host.stop();
});

describe('mistakes in the files end with exit 2 before any connection', () => {
  it('tells all of them at once, each with its place, its line and a hint', async () => {
    folder.write(
      'site.yaml',
      `- name: Web
  hosts: web
  task:
    - command: uptime
  tasks:
    - name: typo in a module
      comand: uptime
    - name: typo in a parameter
      copy: { content: x, dst: /etc/motd }
    - name: undefined variable
      debug: { msg: "<%= greting %>" }
      vars: { greeting: hello }
    - name: condition
      command: uptime
      when: a = 1
    - name: mode
      file: { path: /x, state: touch, mode: 644 }
`,
    );
    for (const command of ['apply', 'plan', 'validate']) {
      const said = await runner(folder.path, [command, 'site.yaml']);
      expect(said.code).toBe(2);
      for (const place of [
        'site.yaml:3:3',
        'site.yaml:7:7',
        'site.yaml:9:27',
        'site.yaml:11:26',
        'site.yaml:15:13',
        'site.yaml:17:45',
      ])
        expect(said.stderr).toContain(`${place}: error:`);
      expect(said.stderr).toContain('did you mean `tasks`?');
      expect(said.stderr).toContain('did you mean `command`?');
      expect(said.stderr).toContain('did you mean `greeting`?');
      expect(said.stderr).toContain('comand: uptime');
      expect(said.stderr).toMatch(/\n *\| +\^+/);
      expect(said.stderr).toContain('7 errors');
    }
    expect(host.connections()).toBe(0);
  });

  it.each([
    ['gather_facts: no\n  tasks: []', 'write false'],
    ['become: yes\n  tasks: []', 'write true'],
    ['tasks: [{ apt: "name=nginx state=present" }]', 'write `apt:` and below it'],
    ['tasks: [{ command: x, when: y is defined }]', "typeof x !== 'undefined'"],
    ['tasks: [{ command: x, when: "y | default(true)" }]', 'write `x ?? value`'],
    ['tasks: [{ command: x, when: "1 == 1 and 2 == 2" }]', '`&&` for `and`'],
    ['tasks: [{ command: x, with_items: [1] }]', 'write `loop:`'],
    ['tasks: [{ local_action: command true }]', 'delegate_to: localhost'],
    ['tasks: [{ debug: { msg: "{{ x }}" } }]', '<%='],
    ['tasks: [{ command: x, register: my-result }]', 'write `my_result`'],
    ['tasks: [{ command: x, notify: nobody }]', 'no handler of the play is called `nobody`'],
    ['tasks: [{ file: { path: /x, mode: 0644 } }]', '"0644"'],
    ['tasks: [{ unarchive: { src: x, dest: /x, copy: false } }]', 'write `remote_src: true`'],
    ['tasks: [{ stat: { path: /x, get_mime: true } }]', 'write `command: file'],
    ['tasks: [{ service: { name: x, state: restart } }]', 'did you mean `restarted`?'],
  ])('helps with a habit from Ansible: %s', async (text, help) => {
    folder.write('site.yaml', `- hosts: web\n  ${text}\n`);
    const said = await runner(folder.path, ['validate', 'site.yaml']);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain(help);
  });

  it('shows a circle in needs, and a play that is not there', async () => {
    folder.write(
      'site.yaml',
      `- { name: a, hosts: web, needs: [b], tasks: [] }\n- { name: b, hosts: web, needs: [a], tasks: [] }\n- { name: c, hosts: web, needs: [bb], tasks: [] }\n`,
    );
    const said = await runner(folder.path, ['apply', 'site.yaml']);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('a → b → a');
    expect(said.stderr).toContain('site.yaml:3:34: error: there is no play `bb`');
    expect(host.connections()).toBe(0);
  });

  it('says which role, file, host or flag is not there', async () => {
    folder.write(
      'site.yaml',
      `- hosts: web\n  roles: [nginxx]\n- hosts: wep\n  tasks:\n    - import_tasks: gone.yaml\n`,
    );
    const said = await runner(folder.path, ['apply', 'site.yaml', '-l', 'h3', '-e', 'novalue']);
    expect(said.code).toBe(2);
    for (const text of [
      'there is no role `nginxx`',
      'no host or group `wep`',
      'did you mean `web`?',
      'there is no file `gone.yaml`',
      '`h3`',
      '`novalue` is no variable',
    ])
      expect(said.stderr).toContain(text);
  });

  it.each([
    [['apply']],
    [['apply', 'gone.yaml']],
    [['aply', 'site.yaml']],
    [['apply', 'site.yaml', '--wrong']],
    [['apply', 'site.yaml', '-f', '0']],
    [['apply', 'site.yaml', '--start-at-task', 'nothing like it']],
    [['apply', 'site.yaml', '-i', 'gone']],
  ])('%j ends with exit 2 and says why', async (args) => {
    folder.write('site.yaml', '- hosts: web\n  tasks:\n    - command: "true"\n');
    const said = await runner(folder.path, args);
    expect(said.code).toBe(2);
    expect(said.stderr.trim()).not.toBe('');
    expect(host.connections()).toBe(0);
  });

  it('refuses what it would not keep, instead of passing over it', async () => {
    folder.write('site.yaml', '- hosts: web\n  remote_user: bob\n  ensemble: { kind: zookeper }\n  tasks: []\n');
    const said = await runner(folder.path, ['apply', 'site.yaml']);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('site.yaml:2:3: error: `remote_user` is not a keyword here');
    expect(said.stderr).toContain('did you mean `zookeeper`?');
    expect(host.connections()).toBe(0);
  });

  it('finds the YAML mistakes of every file', async () => {
    folder.write(
      'site.yaml',
      '- hosts: web\n  tasks:\n    - debug: {msg: "{{ x }}"}\n    - name: a\n      name: b\n      command: "true"\n',
    );
    folder.write('group_vars/web.yaml', 'mode: 0644\nflag: !vault abc\n');
    const said = await runner(folder.path, ['validate', 'site.yaml']);
    expect(said.code).toBe(2);
    for (const text of ['group_vars/web.yaml:1:7', 'group_vars/web.yaml:2:7', 'site.yaml:5:7', 'site.yaml:3:'])
      expect(said.stderr).toContain(text);
  });
});

describe('help', () => {
  it('lists the commands and the exit codes', async () => {
    const said = await runner(folder.path, ['--help']);
    expect(said.code).toBe(0);
    for (const word of ['apply', 'plan', 'validate', 'graph', 'inventory', 'exec', 'status', '4 changes are pending'])
      expect(said.stdout).toContain(word);
  });

  it('prints the version', async () => {
    expect((await runner(folder.path, ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
