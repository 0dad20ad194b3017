import { expect, test } from 'vitest';
import { createColors } from '../../../src/report/colors.js';
import { liveLine, type RolloutEvent, rolloutLines } from '../../../src/report/rollout-lines.js';

const ensemble = { title: 'ZooKeeper', members: 3, healthy: 3, quorum: 2, leader: 'node1' };
const play = 'ZooKeeper ensemble';
const gate = {
  kind: 'rollout-gate',
  play,
  ensemble,
  hosts: ['node2'],
  phase: 'step',
  state: 'waiting',
  good: 0,
  inARow: 3,
  unmet: [{ host: 'node2', condition: 'it serves', said: 'the connection is \u001b[31mrefused' }],
  milliseconds: 4000,
} as const;

function lines(event: RolloutEvent): readonly string[] {
  return rolloutLines(event, createColors(false));
}

test('a plan tells who serves and in what order hosts are stepped', () => {
  const steps = [
    { action: 'apply', hosts: ['node2'], why: 'does not lead' },
    { action: 'stop', hosts: ['node1'], why: 'hands over' },
  ] as const;
  const plan = {
    kind: 'rollout-plan',
    play,
    ensemble,
    way: 'steps',
    pending: ['node2', 'node1'],
    steps,
    unchanged: ['node3'],
  } as const;
  expect(lines(plan)).toEqual([
    'ZooKeeper: 3 of 3 serve, 2 needed, node1 leads; steps: node2 (does not lead) → stop node1 (hands over) (nothing differs on node3)',
  ]);
  expect(lines({ ...plan, pending: [], steps: [] })).toEqual([
    'ZooKeeper: 3 of 3 serve, 2 needed, node1 leads; nothing is to be stepped',
  ]);
  expect(lines({ ...plan, way: 'bring-up' })).toEqual([
    'ZooKeeper: nothing is there yet, all hosts are brought up together',
  ]);
});

test('a step tells whose turn it is and why', () => {
  const step = {
    kind: 'rollout-step',
    play,
    ensemble,
    action: 'apply',
    hosts: ['node2'],
    why: 'does not lead',
    number: 1,
    left: 2,
  } as const;
  expect(lines(step)).toEqual(['→ node2 next (does not lead): 3 of 3 serve, 2 needed, node1 leads']);
});

test('a gate that is waited for is a live line with what is unmet, without what a host may do to a terminal', () => {
  expect(lines(gate)).toEqual([]);
  const live = liveLine(gate);
  expect(live?.hosts).toEqual(['node2']);
  expect(live?.line).toMatch(/^waiting 4\S* s for: node2: it serves: the connection is /);
  expect(live?.line).not.toContain('\u001b');
  expect(liveLine({ ...gate, unmet: [], good: 2 })?.line).toBe('gate holds 2 of 3');
});

test('a gate that holds or fails is a line of the log; before a step the refusal tells', () => {
  expect(lines({ ...gate, state: 'holds', unmet: [], good: 3 })[0]).toMatch(
    /^✓ gate holds 3 of 3 after 4\S* s: 3 of 3 serve/,
  );
  expect(lines({ ...gate, state: 'failed' })).toHaveLength(2);
  expect(lines({ ...gate, state: 'failed', phase: 'begin' })).toEqual([]);
});

test('a refusal and a roll-back are told with their words', () => {
  const refused = {
    kind: 'rollout-refused',
    play,
    message: 'ZooKeeper: stepping node2 …',
    hint: 'bring back what is down first',
  } as const;
  expect(lines(refused)).toEqual(['refused: ZooKeeper: stepping node2 …', '    hint: bring back what is down first']);
  const back = { kind: 'rollout-roll-back', play, host: 'node2' } as const;
  expect(lines({ ...back, state: 'begins', message: 'its step failed' })).toEqual([
    '↩ node2: rolling back, its step failed',
  ]);
  expect(lines({ ...back, state: 'done', message: 'node2 was rolled back' })).toEqual(['↩ node2 was rolled back']);
});
