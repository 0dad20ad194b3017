import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, lab, onHost, registryAddress, runner } from '../lab/harness.js';
import { figure, freshLab, startRunner } from './harness.js';
import { fewestServing } from './witness.js';
import {
  applyArguments,
  bringUp,
  containerId,
  expectCleanHop,
  expectNothingLost,
  leaderNow,
  leftOn,
  members,
  serverOf,
  servers,
  underTraffic,
  versionOn,
  youngMembers,
} from './zookeeper-story.js';
import { askByBash } from './witness.js';

// One story on three hosts, told in order: each test stands on the one before it.
const minutes = 60_000;

const serves = async (host: string): Promise<true | undefined> =>
  /^Mode: (leader|follower)/m.test(askByBash(serverOf(host), 'srvr')) ? true : undefined;

async function allServe(): Promise<void> {
  for (const host of members()) await eventually(`${host} serves`, 90, () => serves(host));
  await eventually('the leader counts two followers', 60, () =>
    Promise.resolve(
      /^zk_synced_followers\t2(\.0)?$/m.test(askByBash(serverOf(leaderNow()), 'mntr')) ? true : undefined,
    ),
  );
}

describe('a live ZooKeeper of three', () => {
  beforeAll(async () => {
    await freshLab({ hosts: 3, images: ['zookeeper', 'hello:1'] });
    await bringUp('3.4.13');
  }, 8 * minutes);

  it(
    'goes from a young 3.4.13 to 3.8.0',
    async () => {
      const young = await youngMembers();
      figure('members of the young 3.4.13 with a log and no snapshot', young.length);
      expect(young.length).toBeGreaterThan(0);
      const rolled = await underTraffic('3.4.13 → 3.8.0', () => runner(...applyArguments('3.8.0')));
      await expectCleanHop(rolled, '3.8.0');
    },
    10 * minutes,
  );

  it(
    'has taken back the leave to start without a snapshot, and every member survives a plain restart',
    async () => {
      expect(await youngMembers()).toEqual([]);
      for (const host of members()) {
        const left = await onHost(
          host,
          `cat /data/zookeeper/conf/java.env /data/zookeeper/conf/zoo.cfg; docker inspect --format '{{json .Config}}' zookeeper`,
        );
        expect(left).not.toContain('trust.empty');
        await onHost(host, 'docker restart zookeeper');
        await eventually(`${host} serves after a restart`, 90, () => serves(host));
      }
      await allServe();
    },
    10 * minutes,
  );

  it(
    'goes on from 3.8.0 to 3.9.3',
    async () => {
      const rolled = await underTraffic('3.8.0 → 3.9.3', () => runner(...applyArguments('3.9.3')));
      await expectCleanHop(rolled, '3.9.3');
    },
    10 * minutes,
  );

  it('refuses the way back to 3.4 and touches nothing', async () => {
    const ids = await Promise.all(members().map(containerId));
    const said = await runner(...applyArguments('3.4.13'));
    expect(said.code).not.toBe(0);
    expect(said.stdout + said.stderr).toMatch(/it runs 3\.9\.3, and there is no way back to 3\.4\.13/);
    expect(await Promise.all(members().map(containerId))).toEqual(ids);
  }, 60_000);

  it(
    'stops after one host when the image is no ZooKeeper, brings that host back and never goes below two that serve',
    async () => {
      const ids = await Promise.all(members().map(containerId));
      const image = `zookeeper_image=${registryAddress()}/lab/hello:1`;
      const rolled = await underTraffic('an image that is no ZooKeeper', () =>
        runner(...applyArguments('3.9.3', ['-e', image, '-e', '{"zookeeper_start_timeout": 15}'])),
      );
      expect(rolled.said.code).not.toBe(0);
      expect(rolled.said.stdout + rolled.said.stderr).toMatch(/node\d was rolled back/);
      expectNothingLost(rolled);
      expect(rolled.elections).toBe(0);
      expect(fewestServing(rolled.samples, servers())).toBeGreaterThanOrEqual(2);
      expect(rolled.said.stdout.match(/^→ node\d next/gm)?.length).toBe(1);
      expect(await Promise.all(members().map(containerId))).toEqual(ids);
      for (const host of members()) expect(await leftOn(host)).toBe('zookeeper\n');
      await allServe();
    },
    10 * minutes,
  );

  it(
    'asks the leader again when it is killed in the middle, and finishes',
    async () => {
      const leader = leaderNow();
      const rolled = await underTraffic('the leader killed in the middle of a change of zoo.cfg', async () => {
        const running = startRunner(...applyArguments('3.9.3', ['-e', '{"zookeeper_sync_limit": 6}']));
        await eventually('the first step is proved', 400, () =>
          Promise.resolve(/gate holds/.test(running.output()) ? true : undefined),
        );
        await onHost(leader, 'kill -9 "$(docker inspect --format {{.State.Pid}} zookeeper)"');
        return running.ended;
      });
      expect(rolled.said.stdout.slice(-3000) + rolled.said.stderr).toContain('Done:');
      expect(rolled.said.code).toBe(0);
      expectNothingLost(rolled);
      await allServe();
      for (const host of members())
        expect(await onHost(host, 'grep ^syncLimit /data/zookeeper/conf/zoo.cfg')).toBe('syncLimit=6\n');
    },
    10 * minutes,
  );

  it(
    'goes on after the runner was killed in the middle of a step',
    async () => {
      const rolled = await underTraffic('the runner killed in the middle of a step, and run again', async () => {
        const change = applyArguments('3.9.3', ['-e', '{"zookeeper_sync_limit": 7}']);
        const running = startRunner(...change);
        await eventually('a host is being stepped', 400, async () => {
          const kept = await Promise.all(members().map(leftOn));
          return kept.some((words) => words.includes('zookeeper.old-')) ? true : undefined;
        });
        running.kill();
        await running.ended;
        // The dead run's lock is held against others until it has not been refreshed for half a minute.
        return eventually('the lock of the killed run is stale', 120, async () => {
          const said = await runner(...change);
          return (said.stdout + said.stderr).includes('another run works on') ? undefined : said;
        });
      });
      expect(rolled.said.stdout.slice(-3000) + rolled.said.stderr).toContain('Done:');
      expect(rolled.said.code).toBe(0);
      expectNothingLost(rolled);
      expect(rolled.elections).toBe(1);
      for (const host of members()) {
        expect(await leftOn(host)).toBe('zookeeper\n');
        expect(await onHost(host, 'grep ^syncLimit /data/zookeeper/conf/zoo.cfg')).toBe('syncLimit=7\n');
      }
    },
    10 * minutes,
  );

  it(
    'stops and rolls back when the network to another member is cut in the middle',
    async () => {
      const leader = leaderNow();
      const [stepped = '', cut = ''] = members().filter((host) => host !== leader);
      const block = ['INPUT', 'OUTPUT'].flatMap((chain) =>
        ['--dport', '--sport'].map((side) => `${chain} -p tcp -m multiport ${side}s 2181,2888,3888 -j DROP`),
      );
      const rolled = await underTraffic('the network to one member cut in the middle', async () => {
        const running = startRunner(
          ...applyArguments('3.9.3', ['-e', '{"zookeeper_sync_limit": 8}', '-e', '{"zookeeper_start_timeout": 20}']),
        );
        await eventually(`${stepped} is being stepped`, 400, () =>
          Promise.resolve(running.output().includes(`→ ${stepped} next`) ? true : undefined),
        );
        await onHost(cut, block.map((rule) => `iptables -I ${rule}`).join('\n'));
        const said = await running.ended;
        await onHost(cut, block.map((rule) => `iptables -D ${rule}`).join('\n'));
        return said;
      });
      expect(rolled.said.code).not.toBe(0);
      // The first host, when it could not come up without the other; else the other, whose own step could not be proved.
      expect(rolled.said.stdout + rolled.said.stderr).toMatch(new RegExp(`(${stepped}|${cut}) was rolled back`));
      expect(rolled.said.stdout + rolled.said.stderr).toContain(cut);
      expectNothingLost(rolled);
      await allServe();
    },
    10 * minutes,
  );

  it(
    'refuses to touch a member while another is down, with the arithmetic',
    async () => {
      const down = members().find((host) => host !== leaderNow()) ?? '';
      await lab('kill', down);
      const others = members().filter((host) => host !== down);
      const ids = await Promise.all(others.map(containerId));
      const said = await runner(...applyArguments('3.9.3', ['-e', '{"zookeeper_sync_limit": 9}']));
      expect(said.code).not.toBe(0);
      expect(said.stdout + said.stderr).toMatch(/would leave 1 of 3 serving, 2 are needed/);
      expect(said.stdout + said.stderr).toContain(`${down} is down`);
      expect(await Promise.all(others.map(containerId))).toEqual(ids);
      await lab('start', down);
      await allServe();
      expect(members().map(versionOn)).toEqual(members().map(() => '3.9.3'));
    },
    10 * minutes,
  );
});
