import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

test('E01: ignore_errors goes on, and the registered result says failed', async () => {
  const lab = new Lab();
  const { result, recap } = await lab.run(`
- hosts: [h1]
  tasks:
    - sim: {do: a, fails_on: [h1]}
      ignore_errors: true
      register: a
    - debug: "<%= a.failed %> <%= a.rc %>"
`);
  expect(lab.shown).toContain('h1: true 1');
  expect(result).toBe('done');
  expect(recap[0]).toMatchObject({ ignored: 1, failed: 0 });
});

test('E03: changed_when decides; a list of conditions must hold together', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: plain, sim: a}
    - {name: never, sim: a, changed_when: false}
    - name: one does not hold
      sim: a
      register: r
      changed_when: [r.rc === 0, r.rc === 1]
    - name: both hold
      sim: {do: b, changed: false}
      register: r
      changed_when: [r.rc === 0, r.out === 'b']
`);
  expect(lab.outcomes).toEqual([
    'h1: plain → changed',
    'h1: never → ok',
    'h1: one does not hold → ok',
    'h1: both hold → changed',
  ]);
});

test('what acted and failed is registered as changed; changed_when has the last word on that', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: {do: a, fails_on: [h1]}, register: a, ignore_errors: true}
    - {sim: b, failed_when: true, register: b, ignore_errors: true}
    - {sim: {do: c, fails_on: [h1]}, changed_when: false, register: c, ignore_errors: true}
    - {sim: {do: d, fails_on: [h1]}, changed_when: "d.nothing === 1", register: d, ignore_errors: true}
    - {fail: {msg: no}, register: e, ignore_errors: true}
    - {sim: {do: f, fails_on: [h1]}, until: false, retries: 0, register: f, ignore_errors: true}
    - debug: "<%= [a, b, c, d, e, f].map((each) => [each.changed, each.failed].join('+')).join(' ') %>"
`);
  expect(lab.shown.at(-1)).toBe('h1: true+true true+true false+true true+true false+true true+true');
});

test('failed_when decides, in both directions', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {name: forgiven, sim: {do: a, fails_on: [h1]}, register: r, failed_when: r.rc > 1}
    - {name: refused, sim: b, register: r, failed_when: "r.out === 'b' && host.name === 'h2'"}
`);
  expect(lab.outcomesOf('forgiven')).toEqual({ h1: 'changed', h2: 'changed' });
  expect(lab.outcomesOf('refused')).toEqual({ h1: 'changed', h2: 'failed' });
  expect(result).toBe('failed');
});

const oneOfFour = (limit: string): string => `
- hosts: [h1, h2, h3, h4]
  max_failures: ${limit}
  tasks:
    - sim: {do: a, fails_on: [h1]}
    - sim: b
- hosts: [h3]
  tasks:
    - sim: later
`;

test('E05: as many failures as max_failures allows go on, later plays run', async () => {
  const lab = new Lab();
  const { result } = await lab.run(oneOfFour('25%'));
  expect(lab.trace.slice(4)).toEqual(['h2 b', 'h3 b', 'h4 b', 'h3 later']);
  expect(result).toBe('failed');
});

test('E05: one more than max_failures allows stops at once, later plays do not run', async () => {
  const lab = new Lab();
  const { result } = await lab.run(oneOfFour('24%'));
  expect(lab.trace).toEqual(['h1 a', 'h2 a', 'h3 a', 'h4 a']);
  expect(result).toBe('failed');
  expect(lab.events).toContainEqual(expect.objectContaining({ kind: 'play-skipped', play: 'h3' }));
});

test('E07: max_failures counts over the whole rollout, batch after batch (language.md)', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2, h3, h4]
  serial: 2
  max_failures: 1
  tasks:
    - sim: {do: a, fails_on: [h1, h3]}
    - sim: b
`);
  expect(lab.trace).toEqual(['h1 a', 'h2 a', 'h2 b', 'h3 a', 'h4 a']);
});

test('always parts still run where a rollout is stopped', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2]
  max_failures: 0
  tasks:
    - block:
        - sim: {do: a, fails_on: [h1]}
        - sim: rest
      always:
        - sim: always
        - sim: always too
    - sim: after
`);
  expect(lab.trace.slice(2)).toEqual(['h1 always', 'h2 always', 'h1 always too', 'h2 always too']);
});

test('E09: failed is failed also when others are unreachable; only unreachable hosts are unreachable', async () => {
  const play = `
- hosts: [h1, h2, h3]
  tasks:
    - sim: {do: a, fails_on: [h2]}
`;
  expect((await new Lab({ down: ['h1'] }).run(play)).result).toBe('failed');
  expect((await new Lab({ down: ['h1', 'h2'] }).run(play)).result).toBe('unreachable');
});

test('E11: a task that takes longer than its timeout fails and says so; it can be ignored', async () => {
  const lab = new Lab();
  lab.hold('h1 long');
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - {name: long, sim: long, timeout: 1, ignore_errors: true}
    - sim: after
`);
  expect(lab.messageOf('h1', 'long')).toBe('the task did not end within its timeout of 1 s and was stopped');
  expect(lab.clock.slept).toContain(1000);
  expect(lab.trace).toEqual(['h1 long', 'h1 after']);
  expect(result).toBe('done');
});

test('E13: an unknown argument is refused before any host is touched', async () => {
  const lab = new Lab();
  await expect(lab.run('- hosts: [h1]\n  tasks: [{sim: {do: a, colour: red}}]\n')).rejects.toThrow('`colour`');
  expect(lab.connected).toEqual([]);
});

test('E13: an argument that turns out wrong when it is rendered fails the task, is named, and nothing is done', async () => {
  const lab = new Lab();
  await lab.run('- hosts: [h1]\n  tasks: [{name: a, sim: {do: a, fails: "<%= [] %>"}}]\n');
  expect(lab.trace).toEqual([]);
  expect(lab.messageOf('h1', 'a')).toMatch(/^argument `fails`: /);
});

test('a mistake in the task itself is neither tried again nor forgiven by failed_when', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - {name: a, sim: "<%= nowhere %>", retries: 5, failed_when: false}
`);
  expect(result).toBe('failed');
  expect(lab.clock.slept).toEqual([]);
  expect(lab.messageOf('h1', 'a')).toBe('`nowhere` is not defined');
});

test('a lost connection makes the host unreachable, whatever the module would say', async () => {
  const lab = new Lab({
    answer: ({ kind }) => (kind === 'exec' ? { end: { kind: 'lost', message: 'the connection ended' } } : undefined),
  });
  const { result, recap } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {sim: {do: a, run: sleep}, when: host.name === 'h1'}
    - sim: after
`);
  expect(lab.trace).toEqual(['h1 a', 'h2 after']);
  expect(result).toBe('unreachable');
  expect(recap[0]).toMatchObject({ unreachable: 1, failed: 0, unreachableReason: 'lost' });
});

test('a dead host costs one connection attempt in the whole run', async () => {
  const lab = new Lab({ down: ['h1'] });
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - sim: a
    - sim: b
- hosts: [h1, h2]
  tasks:
    - sim: c
`);
  expect(lab.connected.filter((host) => host === 'h1')).toHaveLength(1);
  expect(lab.of('h2')).toEqual(['a', 'b', 'c']);
});

test('ignore_unreachable goes on with the host', async () => {
  const lab = new Lab({ down: ['h1'] });
  const { result, recap } = await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: a, ignore_unreachable: true, register: r}
    - debug: "<%= r.unreachable %>"
`);
  expect(lab.shown).toContain('h1: true');
  expect(result).toBe('done');
  expect(recap[0]).toMatchObject({ ignored: 1, unreachable: 0 });
});

test('any_errors_fatal stops all hosts after the task that failed', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2]
  any_errors_fatal: true
  tasks:
    - sim: {do: a, fails_on: [h1]}
    - sim: b
- hosts: [h3]
  tasks:
    - sim: later
`);
  expect(lab.trace).toEqual(['h1 a', 'h2 a']);
});

test('any_errors_fatal in a block lets every host take the rescue', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2]
  any_errors_fatal: true
  tasks:
    - block:
        - sim: {do: a, fails_on: [h1]}
        - sim: rest
      rescue:
        - sim: rescue
    - sim: after
`);
  expect(lab.of('h2')).toEqual(['a', 'rescue', 'after']);
  expect(result).toBe('done');
});

test('any_errors_fatal in a block leaves alone the hosts that are not in it', async () => {
  const lab = new Lab({
    files: { 'pb/inner.yaml': '- {block: [{sim: {do: a, fails_on: [h1]}}], rescue: [{sim: rescue}]}\n' },
  });
  const { result } = await lab.run(`
- hosts: [h1, h2, h3]
  any_errors_fatal: true
  tasks:
    - {include_tasks: inner.yaml, when: host.name !== 'h3'}
    - sim: after
`);
  expect(lab.of('h1')).toEqual(['a', 'rescue', 'after']);
  expect(lab.of('h2')).toEqual(['a', 'rescue', 'after']);
  expect(lab.of('h3')).toEqual(['after']);
  expect(result).toBe('done');
});

test('any_errors_fatal takes along to the rescue whoever is in the block, in another file of it too', async () => {
  const files = { 'pb/h1.yaml': '- sim: {do: a, fails_on: [h1]}\n', 'pb/h2.yaml': '- sim: b\n' };
  const lab = new Lab({ files });
  await lab.run(`
- hosts: [h1, h2]
  any_errors_fatal: true
  tasks:
    - block:
        - include_tasks: "<%= host.name %>.yaml"
        - sim: rest
      rescue:
        - sim: rescue
`);
  expect(lab.of('h2')).toEqual(['b', 'rescue']);
});

test.each(['failed_when', 'changed_when'])(
  '%s that cannot be judged fails the task, which keeps what it found out',
  async (rule) => {
    const lab = new Lab();
    const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: a, register: r, ${rule}: r.nothing.here, ignore_errors: true}
    - debug: "<%= r.out %> <%= r.failed %> <%= r.changed %>"
`);
    expect(lab.shown).toContain('h1: a true true');
    expect(result).toBe('done');
  },
);

test('D11: meta clear_host_errors brings failed hosts back for the next play', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - sim: {do: a, fails_on: [h1]}
    - meta: clear_host_errors
    - sim: b
- hosts: [h1, h2]
  tasks:
    - sim: c
`);
  expect(lab.of('h1')).toEqual(['a', 'c']);
  expect(result).toBe('done');
});

test('F10: a connection that ended between two tasks is made anew, unseen', async () => {
  const lab = new Lab({
    answer: ({ text }) => (text === 'look a' ? { last: false } : text === 'look b' ? { last: true } : undefined),
  });
  const { result } = await lab.run('- hosts: [h1]\n  tasks: [{sim: a}, {sim: b}, {sim: c}]\n');
  expect(result).toBe('done');
  expect(lab.connected).toEqual(['h1', 'h1']);
  expect(lab.of('h1')).toEqual(['a', 'b', 'c']);
});

test('F4: a task whose connection was lost is not run again; the next one gets a new connection', async () => {
  const lab = new Lab({
    answer: ({ kind }) => (kind === 'exec' ? { end: { kind: 'lost', message: 'killed' } } : undefined),
  });
  await lab.run('- hosts: [h1]\n  tasks:\n    - {sim: {do: a, run: x}, ignore_unreachable: true}\n    - sim: b\n');
  expect(lab.of('h1')).toEqual(['a', 'b']);
  expect(lab.connected).toEqual(['h1', 'h1']);
});

test('Q03: meta reset_connection makes the next task connect anew', async () => {
  const lab = new Lab();
  await lab.run('- hosts: [h1]\n  tasks: [{sim: a}, {meta: reset_connection}, {sim: b}]\n');
  expect(lab.connected).toEqual(['h1', 'h1']);
  expect(lab.closed).toEqual(['h1', 'h1']);
});

test('what failed before it changed anything is no change when failed_when takes it for none', async () => {
  const lab = new Lab();
  const { recap } = await lab.run(`
- hosts: [h1]
  tasks:
    - {fail: {msg: no}, failed_when: false, notify: restart, register: r}
    - sim: "<%= r.failed %> <%= r.changed %>"
  handlers:
    - {name: restart, sim: restart}
`);
  expect(lab.trace).toEqual(['h1 false false']);
  expect(recap[0]).toMatchObject({ changed: 1, failed: 0 });
});
