import { describe, expect, test } from 'vitest';
import { refusalsOf, SimCluster, stepsOf, storeAt, thenNext } from '../support/sim-cluster.js';

test('the rehearsal alters nothing that earlier plays registered and says nothing', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab();
  await lab.run(`
- name: Before
  hosts: all
  tasks:
    - set_fact: {count: 1}
${storeAt('2')}    - set_fact: {count: "<%= count + 1 %>"}
    - debug: {msg: "count <%= count %>, rolling <%= run.rolling %>"}
`);
  expect([...lab.shown].sort()).toEqual(['h1', 'h2', 'h3'].map((host) => `${host}: count 2, rolling true`));
  expect(lab.events.filter((event) => event.kind === 'task-start')).toHaveLength(12);
});

test('run.rolling is false where nothing differs and in a bring-up', async () => {
  const tasks = '    - debug: {msg: "rolling <%= run.rolling %>"}\n';
  const cluster = new SimCluster();
  const same = cluster.lab();
  await same.run(storeAt('1') + tasks);
  expect(same.shown).toEqual(['h1: rolling false', 'h2: rolling false', 'h3: rolling false']);
  const fresh = new SimCluster(['h1'], { present: false, up: false }).lab();
  await fresh.run(storeAt('1') + tasks);
  expect(fresh.shown).toEqual(['h1: rolling false']);
});

test('a proof that fails where nothing differs is told by its own task', async () => {
  const cluster = new SimCluster();
  Object.assign(cluster.of('h3'), { up: false });
  const lab = cluster.lab();
  const { result } = await lab.run(`${storeAt('1')}    - {name: proof, sim: {do: proof, would: failed}}\n`);
  expect(refusalsOf(lab)).toEqual([]);
  expect(lab.messageOf('h3', 'proof')).toBe('proof cannot work');
  expect(result).toBe('failed');
});

test('a task that never changes anything makes no step of its host', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab();
  await lab.run(`${storeAt('1')}    - {sim: {do: ask, would: act}, changed_when: false}\n`);
  expect(stepsOf(lab)).toEqual([]);
});

describe('a preview', () => {
  test('says in what order hosts would be stepped, and changes nothing', async () => {
    const cluster = new SimCluster();
    const lab = cluster.lab({ options: { preview: true } });
    const { result } = await lab.run(storeAt('2'));
    expect(cluster.log).toEqual([]);
    expect(lab.outcomesOf('version')).toEqual({ h1: 'change', h2: 'change', h3: 'change' });
    const plan = lab.events.find((event) => event.kind === 'rollout-plan');
    expect(plan).toMatchObject({ way: 'steps', pending: ['h1', 'h2', 'h3'] });
    expect(plan?.steps.map(({ hosts }) => hosts)).toEqual([['h2'], ['h3'], ['h1']]);
    expect(result).toBe('done');
  });

  test('says what would be refused, and goes on looking', async () => {
    const cluster = new SimCluster();
    Object.assign(cluster.of('h3'), { up: false });
    const lab = cluster.lab({ options: { preview: true }, selection: { limit: ['h1', 'h2'] } });
    const { result } = await lab.run(storeAt('2') + thenNext);
    expect(refusalsOf(lab)[0]).toContain('stepping h2 would leave 1 of 3 serving');
    expect(lab.shown).toContain('h1: next');
    expect(result).toBe('failed');
  });
});
