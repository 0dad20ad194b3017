import { describe, expect, it } from 'vitest';
import type { Allowances, LiveMember, MembershipPlan, MembershipStep } from '../../../../src/stack/membership/types.js';
import { zookeeperScaleIn } from '../../../../src/stack/membership/zookeeper-in.js';
import { zookeeperScaleOut } from '../../../../src/stack/membership/zookeeper-out.js';
import { zookeeperReplace } from '../../../../src/stack/membership/zookeeper-replace.js';
import type { ZooKeeperView } from '../../../../src/stack/membership/zookeeper-view.js';

const unforced: Allowances = { force: false, oldIsGone: false };
const forced: Allowances = { force: true, oldIsGone: false };

/** Hosts node1… with the addresses 10.0.0.1…; the first `running` are servers of one ensemble, the last of them leads. */
function view(options: {
  readonly hosts: number;
  readonly running: number;
  readonly version?: string;
  readonly down?: readonly number[];
  readonly leader?: number;
  readonly changes?: Partial<ZooKeeperView>;
}): ZooKeeperView {
  const { hosts, running, version = '3.8.0', down = [], leader = running, changes = {} } = options;
  const members = Array.from({ length: hosts }, (_, index): LiveMember => {
    const number = index + 1;
    const serves = number <= running && !down.includes(number);
    return {
      host: `node${number}`,
      address: `10.0.0.${number}`,
      present: number <= running,
      healthy: serves,
      leads: serves && number === leader,
      said: serves ? 'follows' : 'the connection is refused',
      reachable: true,
      ...(serves ? { version } : {}),
    };
  });
  return {
    members,
    listed: Array.from({ length: running }, (_, index) => ({ id: index + 1, address: `10.0.0.${index + 1}` })),
    wantedIds: new Map(),
    holdData: [],
    reconfig: false,
    ports: { quorum: 2888, election: 3888, client: 2181 },
    ...changes,
  };
}

function stepsOf(plan: MembershipPlan): readonly MembershipStep[] {
  if (plan.kind === 'refused') throw new Error(plan.refusals.map(({ message }) => message).join('\n'));
  return plan.steps;
}

function refusalsOf(plan: MembershipPlan): string {
  return plan.kind === 'refused' ? plan.refusals.map(({ message }) => message).join('\n') : '';
}

/** "apply node4 node1 | -node5 | 1 2 3 4": hosts, who is left out, and the numbers of the list. */
function brief(step: MembershipStep): string {
  if (step.kind === 'apply') {
    const members = step.variables['zookeeper_members'] as readonly { readonly id: number }[];
    return `apply ${step.hosts.join(' ')} | -${step.without.join(' -')} | ${members.map(({ id }) => id).join(' ')}`;
  }
  if (step.kind === 'drain') throw new Error('no step of ZooKeeper');
  return step.kind === 'reconfig'
    ? `reconfig ${step.host} ${JSON.stringify(step.change)}`
    : `${step.kind} ${step.host} | -${step.without.join(' -')}`;
}

describe('ZooKeeper grows', () => {
  it('one server after the other, each with the full list before the others are restarted with it', () => {
    const steps = stepsOf(zookeeperScaleOut(view({ hosts: 5, running: 3 }), ['node4', 'node5'], unforced));
    expect(steps.map(brief)).toEqual([
      'apply node4 node1 node2 node3 | -node5 | 1 2 3 4',
      'apply node5 node1 node2 node3 node4 | - | 1 2 3 4 5',
    ]);
  });

  it('keeps a server of the old majority in every new majority at each step', () => {
    for (const running of [3, 5]) {
      const joining = [running + 1, running + 2].map((number) => `node${number}`);
      const steps = stepsOf(zookeeperScaleOut(view({ hosts: running + 2, running }), joining, unforced));
      let size = running;
      for (const step of steps) {
        if (step.kind !== 'apply') throw new Error('another step');
        const next = (step.variables['zookeeper_members'] as readonly unknown[]).length;
        expect(Math.floor(size / 2) + 1 + Math.floor(next / 2) + 1).toBeGreaterThan(Math.max(size, next));
        size = next;
      }
      expect(size).toBe(running + 2);
    }
  });

  it('gives numbers above all that are known, and keeps those that the inventory says', () => {
    const changes = {
      listed: [1, 2, 9].map((id, index) => ({ id, address: `10.0.0.${index + 1}` })),
      wantedIds: new Map([['node5', 20]]),
    };
    const plan = zookeeperScaleOut(view({ hosts: 5, running: 3, changes }), ['node4', 'node5'], unforced);
    expect(plan.kind === 'steps' ? [...(plan.ids ?? [])] : []).toEqual([
      ['node1', 1],
      ['node2', 2],
      ['node3', 9],
      ['node4', 21],
      ['node5', 20],
    ]);
  });

  it('refuses a number that another server has', () => {
    const changes = { wantedIds: new Map([['node4', 2]]) };
    const plan = zookeeperScaleOut(view({ hosts: 5, running: 3, changes }), ['node4', 'node5'], unforced);
    expect(refusalsOf(plan)).toContain('would both be server 2');
  });

  it('refuses an even size with the arithmetic, unless it is forced', () => {
    const four = view({ hosts: 4, running: 3 });
    expect(refusalsOf(zookeeperScaleOut(four, ['node4'], unforced))).toContain('4 members need 3 and can miss 1');
    expect(stepsOf(zookeeperScaleOut(four, ['node4'], forced))).toHaveLength(1);
  });

  it.each([
    ['3.5.0', true],
    ['3.5.8', true],
    ['3.5.9', false],
    ['3.6.0', true],
    ['3.6.1', true],
    ['3.6.2', false],
    ['3.4.13', false],
    ['3.9.3', false],
  ])('with %s and reconfig off: refused is %s (ZOOKEEPER-3829)', (version, isRefused) => {
    const plan = zookeeperScaleOut(view({ hosts: 5, running: 3, version }), ['node4', 'node5'], unforced);
    expect(refusalsOf(plan).includes('ZOOKEEPER-3829')).toBe(isRefused);
  });

  it('refuses a lone server, a joiner with old data, a server nobody knows, and an ensemble that does not serve', () => {
    const out = (options: Parameters<typeof view>[0]): string =>
      refusalsOf(zookeeperScaleOut(view(options), ['node4', 'node5'], unforced));
    expect(refusalsOf(zookeeperScaleOut(view({ hosts: 3, running: 1 }), ['node2', 'node3'], unforced))).toContain(
      'runs alone',
    );
    expect(out({ hosts: 5, running: 3, changes: { holdData: ['node5'] } })).toContain('node5 holds');
    const listed = [1, 2, 3, 7].map((id) => ({ id, address: `10.0.0.${id}` }));
    expect(out({ hosts: 5, running: 3, changes: { listed } })).toContain('server 7 at 10.0.0.7');
    expect(out({ hosts: 5, running: 3, down: [1, 2] })).toContain('does not serve');
  });

  it('refuses to restart servers while one is down, with the arithmetic', () => {
    const plan = zookeeperScaleOut(view({ hosts: 5, running: 3, down: [1] }), ['node4', 'node5'], unforced);
    expect(refusalsOf(plan)).toContain('would leave 2 of 4, 3 are needed (node1 is down: the connection is refused)');
  });

  it('does nothing for servers that are members already, and goes on where it was cut off', () => {
    const five = view({ hosts: 5, running: 5 });
    expect(zookeeperScaleOut(five, ['node4', 'node5'], unforced)).toMatchObject({ kind: 'steps', steps: [] });
    const four = view({ hosts: 5, running: 4 });
    const steps = stepsOf(zookeeperScaleOut(four, ['node4', 'node5'], unforced));
    expect(steps.map(brief)).toEqual(['apply node5 node1 node2 node3 node4 | - | 1 2 3 4 5']);
  });

  it('lets an ensemble with reconfig take servers in without a restart', () => {
    const plan = zookeeperScaleOut(
      view({ hosts: 5, running: 3, version: '3.5.3', changes: { reconfig: true } }),
      ['node4', 'node5'],
      unforced,
    );
    expect(stepsOf(plan).map(brief)).toEqual([
      'apply node4 | -node5 | 1 2 3 4',
      'reconfig node1 {"add":"server.4=10.0.0.4:2888:3888;2181"}',
      'apply node5 | - | 1 2 3 4 5',
      'reconfig node1 {"add":"server.5=10.0.0.5:2888:3888;2181"}',
    ]);
  });
});

describe('ZooKeeper shrinks', () => {
  it('keeps a leaving server serving while the others take the shorter list, and never lets it lead then', () => {
    const steps = stepsOf(zookeeperScaleIn(view({ hosts: 5, running: 5, leader: 5 }), ['node4', 'node5'], unforced));
    expect(steps.map(brief)).toEqual([
      'apply node1 node2 node3 node5 | -node4 | 1 2 3 5',
      'retire node4 | -node4',
      'yield node5 | -node4',
      'apply node1 node2 node3 | -node4 -node5 | 1 2 3',
      'retire node5 | -node4 -node5',
    ]);
  });

  it('lets those that are down leave first', () => {
    const steps = stepsOf(
      zookeeperScaleIn(view({ hosts: 5, running: 5, leader: 1, down: [5] }), ['node4', 'node5'], unforced),
    );
    expect(steps.map(brief)[0]).toBe('apply node1 node2 node3 node4 | -node5 | 1 2 3 4');
  });

  it('refuses to go below two, to an even size, and to restart without a margin', () => {
    const three = view({ hosts: 3, running: 3 });
    expect(refusalsOf(zookeeperScaleIn(three, ['node2', 'node3'], forced))).toContain('no ensemble');
    expect(refusalsOf(zookeeperScaleIn(three, ['node3'], unforced))).toContain('2 members need 2 and can miss none');
    const degraded = view({ hosts: 5, running: 5, leader: 1, down: [4, 5] });
    expect(refusalsOf(zookeeperScaleIn(degraded, ['node4', 'node5'], unforced))).toContain(
      'would leave 2 of 5, 3 are needed',
    );
  });

  it('refuses when too few of those that stay serve', () => {
    const plan = zookeeperScaleIn(view({ hosts: 5, running: 5, leader: 4, down: [1, 2] }), ['node4', 'node5'], forced);
    expect(refusalsOf(plan)).toContain('of the 3 that would stay 1 serve');
  });

  it('retires what a change that was cut off has left behind', () => {
    const found = view({ hosts: 5, running: 5 });
    const plan = zookeeperScaleIn({ ...found, listed: found.listed.slice(0, 3) }, ['node4', 'node5'], unforced);
    expect(stepsOf(plan).map(brief)).toEqual(['retire node4 | -node4 -node5', 'retire node5 | -node4 -node5']);
  });
});

describe('a ZooKeeper server is replaced', () => {
  const dead = { old: 'node3', replacement: 'node4' };

  it('keeps its number from 3.5 on: its vote counts before any other is restarted', () => {
    const steps = stepsOf(zookeeperReplace(view({ hosts: 4, running: 3, leader: 1, down: [3] }), dead, unforced));
    expect(steps.map(brief)).toEqual(['retire node3 | -node3 -node4', 'apply node4 node1 node2 | -node3 | 1 2 3']);
  });

  it('gets a number above all others on 3.4, which calls servers back at the address in its own list', () => {
    const old = view({ hosts: 4, running: 3, leader: 3, version: '3.4.13', down: [1] });
    const steps = stepsOf(zookeeperReplace(old, { old: 'node1', replacement: 'node4' }, unforced));
    expect(steps.map(brief).at(-1)).toBe('apply node4 node2 node3 | -node1 | 2 3 4');
  });

  it('asks for a word when the old one cannot be asked, because it must never come back', () => {
    const found = view({ hosts: 4, running: 3, leader: 1, down: [3] });
    const members = found.members.map((member) => (member.host === 'node3' ? { ...member, reachable: false } : member));
    const gone = { ...found, members };
    expect(refusalsOf(zookeeperReplace(gone, dead, unforced))).toContain('a second server 3 would be two truths');
    const plan = zookeeperReplace(gone, dead, { force: false, oldIsGone: true });
    expect(stepsOf(plan).map(brief)).toEqual(['apply node4 node1 node2 | -node3 | 1 2 3']);
    expect(plan.kind === 'steps' && plan.notes.join(' ')).toContain('must never come back');
  });

  it('refuses when the others are no quorum, and when the new host has data', () => {
    expect(
      refusalsOf(zookeeperReplace(view({ hosts: 4, running: 3, leader: 1, down: [2, 3] }), dead, unforced)),
    ).toContain('without node3 1 of 3 serve, and 2 are needed');
    const used = view({ hosts: 4, running: 3, changes: { holdData: ['node4'] } });
    expect(refusalsOf(zookeeperReplace(used, dead, unforced))).toContain('node4 holds');
  });
});
