import { describe, expect, it, vi } from 'vitest';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

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
    expect(outcome?.milliseconds).toBeLessThan(20_000);
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
