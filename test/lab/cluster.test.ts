import { beforeAll, describe, expect, it } from 'vitest';
import {
  addressOf,
  allHosts,
  diskChecksum,
  eventually,
  hostsOf,
  http,
  inventory,
  lab,
  onHost,
  recapOf,
  registryAddress,
  runner,
} from './harness.js';

// One story on fresh hosts, told in order: each test stands on the one before it.
const minutes = 60_000;
const playbook = 'playbooks/cluster.yaml';
const checksums = async (): Promise<readonly string[]> => Promise.all(allHosts().map(diskChecksum));

describe('the cluster on fresh lab hosts', () => {
  beforeAll(async () => {
    await lab('down');
    await lab('up');
  }, 8 * minutes);

  it(
    'a plan on fresh hosts shows the changes with diffs and writes nothing',
    async () => {
      const before = await checksums();
      const said = await runner('plan', '-i', inventory, playbook);
      expect(said.stderr).toBe('');
      expect(said.code).toBe(0);
      expect(said.stdout).toContain('docker.io');
      expect(said.stdout).toContain('+tickTime=2000');
      expect(said.stdout).toContain('Nothing was written.');
      expect(Object.values(recapOf(said.stdout)).every((row) => row['change']! > 0)).toBe(true);
      expect(await checksums()).toEqual(before);
      expect((await runner('plan', '-i', inventory, playbook, '--exit-code')).code).toBe(4);
    },
    3 * minutes,
  );

  it(
    'apply brings everything up within ten minutes',
    async () => {
      const started = Date.now();
      const said = await runner('apply', '-i', inventory, playbook);
      expect(`${said.stdout}${said.stderr}`.slice(-4000)).toContain('Done:');
      expect(said.code).toBe(0);
      expect(Date.now() - started).toBeLessThan(10 * minutes);
    },
    12 * minutes,
  );

  it(
    'ZooKeeper has one leader, and what is written on one member is read on another',
    async () => {
      const modes = await Promise.all(
        hostsOf('zookeeper').map((host) =>
          onHost(
            host,
            `exec 3<>/dev/null; printf srvr | timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/2181; cat >&3; cat <&3'`,
          ),
        ),
      );
      expect(modes.filter((text) => /^Mode: leader$/m.test(text))).toHaveLength(1);
      expect(modes.filter((text) => /^Mode: follower$/m.test(text))).toHaveLength(hostsOf('zookeeper').length - 1);
    },
    1 * minutes,
  );

  it(
    'one master is elected, every agent is active, and all Marathons name one leader',
    async () => {
      const metrics = await Promise.all(
        hostsOf('mesos_master').map(
          async (host) =>
            JSON.parse((await http(`http://${addressOf(host)}:5050/metrics/snapshot`)).text) as Record<string, number>,
        ),
      );
      expect(metrics.map((metric) => metric['master/elected']).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([
        0, 0, 1,
      ]);
      expect(metrics.find((metric) => metric['master/elected'] === 1)?.['master/slaves_active']).toBe(
        hostsOf('mesos_slave').length,
      );
      const leaders = await Promise.all(
        hostsOf('marathon').map(async (host) => (await http(`http://${addressOf(host)}:8080/v2/leader`)).text),
      );
      expect(new Set(leaders).size).toBe(1);
    },
    1 * minutes,
  );

  it(
    'a second apply changes nothing, and a plan says there is nothing to do',
    async () => {
      const again = await runner('apply', '-i', inventory, playbook);
      expect(again.code).toBe(0);
      expect(Object.entries(recapOf(again.stdout)).filter(([, row]) => row['changed'] !== 0)).toEqual([]);
      expect(again.stdout).toContain('Nothing to change');
      const plan = await runner('plan', '-i', inventory, playbook, '--exit-code');
      expect(plan.stdout).toContain('Nothing to do');
      expect(plan.code).toBe(0);
    },
    4 * minutes,
  );

  it(
    'a hand edit of zoo.cfg on one host is all that a plan shows, and apply mends it',
    async () => {
      const host = hostsOf('zookeeper')[1]!;
      await onHost(host, `sed -i 's/^syncLimit=.*/syncLimit=9/' /data/zookeeper/conf/zoo.cfg`);
      const plan = await runner('plan', '-i', inventory, playbook, '--exit-code');
      expect(plan.code).toBe(4);
      expect(plan.stdout).toContain('-syncLimit=9');
      expect(
        Object.entries(recapOf(plan.stdout))
          .filter(([, row]) => row['change']! > 0)
          .map(([name]) => name),
      ).toEqual([host]);
      const mended = await runner('apply', '-i', inventory, playbook);
      expect(mended.code).toBe(0);
      expect(await onHost(host, 'grep ^syncLimit /data/zookeeper/conf/zoo.cfg')).toBe('syncLimit=5\n');
    },
    5 * minutes,
  );

  it(
    "an app posted to any Marathon is served by both Bamboos' HAProxy, and survives its container and the leading Marathon's host",
    async () => {
      const marathon = addressOf(hostsOf('marathon')[2]!);
      const registry = registryAddress();
      expect(registry).toMatch(/^198\.18\.0\.\d+:5000$/);
      const app = {
        id: '/hello',
        cpus: 0.1,
        mem: 32,
        instances: 1,
        container: {
          type: 'DOCKER',
          docker: {
            image: `${registry}/lab/hello:1`,
            network: 'BRIDGE',
            portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'tcp' }],
          },
        },
      };
      const posted = await http(`http://${marathon}:8080/v2/apps`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(app),
      });
      expect(posted.status).toBe(201);
      const rule = await http(`http://${addressOf(hostsOf('bamboo')[0]!)}:8000/api/services`, {
        method: 'POST',
        body: JSON.stringify({ id: '/hello', acl: 'path_beg -i /hello' }),
      });
      expect(rule.status).toBe(200);
      const served = (host: string): Promise<string> =>
        eventually(`${host} serves /hello`, 60, async () => {
          const answer = await http(`http://${addressOf(host)}/hello`);
          return answer.status === 200 ? answer.text : undefined;
        });
      const first = await Promise.all(hostsOf('bamboo').map(served));
      expect(first.every((text) => text.length > 0)).toBe(true);

      const taskHosts = await Promise.all(
        hostsOf('mesos_slave').map(async (host) => ({
          host,
          ids: (await onHost(host, `docker ps -q --filter ancestor=${registry}/lab/hello:1`)).trim(),
        })),
      );
      const running = taskHosts.find((entry) => entry.ids !== '');
      expect(running).toBeDefined();
      await onHost(running!.host, `docker kill ${running!.ids}`);
      const killed = running!.ids;
      await eventually('a new container of the app', 60, async () => {
        const ids = (
          await Promise.all(
            hostsOf('mesos_slave').map((host) =>
              onHost(host, `docker ps -q --filter ancestor=${registry}/lab/hello:1`),
            ),
          )
        )
          .join('')
          .trim();
        return ids !== '' && ids !== killed ? ids : undefined;
      });
      await Promise.all(hostsOf('bamboo').map(served));

      const leader = (
        JSON.parse((await http(`http://${marathon}:8080/v2/leader`)).text) as { leader: string }
      ).leader.split(':')[0];
      const leadingHost = hostsOf('marathon').find((host) => addressOf(host) === leader || host === leader);
      expect(leadingHost).toBeDefined();
      await lab('stop', leadingHost!);
      await Promise.all(hostsOf('bamboo').map(served));
      const survivor = addressOf(hostsOf('marathon').find((host) => host !== leadingHost)!);
      await eventually('another Marathon leads', 60, async () => {
        const answer = await http(`http://${survivor}:8080/v2/leader`);
        return answer.status === 200 && !answer.text.includes(leader!) ? answer.text : undefined;
      });
      await Promise.all(hostsOf('bamboo').map(served));

      // The host that is down is named, the rest is looked after, exit 3.
      const apply = await runner('apply', '-i', inventory, playbook);
      expect(apply.stdout).toContain(`Not reached: ${leadingHost}`);
      expect(apply.code).toBe(3);
      const rows = recapOf(apply.stdout);
      expect(rows[leadingHost!]?.['unreachable']).toBe(1);
      expect(rows[hostsOf('bamboo')[0]!]?.['ok']).toBeGreaterThan(5);

      await lab('start', leadingHost!);
      await eventually('the host is back and all is in place', 120, async () =>
        (await runner('apply', '-i', inventory, playbook)).code === 0 ? true : undefined,
      );
    },
    8 * minutes,
  );

  it(
    'status says what runs where, which version and who leads',
    async () => {
      const said = await runner('status', '-i', inventory, '--exit-code');
      expect(said.code).toBe(0);
      for (const word of ['zookeeper', 'leader', 'follower', 'mesos', 'marathon', 'bamboo', ...allHosts()])
        expect(said.stdout.toLowerCase()).toContain(word);
    },
    1 * minutes,
  );
});
