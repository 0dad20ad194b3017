import { describe, expect, it } from 'vitest';
import { mastersReplace, mastersScaleIn, mastersScaleOut } from '../../../../src/stack/membership/masters.js';
import { servicesReplace, servicesScaleIn, servicesScaleOut } from '../../../../src/stack/membership/services.js';
import type { Allowances, LiveMember, MembershipPlan, MembershipStep } from '../../../../src/stack/membership/types.js';

const unforced: Allowances = { force: false, oldIsGone: false };

function members(options: {
  readonly hosts: number;
  readonly running: number;
  readonly leader?: number;
  readonly down?: readonly number[];
}): readonly LiveMember[] {
  const { hosts, running, leader = 1, down = [] } = options;
  return Array.from({ length: hosts }, (_, index) => {
    const number = index + 1;
    const healthy = number <= running && !down.includes(number);
    return {
      host: `node${number}`,
      address: `10.0.0.${number}`,
      present: number <= running,
      healthy,
      leads: healthy && number === leader,
      said: healthy ? 'stands by' : 'the connection is refused',
      reachable: true,
    };
  });
}

function stepsOf(plan: MembershipPlan): readonly string[] {
  if (plan.kind === 'refused') throw new Error(plan.refusals.map(({ message }) => message).join('\n'));
  return plan.steps.map(brief);
}

function refusalsOf(plan: MembershipPlan): string {
  return plan.kind === 'refused' ? plan.refusals.map(({ message }) => message).join('\n') : '';
}

/** "apply node4 node5 of 5": hosts, and how many addresses the quorum is counted from. */
function brief(step: MembershipStep): string {
  if (step.kind !== 'apply') return `${step.kind} ${step.kind === 'reconfig' ? '' : step.host}`;
  const addresses = step.variables['mesos_master_addresses'];
  return `apply ${step.hosts.join(' ')}${Array.isArray(addresses) ? ` of ${addresses.length}` : ''}`;
}

describe('Mesos masters', () => {
  it('are restarted with the larger quorum before the first new one starts', () => {
    const plan = mastersScaleOut({ members: members({ hosts: 5, running: 3 }) }, ['node4', 'node5'], unforced);
    expect(stepsOf(plan)).toEqual(['apply node1 node2 node3 of 5', 'apply node4 node5 of 5']);
  });

  it('come to one alone only with an empty log, which must be allowed', () => {
    const view = { members: members({ hosts: 3, running: 1 }) };
    expect(refusalsOf(mastersScaleOut(view, ['node2', 'node3'], unforced))).toContain(
      'only with an empty replicated log',
    );
    const plan = mastersScaleOut(view, ['node2', 'node3'], { ...unforced, wipeRegistry: true });
    expect(stepsOf(plan)).toEqual(['retire node1', 'apply node1 node2 node3 of 3']);
    expect(plan.kind === 'steps' ? plan.notes.join(' ') : '').toContain('AN OUTAGE');
  });

  it('come two at a time, so that the old ones are a quorum of the new size', () => {
    const hosts = ['node4', 'node5', 'node6', 'node7'];
    const plan = mastersScaleOut({ members: members({ hosts: 7, running: 3 }) }, hosts, unforced);
    expect(stepsOf(plan)).toEqual([
      'apply node1 node2 node3 of 5',
      'apply node4 node5 of 5',
      'apply node1 node2 node3 node4 node5 of 7',
      'apply node6 node7 of 7',
    ]);
  });

  it('leave for good before the rest is restarted with the smaller quorum, the elected one last', () => {
    const view = { members: members({ hosts: 5, running: 5, leader: 4 }) };
    expect(stepsOf(mastersScaleIn(view, ['node4', 'node5'], unforced))).toEqual([
      'retire node5',
      'retire node4',
      'apply node1 node2 node3 of 3',
    ]);
  });

  it('never run more than 2*quorum-1 of, at no step of growing or shrinking', () => {
    for (const [from, to] of [
      [3, 5],
      [3, 7],
      [5, 9],
      [2, 3],
    ] as const) {
      const hosts = Array.from({ length: to - from }, (_, index) => `node${from + index + 1}`);
      const plan = mastersScaleOut({ members: members({ hosts: to, running: from }) }, hosts, unforced);
      let running = from;
      let quorum = Math.floor(from / 2) + 1;
      for (const step of plan.kind === 'steps' ? plan.steps : []) {
        if (step.kind !== 'apply') throw new Error('another step');
        const addresses = step.variables['mesos_master_addresses'] as readonly string[];
        const restarted = step.joins.length === 0;
        const next = Math.floor(addresses.length / 2) + 1;
        if (restarted) {
          // Those that run must be a quorum of the size that is coming.
          expect(running).toBeGreaterThanOrEqual(next);
          quorum = next;
        } else running += step.joins.length;
        expect(running).toBeLessThanOrEqual(2 * quorum - 1);
      }
      expect(running).toBe(to);
    }
  });

  it('do not grow from one, have an odd number, and do not change while one is not well', () => {
    const out = (options: Parameters<typeof members>[0], hosts: readonly string[]): string =>
      refusalsOf(mastersScaleOut({ members: members(options) }, hosts, unforced));
    expect(out({ hosts: 3, running: 1 }, ['node2', 'node3'])).toContain('empty replicated log');
    expect(out({ hosts: 4, running: 3 }, ['node4'])).toContain('4 members need 3');
    expect(out({ hosts: 5, running: 3, down: [2] }, ['node4', 'node5'])).toContain('node2 is not well');
    const last = mastersScaleIn({ members: members({ hosts: 1, running: 1 }) }, ['node1'], unforced);
    expect(refusalsOf(last)).toContain('no master would be left');
  });

  it('are replaced only when the old one can never return', () => {
    const view = { members: members({ hosts: 4, running: 3, down: [3] }) };
    const change = { old: 'node3', replacement: 'node4' };
    expect(stepsOf(mastersReplace(view, change, unforced))).toEqual(['retire node3', 'apply node4 of 3']);
    const silent = { members: view.members.map((one) => (one.host === 'node3' ? { ...one, reachable: false } : one)) };
    expect(refusalsOf(mastersReplace(silent, change, unforced))).toContain('nobody knows that its master has stopped');
    expect(stepsOf(mastersReplace(silent, change, { force: false, oldIsGone: true }))).toEqual(['apply node4 of 3']);
    const degraded = { members: members({ hosts: 4, running: 3, down: [2, 3] }) };
    expect(refusalsOf(mastersReplace(degraded, change, unforced))).toContain(
      '1 of 3 masters are well, and 2 are needed',
    );
  });
});

describe('agents, Marathon and Bamboo', () => {
  it('are drained before they stop, if they are agents that work', () => {
    const view = { component: 'mesos-slave' as const, members: members({ hosts: 3, running: 3, down: [2] }) };
    expect(stepsOf(servicesScaleIn(view, ['node2', 'node3']))).toEqual(['retire node2', 'drain node3', 'retire node3']);
  });

  it('leave one by one, the leader last', () => {
    const view = { component: 'marathon' as const, members: members({ hosts: 3, running: 3, leader: 1 }) };
    expect(stepsOf(servicesScaleIn(view, ['node1', 'node2']))).toEqual(['retire node2', 'retire node1']);
  });

  it('are never taken to the last', () => {
    for (const component of ['mesos-slave', 'marathon', 'bamboo'] as const) {
      const view = { component, members: members({ hosts: 2, running: 2 }) };
      expect(refusalsOf(servicesScaleIn(view, ['node1', 'node2']))).toContain('would be left: these are the last');
    }
  });

  it('come with their play, and not when they are well already', () => {
    const view = { component: 'bamboo' as const, members: members({ hosts: 3, running: 2 }) };
    expect(stepsOf(servicesScaleOut(view, ['node2', 'node3']))).toEqual(['apply node3']);
    expect(stepsOf(servicesScaleOut(view, ['node2']))).toEqual([]);
  });

  it('are replaced by one that is there before the old one goes', () => {
    const view = { component: 'mesos-slave' as const, members: members({ hosts: 3, running: 2 }) };
    expect(stepsOf(servicesReplace(view, { old: 'node2', replacement: 'node3' }))).toEqual([
      'apply node3',
      'drain node2',
      'retire node2',
    ]);
  });

  it('neither come nor go beside others that are not well, but beside the dead one that they replace', () => {
    const view = { component: 'marathon' as const, members: members({ hosts: 4, running: 3, down: [2] }) };
    const refusal = servicesReplace(view, { old: 'node1', replacement: 'node4' });
    expect(refusalsOf(refusal)).toBe('the instance of Marathon on node2 is not well (the connection is refused)');
    expect(refusalsOf(servicesScaleOut(view, ['node4']))).toContain('node2 is not well');
    expect(refusalsOf(servicesScaleIn(view, ['node3']))).toContain('node2 is not well');
    expect(stepsOf(servicesScaleIn(view, ['node2']))).toEqual(['retire node2']);
    const plan = servicesReplace(view, { old: 'node2', replacement: 'node4' });
    expect(plan).toMatchObject({ kind: 'steps', steps: [{ kind: 'apply', hosts: ['node4'], without: ['node2'] }, {}] });
    expect(stepsOf(plan)).toEqual(['apply node4', 'retire node2']);
  });

  it('say it where a replacement serves already, so that only one is taken away', () => {
    const view = { component: 'bamboo' as const, members: members({ hosts: 2, running: 2 }) };
    const plan = servicesReplace(view, { old: 'node1', replacement: 'node2' });
    expect(stepsOf(plan)).toEqual(['retire node1']);
    expect(plan.kind === 'steps' ? plan.notes : []).toContain(
      'node2 has one that is well already: nothing new is started there.',
    );
  });
});
