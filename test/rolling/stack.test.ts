import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, registryAddress, runner } from '../lab/harness.js';
import { startRunner } from './harness.js';
import { disturbed } from './stack-disturbances.js';
import {
  apply,
  bringUpStack,
  electedMaster,
  expectNothingKept,
  expectSameIdentities,
  expectSteady,
  failedOf,
  hostsOf,
  imagesOf,
  impatient,
  inventories,
  leadingMarathon,
  marathonVersion,
  onHost,
  others,
  removeScratch,
  savedInventory,
  stepsIn,
  stranger,
  underTraffic,
  upgrade,
  words,
} from './stack-story.js';

/**
 * Masters, agents, Marathon and Bamboo (the lab's stand-ins) are upgraded under an app that is asked for through both
 * HAProxies all the time; each with a bad image first, and disturbed on the way. One cluster, in the order of an upgrade of
 * the whole stack.
 */
const minutes = 60_000;

beforeAll(bringUpStack, 10 * minutes);
afterAll(removeScratch);

it('shows the whole way from the bottom of the stack to its top', { timeout: 2 * minutes }, async () => {
  const said = await upgrade(['bamboo=0.3.1', 'marathon=1.6.549', 'mesos=1.9.0'], {}, '--plan');
  expect(said.code, words(said)).toBe(0);
  // Bamboo before the Marathon that calls nobody back: it is switched to the event stream first.
  expect([...said.stdout.matchAll(/^\d+ {2}(\S.*?) {2,}\S+ → (\S+)/gm)].map(([, what, to]) => `${what} ${to}`)).toEqual(
    ['Mesos masters 1.9.0', 'Mesos agents 1.9.0', 'Bamboo 0.3.1', 'Marathon 1.5.15', 'Marathon 1.6.549'],
  );
});

it('refuses ways that do not exist, with an exit code of their own', { timeout: 2 * minutes }, async () => {
  for (const [word, reason] of [
    ['mesos=0.28.3', 'refused: Mesos'],
    ['marathon=1.3.14', 'refused: Marathon'],
  ] as const) {
    const said = await upgrade([word]);
    expect(said.code, words(said)).toBe(2);
    expect(words(said)).toContain(reason);
    expect(words(said)).toContain('Nothing was touched.');
  }
});

it('stops after one master whose image is bad and brings the old one back', { timeout: 4 * minutes }, async () => {
  const bad = { mesos_master_image: stranger(), mesos_master_start_timeout: 15 };
  const rolled = await underTraffic('masters with a bad image', () => upgrade(['mesos=1.9.0'], bad));
  expect(rolled.said.code, words(rolled.said)).toBe(1);
  expect(stepsIn(rolled.said)).toHaveLength(1);
  expect(words(rolled.said)).toContain('was rolled back');
  expect(await imagesOf('mesos_master', 'mmaster')).toEqual(Array(3).fill('running mesos-master:1.4.1'));
  await expectSteady(rolled);
});

it(
  'takes masters from 1.4.1 to 1.9.0, the elected one last, and stops after one agent whose image is bad',
  { timeout: 6 * minutes },
  async () => {
    const leader = await electedMaster();
    const bad = { mesos_slave_image: `${registryAddress()}/lab/marathon:1.4.14` };
    const rolled = await underTraffic('masters 1.4.1 → 1.9.0, then agents with a bad image', () =>
      upgrade(['mesos=1.9.0'], bad),
    );
    expect(rolled.said.code, words(rolled.said)).toBe(1);
    const steps = stepsIn(rolled.said);
    expect(steps.slice(0, 3)).toEqual(
      [...others(hostsOf('mesos_master'), leader), leader].map((host) => `${host} next`),
    );
    expect(steps).toHaveLength(4);
    expect(await imagesOf('mesos_master', 'mmaster')).toEqual(Array(3).fill('running mesos-master:1.9.0'));
    expect(await imagesOf('mesos_slave', 'mslave')).toEqual(Array(2).fill('running mesos-slave:1.4.1'));
    expect(words(rolled.said)).toContain('The same command again goes on from here.');
    await expectSteady(rolled);
  },
);

it('goes on with the agents, under their ids and with their tasks', { timeout: 4 * minutes }, async () => {
  const rolled = await underTraffic('agents 1.4.1 → 1.9.0', () => upgrade(['mesos=1.9.0']));
  expect(rolled.said.code, words(rolled.said)).toBe(0);
  expect(stepsIn(rolled.said)).toHaveLength(2);
  expect(await imagesOf('mesos_slave', 'mslave')).toEqual(Array(2).fill('running mesos-slave:1.9.0'));
  expect(savedInventory()).toContain('mesos_version: 1.9.0');
  await expectSteady(rolled);
});

for (const { title, group, container, ports, leader, change, hastyChange, lacks } of disturbed) {
  const pid = `"$(docker inspect --format {{.State.Pid}} ${container})"`;

  it(`${title}: the leader is killed in the middle of a restart`, { timeout: 4 * minutes }, async () => {
    const first = await leader();
    const rolled = await underTraffic(`${title} restarted, the leader killed in the middle`, async () => {
      const running = startRunner(...change(0));
      await eventually('the first step is proved', 120, () =>
        Promise.resolve(/gate holds/.test(running.output()) ? true : undefined),
      );
      await onHost(first, `kill -9 ${pid}`);
      return running.ended;
    });
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(stepsIn(rolled.said)).toHaveLength(3);
    await expectSteady(rolled);
  });

  it(`${title}: the runner is killed in the middle, and run again`, { timeout: 4 * minutes }, async () => {
    const last = await leader();
    const rolled = await underTraffic(`${title} restarted, the runner killed in the middle and run again`, async () => {
      const running = startRunner(...change(1));
      await eventually('a host is being stepped', 120, async () => {
        const names = await Promise.all(
          hostsOf(group).map((host) => onHost(host, "docker ps -a --format '{{.Names}}'")),
        );
        return names.some((each) => each.includes(`${container}.old-`)) ? true : undefined;
      });
      running.kill();
      await running.ended;
      // The dead run's lock is held against others until it has not been refreshed for half a minute.
      return eventually('the lock of the killed run is stale', 120, async () => {
        const said = await runner(...change(1), '--output', 'plain');
        return words(said).includes('another run works on') ? undefined : said;
      });
    });
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(stepsIn(rolled.said)).toHaveLength(3);
    expect(stepsIn(rolled.said).at(-1)).toBe(`${last} next`);
    await expectSteady(rolled);
  });

  it(`${title}: the network to one member is cut in the middle`, { timeout: 6 * minutes }, async () => {
    const standbys = others(hostsOf(group), await leader());
    const [stepped = '', cut = ''] = standbys;
    const rules = ['INPUT ! -i lo', 'OUTPUT ! -o lo'].flatMap((chain) =>
      ['--dport', '--sport'].map((side) => `${chain} -p tcp -m multiport ${side}s ${ports} -j DROP`),
    );
    let begun: readonly string[] = [];
    const rolled = await underTraffic(`${title} restarted, the network to one member cut in the middle`, async () => {
      const running = startRunner(...hastyChange());
      await eventually(`${stepped} is being stepped`, 120, () =>
        Promise.resolve(running.output().includes(`→ ${stepped} next`) ? true : undefined),
      );
      // The program stands still while the network is cut, so that no step can begin in between, however busy the machine is.
      running.pause();
      try {
        await onHost(cut, rules.map((rule) => `iptables -I ${rule}`).join('\n'));
        begun = stepsIn({ stdout: running.output() });
      } finally {
        running.resume();
      }
      try {
        return await running.ended;
      } finally {
        await onHost(cut, rules.map((rule) => `iptables -D ${rule}`).join('\n'));
      }
    });
    expect(rolled.said.code, words(rolled.said)).toBe(1);
    expect(words(rolled.said)).toMatch(lacks);
    expect(begun[0]).toBe(`${stepped} next`);
    expect(stepsIn(rolled.said)).toEqual(begun);
    expect(failedOf(rolled), JSON.stringify(rolled.reasons)).toBe(0);
    const again = await eventually('it is gone on with', 120, async () => {
      const said = await runner(...hastyChange(), '--output', 'plain');
      return said.code === 0 ? said : undefined;
    });
    expect(stepsIn(again).length).toBeGreaterThan(0);
    await expectSteady(rolled);
  });
}

it(
  'starts again what it had stopped for a Marathon that does not come up, and says what the gate lacked',
  { timeout: 4 * minutes },
  async () => {
    const bad = { marathon_version: '1.5.15', marathon_image: stranger() };
    const rolled = await underTraffic('Marathon with a bad image', () =>
      apply(impatient('marathon'), bad, '--skip-tags', 'verify'),
    );
    expect(rolled.said.code, words(rolled.said)).not.toBe(0);
    expect(stepsIn(rolled.said).map((step) => step.split(' ')[1])).toEqual(['stop', 'next']);
    expect(words(rolled.said)).toContain('the instance answers and knows the leader');
    expect(await imagesOf('marathon', 'marathon')).toEqual(Array(3).fill('running marathon:1.4.14'));
    await expectSteady(rolled);
  },
);

it(
  'hands Marathon over from 1.4.14 to 1.5.15 by its own procedure, without a failed request',
  { timeout: 4 * minutes },
  async () => {
    const leader = await leadingMarathon();
    const [heir = '', rest = ''] = others(hostsOf('marathon'), leader);
    const rolled = await underTraffic('Marathon 1.4.14 → 1.5.15', () => upgrade(['marathon=1.5.15']));
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(stepsIn(rolled.said).slice(0, 3)).toEqual([`${rest} stop`, `${heir} next`, `${leader} stop`]);
    expect(await leadingMarathon()).toBe(heir);
    expect(await marathonVersion()).toBe('1.5.15');
    expect(await imagesOf('marathon', 'marathon')).toEqual(Array(3).fill('running marathon:1.5.15'));
    await expectSteady(rolled);
  },
);

it(
  'hands Marathon over to 1.6.549 although the runner is killed in the middle of it',
  { timeout: 6 * minutes },
  async () => {
    const rolled = await underTraffic('Marathon 1.5.15 → 1.6.549, the runner killed in the hand-over', async () => {
      const running = startRunner('upgrade', 'marathon=1.6.549', ...inventories(), '--yes', '--save');
      await eventually('the new one starts beside the old leader', 180, () =>
        Promise.resolve(/^→ \S+ next/m.test(running.output()) ? true : undefined),
      );
      running.kill();
      await running.ended;
      return eventually('the lock of the killed run is stale', 120, async () => {
        const said = await upgrade(['marathon=1.6.549']);
        return words(said).includes('another run works on') ? undefined : said;
      });
    });
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(await marathonVersion()).toBe('1.6.549');
    expect(await imagesOf('marathon', 'marathon')).toEqual(Array(3).fill('running marathon:1.6.549'));
    await expectSteady(rolled);
  },
);

it(
  'stops after one Bamboo whose image is bad; the other HAProxy serves all the time',
  { timeout: 4 * minutes },
  async () => {
    const bad = { bamboo_image: `${registryAddress()}/lab/marathon:1.4.14` };
    const rolled = await underTraffic('Bamboo with a bad image', () => upgrade(['bamboo=0.3.1'], bad));
    expect(rolled.said.code, words(rolled.said)).toBe(1);
    expect(stepsIn(rolled.said)).toHaveLength(1);
    expect(await imagesOf('bamboo', 'bamboo')).toEqual(Array(2).fill('running bamboo:0.2.20'));
    expect(rolled.nowhere).toBe(0);
    await expectNothingKept();
  },
);

it(
  'takes Bamboo from 0.2.20 to 0.3.1 one by one; one HAProxy serves all the time',
  { timeout: 4 * minutes },
  async () => {
    const rolled = await underTraffic('Bamboo 0.2.20 → 0.3.1', () => upgrade(['bamboo=0.3.1']));
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(await imagesOf('bamboo', 'bamboo')).toEqual(Array(2).fill('running bamboo:0.3.1'));
    expect(rolled.nowhere).toBe(0);
    await expectSameIdentities();
  },
);

it('refuses to take Marathon back, and says what to do instead', { timeout: 2 * minutes }, async () => {
  const said = await upgrade(['marathon=1.5.15']);
  expect(said.code, words(said)).toBe(2);
  expect(words(said)).toMatch(/refused: Marathon 1\.6\.549 .*1\.5\.15/);
  expect(stepsIn(said)).toEqual([]);
});
