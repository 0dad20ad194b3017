import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingHost, folderOf, runner } from './program.js';

let host: Awaited<ReturnType<typeof countingHost>>;
let folder: ReturnType<typeof folderOf>;

beforeEach(async () => {
  host = await countingHost();
  folder = folderOf({
    'inventory.yaml': `zookeeper:
  vars: { ssh: { host: 127.0.0.1, port: ${host.port}, host_key: "off" }, zookeeper_version: 3.4.13 }
  hosts:
    h[1:3]: {}
`,
  });
});

afterEach(async () => {
  folder.remove();
  await host.stop();
});

describe('an upgrade that cannot be ends with exit 2 before any connection', () => {
  it('tells every wrong word at once, with what was meant', async () => {
    const said = await runner(folder.path, ['upgrade', 'zookeper=3.8.0', 'zookeeper=3.80.4', 'marathon=1', '--plan']);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('did you mean `zookeeper`?');
    expect(said.stderr).toContain('did you mean 3.8.4?');
    expect(said.stderr).toContain('`1` is no whole version of Marathon');
    expect(host.connections()).toBe(0);
  });

  it('does not begin without somebody who says yes', async () => {
    const said = await runner(folder.path, ['upgrade', 'zookeeper=3.8.0']);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('`--plan` shows the plan; `--yes` goes on without asking');
    expect(host.connections()).toBe(0);
  });

  it('does not take a second word on the version', async () => {
    const said = await runner(folder.path, ['upgrade', 'zookeeper=3.8.0', '--plan', '-e', 'zookeeper_version=3.9.3']);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('-e sets `zookeeper_version`');
    expect(host.connections()).toBe(0);
  });

  it('does not roll by a play that would take all hosts at once', async () => {
    folder.write('site.yaml', '- name: All at once\n  hosts: zookeeper\n  roles: [zookeeper]\n');
    const said = await runner(folder.path, ['upgrade', 'zookeeper=3.8.0', '--plan', '--playbook', 'site.yaml']);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('site.yaml:1:3');
    expect(said.stderr).toContain('give it `ensemble: {kind: zookeeper}`');
    expect(host.connections()).toBe(0);
  });

  it("takes the project's own playbook before the one that comes with the program", async () => {
    folder.write(
      'playbooks/cluster.yaml',
      '- name: Nothing of it\n  hosts: zookeeper\n  tasks:\n    - debug: { msg: x }\n',
    );
    const said = await runner(folder.path, ['upgrade', 'zookeeper=3.8.0', '--plan']);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('playbooks/cluster.yaml has no play with the role `zookeeper`');
    expect(host.connections()).toBe(0);
  });
});

it('ends with exit 3, and touches nothing, when hosts cannot be reached', async () => {
  await host.stop();
  const said = await runner(folder.path, ['upgrade', 'zookeeper=3.8.0', '--plan', '--connect-timeout', '5']);
  expect(said.code).toBe(3);
  for (const name of ['h1', 'h2', 'h3']) expect(said.stderr).toContain(`${name} cannot be reached`);
  expect(said.stderr).toContain('Nothing was touched.');
});
