import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, eventually, hostsOf, http, inventory, lab, onHost, runner } from './harness.js';

// The cluster is up before and after: each test leaves it as it found it.
const minutes = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'runner-operations-'));

const [member = '', other = ''] = hostsOf('zookeeper');
const bamboo = hostsOf('bamboo').at(-1) ?? '';
const marathon = `http://${addressOf(hostsOf('marathon')[0] ?? '')}:8080`;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the operations on a cluster that runs', () => {
  beforeAll(async () => {
    await lab('up');
    const said = await runner('apply', '-i', inventory, 'playbooks/cluster.yaml');
    if (said.code !== 0) throw new Error(`${said.stdout}${said.stderr}`.slice(-4000));
  }, 15 * minutes);

  it(
    'a stopped member is found, what is left is protected, and it is started again',
    async () => {
      expect((await runner('status', '-i', inventory)).code).toBe(0);
      const both = await runner('stop', 'zookeeper', '-i', inventory, '-l', `${member},${other}`);
      expect(both.code).toBe(1);
      expect(both.stderr).toContain('3 members, 3 serve, 2 are needed');

      expect((await runner('stop', 'zookeeper', '-i', inventory, '-l', member)).code).toBe(0);
      expect((await runner('stop', 'zookeeper', '-i', inventory, '-l', member)).stdout).toContain('Nothing to change');
      expect((await runner('status', '-i', inventory)).code).toBe(1);
      const found = await runner('doctor', '-i', inventory, '--output', 'json');
      expect(found.code).toBe(1);
      expect(found.stdout).toContain('container-stopped');
      const refused = await runner('restart', 'zookeeper', '-i', inventory, '-l', other);
      expect(refused.code).toBe(1);

      expect((await runner('start', 'zookeeper', '-i', inventory)).code).toBe(0);
      expect((await runner('status', '-i', inventory)).code).toBe(0);
    },
    5 * minutes,
  );

  it(
    'logs of several components come from all their hosts, each line with where it is from',
    async () => {
      const said = await runner('logs', 'zookeeper', 'haproxy', 'rsyslog', 'docker', '-i', inventory, '--tail', '3');
      expect(said.code).toBe(0);
      for (const host of hostsOf('zookeeper')) expect(said.stdout).toMatch(new RegExp(`^${host} zookeeper +\\| `, 'm'));
      for (const host of hostsOf('bamboo')) {
        expect(said.stdout).toMatch(new RegExp(`^${host} rsyslog +\\| `, 'm'));
        expect(said.stdout).toMatch(new RegExp(`^${host} docker +\\| `, 'm'));
      }
    },
    minutes,
  );

  it(
    "Marathon's state comes back from a backup that it wrote itself, with what was posted since gone",
    async () => {
      const app = (id: string): string => JSON.stringify({ id, cmd: 'true', cpus: 0.1, mem: 16, instances: 0 });
      const post = (id: string): ReturnType<typeof http> =>
        http(`${marathon}/v2/apps`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: app(id),
        });
      expect((await post('/kept')).status).toBe(201);
      const taken = await runner('backup', '-i', inventory, '--marathon-state', '--to', folder);
      expect(taken).toMatchObject({ code: 0 });
      const [backup = ''] = readdirSync(folder);
      expect(existsSync(join(folder, backup, 'manifest.json'))).toBe(true);

      expect((await http(`${marathon}/v2/apps//kept`, { method: 'DELETE' })).status).toBe(200);
      expect((await post('/since')).status).toBe(201);
      const restored = await runner(
        'restore',
        '-i',
        inventory,
        join(folder, backup),
        'marathon',
        '--marathon-state',
        '--yes',
      );
      expect(restored).toMatchObject({ code: 0 });
      const apps = (await http(`${marathon}/v2/apps`)).text;
      expect(apps).toContain('"/kept"');
      expect(apps).not.toContain('"/since"');
      expect((await http(`${marathon}/v2/apps//kept`, { method: 'DELETE' })).status).toBe(200);
    },
    3 * minutes,
  );

  it(
    'destroy keeps the data and whatever is not ours, and apply brings back what it removed',
    async () => {
      await onHost(bamboo, 'docker create --name not-ours $(docker inspect --format {{.Image}} bamboo) >/dev/null');
      const gone = await runner('destroy', 'bamboo', '-i', inventory, '-l', bamboo, '--yes');
      expect(gone.code).toBe(0);
      expect(await onHost(bamboo, 'docker ps -a --format {{.Names}}')).not.toMatch(/^bamboo/m);
      expect(await onHost(bamboo, 'docker rm not-ours; ls /data/bamboo')).toContain('config');
      const again = await runner('destroy', 'bamboo', '-i', inventory, '-l', bamboo, '--yes');
      expect(again.stdout).toContain('Nothing to remove.');
      expect((await runner('apply', '-i', inventory, 'playbooks/bamboo.yaml')).code).toBe(0);
      await eventually('all is well again', 60, async () =>
        (await runner('status', '-i', inventory)).code === 0 ? true : undefined,
      );
    },
    5 * minutes,
  );

  it(
    'a container that dies after its task was done fails its host at the end of the play, whatever its restart policy',
    async () => {
      const container = (name: string, policy: string, script: string): string =>
        `    - { name: ${name}, docker_container: { name: ${name}, image: "<%= image %>", pull: never, entrypoint: [sh, -c],
        command: ["${script}"], restart_policy: ${policy} }, ignore_errors: ${String(name !== 'dies')} }\n`;
      const playbook = join(folder, 'containers.yaml');
      writeFileSync(
        playbook,
        `- hosts: ${bamboo}\n  become: true\n  facts: false\n  tasks:\n` +
          container('lives', 'always', 'sleep 600') +
          container('comes-back', 'always', 'until [ -e /end ]; do sleep 0.1; done; exit 1') +
          container('dies', 'no', 'echo no such table; until [ -e /end ]; do sleep 0.1; done; exit 3') +
          // They run when their tasks are done and have ended when the play is looked at: however slow the host is.
          `    - shell: for name in comes-back dies; do docker exec $name touch /end; docker wait $name; done\n`,
      );
      const image = (await onHost(bamboo, 'docker inspect --format {{.Config.Image}} bamboo')).trim();
      const said = await runner('apply', '-i', inventory, playbook, '-e', `image=${image}`);
      await onHost(bamboo, 'docker rm -f lives comes-back dies');
      expect(said.code, said.stdout).toBe(1);
      expect(said.stdout).toMatch(/dies did not stay up: it ended with code 3[^]*no such table/);
      expect(said.stdout).toMatch(
        /comes-back did not stay up: (?:the engine has restarted it|it ended with code 1 and is)/,
      );
      expect(said.stdout).not.toContain('lives did not stay up');
    },
    2 * minutes,
  );
});
