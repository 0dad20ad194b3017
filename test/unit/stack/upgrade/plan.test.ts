import { describe, expect, it } from 'vitest';
import { planUpgrade, type UpgradePlan } from '../../../../src/stack/upgrade/plan.js';
import { ensemble, liveOf, targetsOf, type Program } from './live.js';

interface Asked {
  readonly words: readonly string[];
  readonly programs: readonly Program[];
  readonly away?: readonly string[];
  readonly chosen?: readonly string[];
  readonly acceptOutage?: boolean;
}

function plan({ words, programs, away = [], chosen, acceptOutage = false }: Asked): UpgradePlan {
  const live = liveOf(programs, away);
  return planUpgrade({
    targets: targetsOf(...words),
    live,
    chosen: new Set(chosen ?? programs.map(({ host }) => host)),
    acceptOutage,
  });
}

const hopsOf = (asked: Asked): readonly string[] => {
  const { hops, problems } = plan(asked);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return hops.map(({ part, from, to, hosts }) => `${part} ${from.join(',')} → ${to}: ${hosts.join(' ')}`);
};
const waysOf = (asked: Asked): readonly string[] => hopsOf(asked).map((line) => line.split(':')[0] ?? '');
const problemsOf = (asked: Asked): readonly string[] =>
  plan(asked).problems.map(({ kind, message, hint }) => `${kind}: ${message}${hint === undefined ? '' : ` | ${hint}`}`);

const three = (version: string): readonly string[] => [version, version, version];

describe('the plan of an upgrade', () => {
  it('takes the leader last', () => {
    expect(hopsOf({ words: ['zookeeper=3.8.0'], programs: ensemble('zookeeper', three('3.4.13')) })).toEqual([
      'zookeeper 3.4.13 → 3.8.0: node2 node3 node1',
    ]);
  });

  it('goes on where a rollout was cut off, with the hosts that are left', () => {
    const programs = ensemble('zookeeper', ['3.4.13', '3.8.0', '3.4.13']);
    const [hop] = plan({ words: ['zookeeper=3.8.0'], programs }).hops;
    expect(hop).toMatchObject({ hosts: ['node3', 'node1'], there: ['node2'], leader: 'node1' });
  });

  it('finishes what was begun before it goes on to a later version', () => {
    const programs = ensemble('zookeeper', ['3.4.13', '3.8.0', '3.4.13']);
    expect(hopsOf({ words: ['zookeeper=3.9.3'], programs })).toEqual([
      'zookeeper 3.4.13 → 3.8.0: node3 node1',
      'zookeeper 3.8.0 → 3.9.3: node2 node3 node1',
    ]);
  });

  it.each([
    ['there is no container', { kept: true }],
    ['its container ended with exit code 0', { begun: true }],
  ])('takes a member first that a cut-off step left down, and says so: %s', (ill, left) => {
    const programs = ensemble('zookeeper', three('3.4.13')).map((program) =>
      program.host === 'node3' ? { host: 'node3', component: 'zookeeper' as const, ill, ...left } : program,
    );
    const made = plan({ words: ['zookeeper=3.8.0'], programs });
    expect(made.problems).toEqual([]);
    expect(made.hops[0]?.hosts).toEqual(['node3', 'node2', 'node1']);
    expect(made.notes.join('\n')).toContain(`was cut off on node3 (${ill})`);
  });

  it('has nothing to do where all run the version', () => {
    expect(hopsOf({ words: ['zookeeper=3.8.0'], programs: ensemble('zookeeper', three('3.8.0')) })).toEqual([]);
  });

  it('says who stays behind when --limit leaves them out', () => {
    const made = plan({
      words: ['zookeeper=3.8.0'],
      programs: ensemble('zookeeper', three('3.4.13')),
      chosen: ['node2'],
    });
    expect(made.hops[0]?.hosts).toEqual(['node2']);
    expect(made.notes).toEqual(['--limit leaves node1, node3 out: ZooKeeper there stays at 3.4.13']);
  });

  it('orders the whole stack from the bottom up', () => {
    const programs = [
      ...ensemble('zookeeper', three('3.4.13')),
      ...ensemble('mesos-master', three('1.4.1')),
      ...ensemble('mesos-slave', three('1.4.1'), 'a'),
      ...ensemble('marathon', three('1.5.15')),
      ...ensemble('bamboo', ['0.2.20', '0.2.20'], 'a'),
    ];
    const words = ['bamboo=0.3.1', 'marathon=1.6.549', 'mesos=1.9.0', 'zookeeper=3.8.0'];
    expect(waysOf({ words, programs })).toEqual([
      'zookeeper 3.4.13 → 3.8.0',
      'mesos-master 1.4.1 → 1.9.0',
      'mesos-slave 1.4.1 → 1.9.0',
      'marathon 1.5.15 → 1.6.549',
      'bamboo 0.2.20 → 0.3.1',
    ]);
  });

  it('brings all agents to 1.0 before the masters go on', () => {
    const programs = [...ensemble('mesos-master', three('0.28.1')), ...ensemble('mesos-slave', three('0.28.1'), 'a')];
    expect(waysOf({ words: ['mesos=1.9.0'], programs })).toEqual([
      'mesos-master 0.28.1 → 1.0.4',
      'mesos-slave 0.28.1 → 1.0.4',
      'mesos-master 1.0.4 → 1.9.0',
      'mesos-slave 1.0.4 → 1.9.0',
    ]);
  });

  it('switches Bamboo to the event stream before Marathon loses its callbacks', () => {
    const programs = [...ensemble('marathon', three('1.4.14')), ...ensemble('bamboo', ['0.2.20', '0.2.20'], 'a')];
    const made = plan({ words: ['marathon=1.5.15'], programs });
    expect(made.problems).toEqual([]);
    expect(made.hops.map(({ part, to, eventStream }) => [part, to, eventStream])).toEqual([
      ['bamboo', '0.2.20', true],
      ['marathon', '1.5.15', false],
    ]);
  });

  it('takes the upgrade of Bamboo before Marathon when only that knows the event stream', () => {
    const programs = [...ensemble('marathon', three('1.4.14')), ...ensemble('bamboo', ['0.2.11', '0.2.11'], 'a')];
    expect(waysOf({ words: ['marathon=1.5.15', 'bamboo=0.3.1'], programs })).toEqual([
      'bamboo 0.2.11 → 0.3.1',
      'marathon 1.4.14 → 1.5.15',
    ]);
  });

  it('takes an old Marathon on before the masters announce themselves in JSON', () => {
    const programs = [
      ...ensemble('mesos-master', three('0.23.0')),
      ...ensemble('mesos-slave', three('0.23.0'), 'a'),
      ...ensemble('marathon', three('0.10.1')),
    ];
    expect(waysOf({ words: ['mesos=0.28.1', 'marathon=0.11.1'], programs })).toEqual([
      'marathon 0.10.1 → 0.11.1',
      'mesos-master 0.23.0 → 0.28.1',
      'mesos-slave 0.23.0 → 0.28.1',
    ]);
  });
});

describe('what is refused', () => {
  it.each<readonly [string, Asked, RegExp]>([
    [
      'a Marathon that needs a later Mesos',
      {
        words: ['marathon=1.7.174'],
        programs: [...ensemble('mesos-master', three('1.4.1')), ...ensemble('marathon', three('1.6.549'))],
      },
      /^input: Marathon 1\.7\.174 needs Mesos 1\.5\.0 or later, and the masters are 1\.4\.1 \| .*`mesos=1\.5\.0`/,
    ],
    [
      'a Marathon without callbacks beside a Bamboo that knows nothing else',
      {
        words: ['marathon=1.5.15'],
        programs: [...ensemble('marathon', three('1.4.14')), ...ensemble('bamboo', ['0.2.15', '0.2.15'], 'a')],
      },
      /^input: Marathon 1\.5\.15 knows no callbacks.*Bamboo 0\.2\.15 knows nothing else.* \| .*`bamboo=0\.3\.1`/,
    ],
    [
      'a Bamboo that a Marathon without callbacks cannot reach',
      {
        words: ['bamboo=0.2.15'],
        programs: [...ensemble('marathon', three('1.5.15')), ...ensemble('bamboo', ['0.2.11', '0.2.11'], 'a')],
      },
      /^input: Bamboo 0\.2\.15 lives on callbacks/,
    ],
    [
      'two elections that do not see each other',
      { words: ['marathon=1.3.14'], programs: ensemble('marathon', three('1.1.1')) },
      /^input: .*do not see each other: two would lead.* \| allow that with --accept-outage/,
    ],
    [
      'the only server of all',
      { words: ['zookeeper=3.8.0'], programs: ensemble('zookeeper', ['3.4.13']) },
      /^input: ZooKeeper: node1 is the only server.* \| allow that with --accept-outage/,
    ],
    [
      'two servers of two',
      { words: ['zookeeper=3.8.0'], programs: ensemble('zookeeper', ['3.4.13', '3.4.13']) },
      /^ill: ZooKeeper: both servers, node1 and node2, are needed for a majority/,
    ],
    [
      'a component that runs nowhere',
      { words: ['bamboo=0.3.1'], programs: ensemble('zookeeper', three('3.4.13')) },
      /^input: Bamboo runs nowhere/,
    ],
    [
      'a version that nobody says',
      {
        words: ['marathon=1.5.15'],
        programs: [
          { host: 'node1', component: 'marathon', leads: true, version: '1.4.14' },
          { host: 'node2', component: 'marathon' },
        ],
      },
      /^input: Marathon on node2 does not say its version/,
    ],
    [
      'an even split of versions of which neither is wanted',
      {
        words: ['zookeeper=3.9.3'],
        programs: ensemble('zookeeper', ['3.4.13', '3.8.0', '3.4.13', '3.8.0']),
      },
      /^input: ZooKeeper is split evenly: node1 and node3 run 3\.4\.13, node2 and node4 run 3\.8\.0.* \| finish what was begun first, `zookeeper=3\.8\.0`/,
    ],
    [
      'a host that is away',
      { words: ['zookeeper=3.8.0'], programs: ensemble('zookeeper', three('3.4.13')), away: ['node3'] },
      /^unreachable: node3 cannot be reached, so what runs there is not known: the connection is refused/,
    ],
    [
      'a limit in the middle of two hops',
      { words: ['zookeeper=3.8.0,3.9.3'], programs: ensemble('zookeeper', three('3.4.13')), chosen: ['node2'] },
      /^input: ZooKeeper goes through 3\.8\.0, 3\.9\.3, and --limit leaves node1, node3 out/,
    ],
    [
      'a limit for Marathon',
      { words: ['marathon=1.5.15'], programs: ensemble('marathon', three('1.4.14')), chosen: ['node2'] },
      /^input: --limit leaves node1, node3 out, and Marathon hands over/,
    ],
  ])('%s', (_what, asked, words) => {
    expect(problemsOf(asked)).toHaveLength(1);
    expect(problemsOf(asked)[0]).toMatch(words);
  });

  it('a follower that is down', () => {
    const programs = ensemble('zookeeper', three('3.4.13')).map((program) =>
      program.host === 'node2' ? { ...program, ill: 'its container ended with exit code 1' } : program,
    );
    expect(problemsOf({ words: ['zookeeper=3.8.0'], programs })).toEqual([
      'ill: ZooKeeper on node2 is not well: its container ended with exit code 1; 2 of 3 serve and 2 are needed, so no other can be taken away | bring it back before others are touched; `runner status` shows the whole cluster',
    ]);
  });

  it('half of the members, which is no majority', () => {
    const programs = ensemble('zookeeper', [...three('3.4.13'), '3.4.13']).map((program, index) => ({
      ...program,
      leads: false,
      ...(index < 2 ? { ill: 'it runs but does not serve' } : {}),
    }));
    expect(problemsOf({ words: ['zookeeper=3.8.0'], programs })[0]).toMatch(
      /^ill: ZooKeeper: no member leads: 2 of 4 serve, 3 are needed; 2 servers of 4 are an even split, and neither half is a majority/,
    );
  });

  it('half of the members, none of which serves since neither half is a majority', () => {
    const programs = ensemble('zookeeper', [...three('3.4.13'), '3.4.13']).map((program, index) => ({
      ...program,
      leads: false,
      ...(index < 2 ? { ill: 'its container ended' } : { ill: 'it runs but does not serve', runs: true }),
    }));
    expect(problemsOf({ words: ['zookeeper=3.8.0'], programs })[0]).toMatch(
      /^ill: ZooKeeper: no member leads: 0 of 4 serve, 3 are needed; 2 servers of 4 are an even split, and neither half is a majority/,
    );
  });

  it('anything above a ZooKeeper that does not serve', () => {
    const programs = [
      ...ensemble('zookeeper', three('3.8.0')).map((program) => ({ ...program, leads: false, ill: 'silent' })),
      ...ensemble('bamboo', ['0.2.20', '0.2.20'], 'a'),
    ];
    expect(problemsOf({ words: ['bamboo=0.3.1'], programs }).join('\n')).toMatch(/ill: ZooKeeper: no member leads/);
  });

  it('everything that is wrong at once', () => {
    const programs = [
      ...ensemble('zookeeper', three('3.8.0')),
      ...ensemble('marathon', three('1.5.15')).map((program) =>
        program.host === 'node2' ? { ...program, ill: 'its container is paused' } : program,
      ),
    ];
    const said = problemsOf({ words: ['zookeeper=3.4.13', 'marathon=1.4.14'], programs });
    expect(said.map((line) => line.split(':')[0])).toEqual(['input', 'input', 'ill']);
  });
});
