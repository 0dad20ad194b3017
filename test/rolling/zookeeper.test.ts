import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, onHost, registryAddress, runner, type Said } from '../lab/harness.js';
import { figure, labAlone, runnerOnTerminal, startRunner } from './harness.js';
import { askByBash, fewestServing } from './witness.js';
import { membershipTests } from './membership.js';
import {
  bringUp,
  changeArguments,
  containerId,
  expectCleanHop,
  expectNothingLost,
  leaderNow,
  leftOn,
  members,
  savedVersion,
  serverOf,
  servers,
  underTraffic,
  upgradeArguments,
  versionOn,
  youngMembers,
} from './zookeeper-story.js';

// One story on three hosts, told in order: each test stands on the one before it.
const minutes = 60_000;

const serves = async (host: string): Promise<true | undefined> =>
  /^Mode: (leader|follower)/m.test(askByBash(serverOf(host), 'srvr')) ? true : undefined;

async function allServe(): Promise<void> {
  for (const host of members()) await eventually(`${host} serves`, 90, () => serves(host));
  await eventually('the leader counts two followers', 60, async () =>
    /^zk_synced_followers\t2(\.0)?$/m.test(askByBash(serverOf(await leaderNow()), 'mntr')) ? true : undefined,
  );
}

const containers = (): Promise<readonly string[]> => Promise.all(members().map(containerId));

/** Does something that must touch no container, and gives what was said. */
async function untouched(work: () => Promise<Said>): Promise<{ readonly code: number | null; readonly words: string }> {
  const before = await containers();
  const { code, stdout, stderr } = await work();
  expect(await containers(), stdout + stderr).toEqual(before);
  return { code, words: stdout + stderr };
}

const someFollower = async (): Promise<string> => {
  const leader = await leaderNow();
  return members().find((host) => host !== leader) ?? '';
};

describe('a live ZooKeeper of three', () => {
  beforeAll(async () => {
    await bringUp('3.4.13', { hosts: ['node6', 'node7', 'node8'], images: ['zookeeper', 'hello:1'] });
  }, 8 * minutes);

  it('shows the way of an upgrade and touches nothing', { timeout: 2 * minutes }, async () => {
    const leader = await leaderNow();
    const { code, words } = await untouched(() => runner(...upgradeArguments('3.9.3', '--plan')));
    expect(code, words).toBe(0);
    // Not straight to 3.9: over 3.8, each with the leader last.
    expect(words).toMatch(new RegExp(`3\\.4\\.13 → 3\\.8\\.\\d.*${leader} \\(leads\\)[^]*→ 3\\.9\\.3`));
  });

  it('touches nothing when an image cannot be pulled', { timeout: 2 * minutes }, async () => {
    const { code, words } = await untouched(() => runner(...upgradeArguments('3.8.4', '--yes')));
    expect(code).toBe(1);
    expect(words).toMatch(/manifest .*zookeeper:3\.8\.4 not found/);
    expect(words).toContain('No container was touched: not every image is there.');
  });

  it('goes from a young 3.4.13 to 3.8.0, the first host watched for a while', { timeout: 10 * minutes }, async () => {
    const young = await youngMembers();
    figure('members of the young 3.4.13 with a log and no snapshot', young.length);
    expect(young.length).toBeGreaterThan(0);
    const flags = ['--canary', '1', '--soak', '5s', '--yes', '--save'];
    const rolled = await underTraffic('3.4.13 → 3.8.0', () => runner(...upgradeArguments('3.8.0', ...flags)));
    await expectCleanHop(rolled, '3.8.0');
    expect(rolled.said.stdout.match(/gate held all the time after/g)).toHaveLength(1);
    expect(savedVersion()).toBe('3.8.0');
  });

  it(
    'has taken back the leave to start without a snapshot, and every member survives a plain restart',
    { timeout: 6 * minutes },
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
  );

  it('refuses the way back to 3.4 and says where it leads', { timeout: 2 * minutes }, async () => {
    const { code, words } = await untouched(() => runner(...upgradeArguments('3.4.13', '--yes')));
    expect(code).toBe(2);
    expect(words).toContain('refused: ZooKeeper 3.8.0 runs, and 3.4.13 is older');
    expect(words).toContain('hint: the way back is to restore the backup');
  });

  it('refuses an upgrade while a follower is down, with the arithmetic', { timeout: 3 * minutes }, async () => {
    const down = await someFollower();
    await onHost(down, 'docker stop zookeeper');
    const { code, words } = await untouched(() => runner(...upgradeArguments('3.9.3', '--yes')));
    await onHost(down, 'docker start zookeeper');
    expect(code).toBe(1);
    expect(words).toContain(`refused: ZooKeeper on ${down} is not well`);
    expect(words).toContain('; 2 of 3 serve and 2 are needed, so no other can be taken away');
    await allServe();
  });

  it(
    'stops after one host when the image is no ZooKeeper, brings that host back and never goes below two that serve',
    { timeout: 6 * minutes },
    async () => {
      const ids = await containers();
      const bad = [
        '-e',
        `zookeeper_image=${registryAddress()}/lab/hello:1`,
        '-e',
        '{"zookeeper_start_timeout": 15}',
        '--yes',
      ];
      const rolled = await underTraffic('an image that is no ZooKeeper', () =>
        runner(...upgradeArguments('3.9.3', ...bad)),
      );
      expect(rolled.said.code).toBe(1);
      expect(rolled.said.stdout + rolled.said.stderr).toMatch(/node\d was rolled back/);
      expect(rolled.said.stdout).toContain('The same command again goes on from here.');
      expectNothingLost(rolled);
      expect(rolled.elections).toBe(0);
      expect(fewestServing(rolled.samples, servers())).toBeGreaterThanOrEqual(2);
      expect(rolled.said.stdout.match(/^→ node\d next/gm)?.length).toBe(1);
      expect(await containers()).toEqual(ids);
      for (const host of members()) expect(await leftOn(host)).toBe('zookeeper\n');
      await allServe();
    },
  );

  it(
    'goes from 3.8.0 to 3.9.3, stopped by a no before the second host and gone on with',
    { timeout: 10 * minutes },
    async () => {
      const before = await containers();
      const leader = await leaderNow();
      const rolled = await underTraffic('3.8.0 → 3.9.3, with a pause after the first host', async () => {
        const question = /Go on with node\d\? \(yes\/no\)/;
        const stopped = await runnerOnTerminal(upgradeArguments('3.9.3', '--yes', '--pause'), [
          { question, answer: 'no' },
        ]);
        expect(stopped.code, stopped.stdout).toBe(1);
        expect(stopped.stdout).toContain('the user stopped it before');
        expect(stopped.stdout).toContain('The same command again goes on from here.');
        // One host is new, nothing of its step is left, and the others were not touched.
        const now = await containers();
        expect(now.filter((id, index) => id !== before[index])).toHaveLength(1);
        for (const host of members()) expect(await leftOn(host)).toBe('zookeeper\n');
        expect(members().filter((host) => versionOn(host) === '3.9.3')).toHaveLength(1);
        expect(await leaderNow()).toBe(leader);
        return runner(...upgradeArguments('3.9.3', '--yes', '--save'));
      });
      await expectCleanHop(rolled, '3.9.3');
      expect(rolled.said.stdout.match(/^→ node\d next/gm)).toHaveLength(2);
      expect(savedVersion()).toBe('3.9.3');
    },
  );

  it('asks the leader again when it is killed in the middle, and finishes', { timeout: 6 * minutes }, async () => {
    const leader = await leaderNow();
    const rolled = await underTraffic('the leader killed in the middle of a change of zoo.cfg', async () => {
      const running = startRunner(...changeArguments({ zookeeper_sync_limit: 6 }));
      await eventually('the first step is proved', 120, () =>
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
  });

  it('goes on after the runner was killed in the middle of a step', { timeout: 6 * minutes }, async () => {
    const rolled = await underTraffic('the runner killed in the middle of a step, and run again', async () => {
      const change = changeArguments({ zookeeper_sync_limit: 7 });
      const running = startRunner(...change);
      await eventually('a host is being stepped', 120, async () => {
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
  });

  it(
    'goes no further when the network to another member is cut in the middle, and is gone on with once it is mended',
    { timeout: 8 * minutes },
    async () => {
      const leader = await leaderNow();
      const [stepped = '', cut = ''] = members().filter((host) => host !== leader);
      const block = ['INPUT', 'OUTPUT'].flatMap((chain) =>
        ['--dport', '--sport'].map((side) => `${chain} -p tcp -m multiport ${side}s 2181,2888,3888 -j DROP`),
      );
      const change = changeArguments({ zookeeper_sync_limit: 8, zookeeper_init_limit: 5, zookeeper_start_timeout: 20 });
      const rolled = await underTraffic('the network to one member cut in the middle', async () => {
        const running = startRunner(...change);
        await eventually(`${stepped} is being stepped`, 120, () =>
          Promise.resolve(running.output().includes(`→ ${stepped} next`) ? true : undefined),
        );
        await onHost(cut, block.map((rule) => `iptables -I ${rule}`).join('\n'));
        try {
          return await running.ended;
        } finally {
          await onHost(cut, block.map((rule) => `iptables -D ${rule}`).join('\n'));
        }
      });
      const words = rolled.said.stdout + rolled.said.stderr;
      expect(rolled.said.code, words).toBe(1);
      // The one that was cut off is named, and nobody else's turn has come.
      expect(words).toContain(`${cut}: it leads or follows`);
      expect(words).not.toMatch(new RegExp(`^→ (${cut}|${leader}) next`, 'm'));
      expectNothingLost(rolled);
      await allServe();
      const again = await runner(...change);
      expect(again.code, again.stdout + again.stderr).toBe(0);
      for (const host of members()) expect(await leftOn(host)).toBe('zookeeper\n');
    },
  );

  it('refuses to touch a member while the host of another is down', { timeout: 4 * minutes }, async () => {
    const down = await someFollower();
    await labAlone('kill', down);
    const others = members().filter((host) => host !== down);
    const ids = await Promise.all(others.map(containerId));
    const said = await runner(...changeArguments({ zookeeper_sync_limit: 9 }));
    const words = said.stdout + said.stderr;
    expect(said.code, words).not.toBe(0);
    expect(words).toMatch(/would leave 1 of 3 serving, 2 are needed/);
    expect(words).toContain(`${down} is down`);
    expect(await Promise.all(others.map(containerId))).toEqual(ids);
    const upgrade = await runner(...upgradeArguments('3.9.4', '--yes'));
    expect(upgrade.code).not.toBe(0);
    expect(upgrade.stdout + upgrade.stderr).toContain(`${down} cannot be reached`);
    expect(members().flatMap((host) => versionOn(host) ?? [])).toEqual(['3.9.3', '3.9.3']);
    await labAlone('start', down);
    await allServe();
  });
});

describe('who belongs to it', () =>
  membershipTests({ zookeeper_version: '3.9.3', zookeeper_sync_limit: 8, zookeeper_init_limit: 5 }));
