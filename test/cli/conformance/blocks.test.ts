import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ConformanceLab, mark, startLab } from './lab.js';

vi.setConfig({ testTimeout: 60_000 });

let lab: ConformanceLab;

beforeAll(async () => {
  lab = await startLab();
});
beforeEach(() => lab.fresh());
afterAll(async () => lab.stop());

describe('blocks', () => {
  it('B01: rescue on the host that failed, the rest of the block on the other, always on both, then both go on', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - block:
              - ${mark('a')}
              - { command: "false", when: 'host.name === "h1"' }
              - ${mark('rest')}
            rescue: [{ ${mark('rescue')} }]
            always: [{ ${mark('always')} }]
          - ${mark('after')}
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'rescue', 'always', 'after']);
    expect(lab.marks('h2')).toEqual(['a', 'rest', 'always', 'after']);
    expect(run.recap('h1')).toMatchObject({ rescued: 1, failed: 0 });
    expect(run.recap('h2')).toMatchObject({ rescued: 0, failed: 0 });
  });

  it('B02: always runs when the rescue fails; the host has failed and does nothing more', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - block: [{ command: "false" }]
            rescue: [{ ${mark('rescue')} }, { command: "false" }, { ${mark('never')} }]
            always: [{ ${mark('always')} }]
          - ${mark('after')}
      - hosts: h1
        tasks: [{ ${mark('next-play')} }]
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['rescue', 'always']);
    expect(run.recap('h1').failed).toBe(1);
  });

  it('B03: a block that fails, a rescue that succeeds and an always that fails leave the host failed', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - block: [{ command: "false" }]
            rescue: [{ ${mark('rescue')} }]
            always: [{ ${mark('always')} }, { command: "false" }]
          - ${mark('after')}
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['rescue', 'always']);
    expect(run.recap('h1').failed).toBe(1);
  });

  it('B04: blocks in blocks: an inner rescue keeps the outer one from running; its own failure reaches it', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - block:
              - block: [{ command: "false" }]
                rescue:
                  - ${mark('inner-rescue')}
                  - { command: "false", when: 'host.name === "h2"' }
                always: [{ ${mark('inner-always')} }]
              - ${mark('outer-rest')}
            rescue: [{ ${mark('outer-rescue')} }]
            always: [{ ${mark('outer-always')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['inner-rescue', 'inner-always', 'outer-rest', 'outer-always']);
    expect(lab.marks('h2')).toEqual(['inner-rescue', 'inner-always', 'outer-rescue', 'outer-always']);
  });

  it('B05: an inner always, then the outer rescue, which reads the name and the result of the failed task', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - block:
              - block: [{ name: breaks, shell: "exit 7" }]
                always: [{ ${mark('inner-always')} }]
              - ${mark('rest')}
            rescue:
              - shell: "echo <%= host.name %> <%= failed_task.name %>:<%= failed_result.rc %> >> <%= log %>"
              - shell: "echo <%= host.name %> <%= ansible_failed_task.name %>:<%= ansible_failed_result.rc %> >> <%= log %>"
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['inner-always', 'breaks:7', 'breaks:7']);
  });

  it('B06: an always without a rescue runs on all hosts; a failure stays one', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - block: [{ command: "false", when: 'host.name === "h1"' }, { ${mark('rest')} }]
            always: [{ ${mark('always')} }]
          - ${mark('after')}
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['always']);
    expect(lab.marks('h2')).toEqual(['rest', 'always', 'after']);
  });

  it('B07: a file with a mistake that is included at run time is not rescued: the run stops with exit 2', async () => {
    lab.write('bad.yaml', '- nosuchmodule: x\n');
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - block: [{ include_tasks: "<%= 'bad' %>.yaml" }]
            rescue: [{ ${mark('rescue')} }]
            always: [{ ${mark('always')} }]
          - ${mark('after')}
    `);
    expect(run.code, run.why).toBe(2);
    expect(lab.marks()).toEqual([]);
    expect(run.stdout + run.stderr).toContain('nosuchmodule');
  });

  it('B08: any_errors_fatal in a block lets every host take the rescue; without one it stops the play', async () => {
    const rescued = await lab.apply(`
      - hosts: web
        any_errors_fatal: true
        tasks:
          - block: [{ command: "false", when: 'host.name === "h1"' }, { ${mark('rest')} }]
            rescue: [{ ${mark('rescue')} }]
          - ${mark('after')}
    `);
    expect(rescued.code, rescued.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['rescue', 'after']);
    expect(lab.marks('h2')).toEqual(['rescue', 'after']);
    lab.fresh();
    const stopped = await lab.apply(`
      - hosts: web
        any_errors_fatal: true
        tasks:
          - block: [{ command: "false", when: 'host.name === "h1"' }, { ${mark('rest')} }]
            always: [{ ${mark('always')} }]
          - ${mark('after')}
      - hosts: db
        tasks: [{ ${mark('next-play')} }]
    `);
    expect(stopped.code, stopped.why).toBe(1);
    expect(lab.marks().toSorted()).toEqual(['h1 always', 'h2 always']);
  });

  it('B09: an undefined variable that only the run can see is rescued as any failure', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { command: "true", register: r }
          - block: [{ name: reads, debug: { msg: "<%= r.nothing.here %>" } }]
            rescue: [{ ${mark('rescue')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['rescue']);
  });

  it('B10: what is registered in a block that failed is there in the rescue and after', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - block:
              - { shell: "echo words; exit 3", register: r }
            rescue:
              - shell: "echo <%= host.name %> <%= r.rc %>-<%= r.stdout %>-<%= r.failed %> >> <%= log %>"
          - shell: "echo <%= host.name %> <%= r.rc %> >> <%= log %>"
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['3-words-true', '3']);
  });

  it('B11: of a block whose condition does not hold nothing runs, not even always', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - when: false
            block: [{ ${mark('block')} }]
            rescue: [{ ${mark('rescue')} }]
            always: [{ ${mark('always')} }]
          - ${mark('after')}
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['after']);
  });

  it('B12: a block hands down vars, environment, ignore_errors and become, inner words win', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - vars: { word: outer, other: kept }
            environment: { WORD: block }
            become: true
            block:
              - shell: "echo <%= host.name %> <%= word %>-<%= other %>-$WORD-$(id -un) >> <%= log %>"
              - shell: "echo <%= host.name %> <%= word %>-$WORD-$(id -un) >> <%= log %>"
                vars: { word: inner }
                environment: { WORD: task }
                become: false
          - ignore_errors: true
            block: [{ command: "false" }]
          - ${mark('after')}
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['outer-kept-block-root', `inner-task-${lab.user.name}`, 'after']);
    expect(run.recap('h1')).toMatchObject({ ignored: 1, failed: 0 });
  });

  it('B13: a rescued host still runs the handlers it was due, and the next play', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - block: [{ ${mark('a')}, notify: h }, { command: "false" }]
            rescue: [{ ${mark('rescue')} }]
        handlers: [{ name: h, ${mark('h')} }]
      - hosts: h1
        tasks: [{ ${mark('next-play')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'rescue', 'h', 'next-play']);
  });

  it('B14: a host that cannot be reached in a block is not rescued', async () => {
    lab.write('host_vars/h2.yaml', 'ssh: { port: 1 }\n');
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - block: [{ ${mark('a')} }]
            rescue: [{ ${mark('rescue')} }]
            always: [{ ${mark('always')} }]
    `);
    expect(run.code, run.why).toBe(3);
    expect(lab.marks()).toEqual(['h1 a', 'h1 always']);
    expect(run.recap('h2')).toMatchObject({ unreachable: 1, failed: 0, rescued: 0 });
  });
});

describe('errors', () => {
  it('E01: ignore_errors goes on; the result says failed with its code; the recap counts it as ignored', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { shell: "exit 9", register: r, ignore_errors: true }
          - shell: "echo <%= host.name %> <%= r.failed %>-<%= r.rc %> >> <%= log %>"
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['true-9']);
    expect(run.recap('h1')).toMatchObject({ ignored: 1, failed: 0 });
  });

  it('E02: failed_when decides over the code, a list means all of it', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { shell: "exit 2", register: r, failed_when: r.rc > 2 }
          - { shell: "echo FATAL", register: r, failed_when: ['r.rc === 0', 'r.stdout.includes("other")'] }
          - ${mark('here')}
          - { name: fails, shell: "echo FATAL", register: r, failed_when: 'r.stdout.includes("FATAL")' }
          - ${mark('never')}
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['here']);
    expect(run.statuses('fails')).toEqual({ h1: 'failed' });
  });

  it('E03: a command has changed something unless changed_when says no; a list means all of it', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: plain, command: "true" }
          - { name: never, command: "true", changed_when: false }
          - { name: both, command: echo x, register: r, changed_when: ['r.rc === 0', 'r.stdout === "y"'] }
          - { name: holds, command: echo x, register: r, changed_when: 'r.stdout === "x"' }
    `);
    expect(run.code, run.why).toBe(0);
    expect(['plain', 'never', 'both', 'holds'].map((name) => run.statuses(name)['h1'])).toEqual([
      'changed',
      'ok',
      'ok',
      'changed',
    ]);
    expect(run.recap('h1')).toMatchObject({ ok: 2, changed: 2 });
  });

  it('E04: a host that failed does nothing more, in this play and the next ones; the others go on', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { command: "false", when: 'host.name === "h1"' }
          - ${mark('one')}
      - hosts: all
        tasks: [{ ${mark('two')} }]
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual([]);
    expect(lab.marks('h2')).toEqual(['one', 'two']);
    expect(lab.marks('h3')).toEqual(['two']);
  });

  const oneOfFour = (setting: string): string => `
      - hosts: all
        ${setting}
        tasks:
          - { command: "false", when: 'host.name === "h1"' }
          - ${mark('one')}
      - hosts: all
        tasks: [{ ${mark('two')} }]
  `;

  it.each([
    ['max_fail_percentage: 25', ['one', 'two']],
    ['max_fail_percentage: 24', []],
    ['max_failures: 1', ['one', 'two']],
    ['max_failures: 0', []],
    ['max_failures: "25%"', ['one', 'two']],
  ])(
    'E05: one of four fails under %s: "above", not "equal", stops the rollout and the plays after it',
    async (setting, marks) => {
      const run = await lab.apply(oneOfFour(setting));
      expect(run.code, run.why).toBe(1);
      for (const host of ['h2', 'h3', 'h4']) expect(lab.marks(host)).toEqual(marks);
    },
  );

  it('E06: a whole batch that fails stops the rollout', async () => {
    const run = await lab.apply(`
      - hosts: all
        serial: 1
        tasks:
          - ${mark('a')}
          - { command: "false", when: 'host.name === "h2"' }
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks()).toEqual(['h1 a', 'h2 a']);
  });

  it('E07: max_fail_percentage counts by the batch: one of two is above 49 %', async () => {
    const run = await lab.apply(`
      - hosts: all
        serial: 2
        max_fail_percentage: 49
        tasks:
          - { command: "false", when: 'host.name === "h1"' }
          - ${mark('a')}
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks()).toEqual([]);
  });

  it('E08: max_failures counts over the whole rollout: failures of two batches add up', async () => {
    const run = await lab.apply(`
      - hosts: all
        serial: [1, 1, 2]
        max_failures: 1
        tasks:
          - block: [{ command: "false", when: 'host.name !== "h4"' }]
            always: [{ ${mark('a')} }]
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['a']);
    expect(lab.marks('h3')).toEqual([]);
  });

  it('E09: exit codes: 0 done, 1 a host failed (also beside unreachable ones), 2 files or flags, 3 unreachable', async () => {
    const fine = '- hosts: h1\n  tasks: [{ command: "true" }]\n';
    expect((await lab.apply(fine)).code).toBe(0);
    expect((await lab.apply('- hosts: h1\n  tasks: [{ command: "false" }]\n')).code).toBe(1);
    lab.write('host_vars/h2.yaml', 'ssh: { port: 1 }\n');
    expect((await lab.apply('- hosts: web\n  tasks: [{ command: "true" }]\n')).code).toBe(3);
    expect((await lab.apply('- hosts: web\n  tasks: [{ command: "false" }]\n')).code).toBe(1);
    expect((await lab.apply('- hosts: [\n')).code).toBe(2);
    expect((await lab.apply('')).code).toBe(2);
    expect((await lab.apply(fine, '-l', 'nobody')).code).toBe(2);
    expect((await lab.apply(fine, '-l', 'h4')).code).not.toBe(1);
    expect((await lab.run('apply', 'gone.yaml')).code).toBe(2);
    expect((await lab.apply('- hosts: nobody\n  tasks: [{ command: "true" }]\n')).code).toBe(2);
    const empty = await lab.apply('- hosts: nobody\n  allow_empty: true\n  tasks: [{ command: "true" }]\n');
    expect(empty.code, empty.why).toBe(0);
    expect(empty.events).toContainEqual(expect.objectContaining({ kind: 'play-skipped' }));
  });

  it('E10: ignore_unreachable: the host goes on with the next task; without it, it is out', async () => {
    lab.write('host_vars/h2.yaml', 'ssh: { port: 1 }\n');
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { name: first, ${mark('a')}, ignore_unreachable: true, register: r }
          - { name: told, debug: { msg: "<%= r.unreachable %>" } }
          - { name: last, ${mark('b')} }
          - { name: out, debug: { msg: x } }
    `);
    expect(run.code, run.why).toBe(3);
    expect(run.task('first')['h2']).toMatchObject({ status: 'unreachable', ignored: true });
    expect(run.task('told')['h2']).toMatchObject({ status: 'ok', message: 'true' });
    expect(Object.keys(run.task('out'))).toEqual(['h1']);
  });

  it('E11: a task over its timeout fails after about that time and says so; it may be ignored', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: sleeps, command: sleep 30, timeout: 1, ignore_errors: true }
          - ${mark('after')}
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['after']);
    const outcome = run.task('sleeps')['h1'];
    expect(outcome?.message).toMatch(/timed? ?out/i);
    expect(outcome?.milliseconds).toBeGreaterThan(900);
    expect(outcome?.milliseconds).toBeLessThan(8000);
  });

  it('E12: an undefined variable in a task fails it on that host alone, with its place', async () => {
    lab.write('host_vars/h2.yaml', 'only_here: yes-it-is\n');
    const run = await lab.apply(`- hosts: web
  tasks:
    - { name: reads, debug: { msg: "<%= only_here %>" } }
`);
    expect(run.code, run.why).toBe(1);
    expect(run.statuses('reads')).toEqual({ h1: 'failed', h2: 'ok' });
    expect(run.task('reads')['h1']?.diagnostic?.span).toMatchObject({ start: { line: 3 } });
  });

  it('E13: an argument the module does not have is refused before anything is done', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - ${mark('a')}
          - copy: { content: x, dest: "<%= out %>/x", contents: y }
    `);
    expect(run.code, run.why).toBe(2);
    expect(run.stderr).toContain('contents');
    expect(lab.marks()).toEqual([]);
  });

  it('E14: fail and assert stop the host with their message; unknown words in them too', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { name: refuses, fail: { msg: "not on <%= host.name %>" }, when: 'host.name === "h1"' }
          - { name: checks, assert: { that: ['1 < 2', 'host.name === "h1"'], fail_msg: "wrong host" } }
    `);
    expect(run.code, run.why).toBe(1);
    expect(run.task('refuses')['h1']?.message).toBe('not on h1');
    expect(run.task('checks')['h2']?.message).toContain('wrong host');
  });
});
