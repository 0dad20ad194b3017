import { describe, expect, it, vi } from 'vitest';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

describe('handlers', () => {
  it('H01: a change on h1 alone runs the handler on h1 alone, after the tasks', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - ${mark('change')}
            changed_when: host.name === "h1"
            notify: restart
          - ${mark('after')}
        handlers:
          - { name: restart, ${mark('restart')} }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['change', 'after', 'restart']);
    expect(lab.marks('h2')).toEqual(['change', 'after']);
  });

  it('H02: handlers run in the order they are written, each once, however often and in which order they are notified', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { ${mark('a')}, notify: [third, first] }
          - { ${mark('b')}, notify: [second, first] }
          - { ${mark('c')}, notify: third }
        handlers:
          - { name: first, ${mark('first')} }
          - { name: second, ${mark('second')} }
          - { name: third, ${mark('third')} }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'b', 'c', 'first', 'second', 'third']);
  });

  it('H03: a topic runs the handlers that listen to it, also one without a name, and no other', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { ${mark('a')}, notify: topic }
        handlers:
          - { name: one, listen: topic, ${mark('one')} }
          - { listen: [other, topic], ${mark('two')} }
          - { name: three, listen: other, ${mark('three')} }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'one', 'two']);
  });

  it('H04: a handler may have a condition and a loop; one whose condition does not hold is skipped', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { ${mark('a')}, notify: [looped, conditional] }
        handlers:
          - { name: looped, shell: "echo <%= host.name %> <%= item %> >> <%= log %>", loop: [x, y] }
          - { name: conditional, ${mark('only-h2')}, when: 'host.name === "h2"' }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'x', 'y']);
    expect(lab.marks('h2')).toEqual(['a', 'x', 'y', 'only-h2']);
    expect(run.recap('h1').skipped).toBe(1);
  });

  it('H05: handlers that notify each other and themselves end, each runs at most twice', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { ${mark('a')}, notify: [x, self] }
        handlers:
          - { name: x, ${mark('x')}, notify: y }
          - { name: y, ${mark('y')}, notify: x }
          - { name: self, ${mark('self')}, notify: self }
    `);
    expect(run.code, run.why).toBe(0);
    for (const name of ['x', 'y', 'self']) {
      const count = lab.marks('h1').filter((word) => word === name).length;
      expect(count).toBeGreaterThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(2);
    }
  });

  it('H06: flush_handlers runs what is due at once; what is notified later runs at the end', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { ${mark('a')}, notify: h }
          - meta: flush_handlers
          - { ${mark('b')}, notify: h }
        handlers:
          - { name: h, ${mark('h')} }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'h', 'b', 'h']);
  });

  it('H07: with force_handlers false a host that failed runs no handler, the other does; exit 1', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { ${mark('a')}, notify: h }
          - { command: "false", when: 'host.name === "h1"' }
        handlers:
          - { name: h, ${mark('h')} }
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['a']);
    expect(lab.marks('h2')).toEqual(['a', 'h']);
    expect(run.recap('h1').failed).toBe(1);
  });

  it('H08: --force-handlers and force_handlers run what is due also on the host that failed', async () => {
    const tasks = `
        tasks:
          - { ${mark('a')}, notify: h }
          - { command: "false", when: 'host.name === "h1"' }
        handlers:
          - { name: h, ${mark('h')} }
    `;
    const byFlag = await lab.apply(
      `
      - hosts: web${tasks}`,
      '--force-handlers',
    );
    expect(byFlag.code, byFlag.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['a', 'h']);
    lab.fresh();
    const byPlay = await lab.apply(`
      - hosts: web
        force_handlers: true${tasks}`);
    expect(byPlay.code, byPlay.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['a', 'h']);
  });

  it('H09: force_handlers false of the play wins over the command line', async () => {
    const run = await lab.apply(
      `
      - hosts: web
        force_handlers: false
        tasks:
          - { ${mark('a')}, notify: h }
          - { command: "false", when: 'host.name === "h1"' }
        handlers:
          - { name: h, ${mark('h')} }
    `,
      '--force-handlers',
    );
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['a']);
  });

  it('H10: a handler that fails stops its host: later handlers and sections do not run there', async () => {
    const run = await lab.apply(`
      - hosts: web
        pre_tasks:
          - { ${mark('pre')}, notify: [first, second] }
        tasks:
          - ${mark('task')}
        handlers:
          - { name: first, ${mark('first')}, failed_when: 'host.name === "h1"' }
          - { name: second, ${mark('second')} }
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['pre', 'first']);
    expect(lab.marks('h2')).toEqual(['pre', 'first', 'second', 'task']);
  });

  it('H11: a flush in a block whose handler fails on h1 takes h1 to the rescue; both run always and go on', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - block:
              - { ${mark('a')}, notify: h }
              - meta: flush_handlers
              - ${mark('rest')}
            rescue:
              - ${mark('rescue')}
            always:
              - ${mark('always')}
          - ${mark('after')}
        handlers:
          - { name: h, ${mark('h')}, failed_when: 'host.name === "h1"' }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'h', 'rescue', 'always', 'after']);
    expect(lab.marks('h2')).toEqual(['a', 'h', 'rest', 'always', 'after']);
    expect(run.recap('h1')).toMatchObject({ failed: 0, rescued: 1 });
  });

  it('H12: handlers run at the end of pre_tasks, of roles and tasks, and of post_tasks', async () => {
    lab.write('roles/r/tasks/main.yaml', `- { ${mark('role')}, notify: h }\n`);
    const run = await lab.apply(`
      - hosts: h1
        pre_tasks: [{ ${mark('pre')}, notify: h }]
        roles: [r]
        tasks: [{ ${mark('task')}, notify: h }]
        post_tasks: [{ ${mark('post')}, notify: h }]
        handlers: [{ name: h, ${mark('h')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['pre', 'h', 'role', 'task', 'h', 'post', 'h']);
  });

  it('H13: a handler that fails at the end of a batch does not keep the other host or the next batch from theirs', async () => {
    const run = await lab.apply(`
      - hosts: all
        serial: 2
        tasks: [{ ${mark('a')}, notify: h }]
        handlers: [{ name: h, ${mark('h')}, failed_when: 'host.name === "h1"' }]
    `);
    expect(run.code, run.why).toBe(1);
    expect(
      lab
        .marks()
        .filter((line) => line.endsWith(' h'))
        .toSorted(),
    ).toEqual(['h1 h', 'h2 h', 'h3 h', 'h4 h']);
  });

  it('H14: a role finds its own handler before one of the play, and others by `role : name`', async () => {
    lab.write(
      'roles/r/handlers/main.yaml',
      `- { name: restart r, ${mark('of-role')} }\n- { listen: any, name: second, ${mark('listens')} }\n`,
    );
    lab.write('roles/r/tasks/main.yaml', `- { ${mark('role')}, notify: restart r }\n`);
    const run = await lab.apply(`
      - hosts: h1
        roles: [r]
        tasks:
          - meta: flush_handlers
          - { ${mark('task')}, notify: ["r : restart r", any] }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['role', 'of-role', 'task', 'of-role', 'listens']);
  });

  it('H15: a handler that includes tasks runs all of them', async () => {
    lab.write('more.yaml', `- ${mark('one')}\n- ${mark('two')}\n`);
    const run = await lab.apply(`
      - hosts: h1
        tasks: [{ ${mark('a')}, notify: h }]
        handlers: [{ name: h, include_tasks: "<%= 'more' %>.yaml" }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'one', 'two']);
  });

  it('H16: a run_once handler runs on one host of those that were notified', async () => {
    const run = await lab.apply(`
      - hosts: all
        tasks: [{ ${mark('a')}, notify: h, changed_when: 'host.name !== "h1"' }]
        handlers: [{ name: h, ${mark('h')}, run_once: true }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks().filter((line) => line.endsWith(' h'))).toEqual(['h2 h']);
  });

  it('H17: notify of a block, and of an import, is that of each task in it that changes', async () => {
    lab.write('inner.yaml', `- ${mark('imported')}\n`);
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - notify: of block
            block:
              - { command: "true", changed_when: false }
              - ${mark('inside')}
          - { import_tasks: inner.yaml, notify: of import }
        handlers:
          - { name: of block, ${mark('block')} }
          - { name: of import, ${mark('import')} }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['inside', 'imported', 'block', 'import']);
  });

  it('H18: a name in notify may be a template; one that no handler has fails the task', async () => {
    const run = await lab.apply(`
      - hosts: h1
        vars: { which: second }
        tasks: [{ ${mark('a')}, notify: "<%= which %> handler" }]
        handlers: [{ name: first handler, ${mark('first')} }, { name: second handler, ${mark('second')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'second']);
    const wrong = await lab.apply(`
      - hosts: h1
        vars: { which: third }
        tasks: [{ name: notifier, ${mark('b')}, notify: "<%= which %> handler" }]
        handlers: [{ name: first handler, ${mark('first')} }]
    `);
    expect(wrong.code, wrong.why).toBe(1);
    expect(wrong.task('notifier')['h1']?.message).toContain('third handler');
  });

  it('H19: tags choose tasks, not handlers: one with another tag still runs', async () => {
    const run = await lab.apply(
      `
      - hosts: h1
        tasks:
          - { ${mark('kept')}, notify: h, tags: keep }
          - { ${mark('left-out')}, tags: other }
        handlers: [{ name: h, ${mark('h')}, tags: other }]
    `,
      '-t',
      'keep',
    );
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['kept', 'h']);
  });

  it('H20: an unchanged, a skipped and a failed task notify nobody', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { command: "true", changed_when: false, notify: h }
          - { command: "true", when: false, notify: h }
          - { command: "false", ignore_errors: true, notify: h }
          - ${mark('end')}
        handlers: [{ name: h, ${mark('h')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['end']);
  });

  it('H21: a notification of a host that failed is gone in the next play, and so is the host', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { ${mark('a')}, notify: h }
          - { command: "false", when: 'host.name === "h1"' }
        handlers: [{ name: h, ${mark('h-of-1')} }]
      - hosts: web
        tasks: [${mark('two').replace('shell', '{ shell')} }]
        handlers: [{ name: h, ${mark('h-of-2')} }]
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['a']);
    expect(lab.marks('h2')).toEqual(['a', 'h-of-1', 'two']);
  });

  it('H22: one changed item of a loop notifies; in check mode a handler is previewed and nothing runs', async () => {
    const playbook = `
      - hosts: h1
        tasks:
          - { copy: { content: x, dest: "<%= out %>/<%= item %>" }, loop: [one, two], notify: h }
        handlers: [{ name: h, copy: { content: h, dest: "<%= out %>/handled" } }]
    `;
    const preview = await lab.plan(playbook);
    expect(preview.code, preview.why).toBe(0);
    expect(preview.statuses('h')).toEqual({ h1: 'change' });
    expect(lab.read('handled')).toBeUndefined();
    lab.write('out/one', 'x');
    const run = await lab.apply(playbook);
    expect(run.items('copy: <%= out %>/<%= item %>', 'h1')).toBeDefined();
    expect(run.code, run.why).toBe(0);
    expect(lab.read('handled')).toBe('h');
  });

  it('two handlers of one name are refused with both places', async () => {
    const run = await lab.apply(`- hosts: h1
  tasks: [{ command: "true", notify: h }]
  handlers:
    - { name: h, command: "true" }
    - { name: h, command: "false" }
`);
    expect(run.code, run.why).toBe(2);
    expect(run.stderr).toContain('site.yaml:5:');
    expect(run.stderr).toContain('site.yaml:4:');
  });

  it('a handler that was due when the run stopped runs in the next run', async () => {
    const playbook = `
      - hosts: h1
        tasks:
          - { copy: { content: x, dest: "<%= out %>/config" }, notify: h }
          - { command: "false", when: broken }
        handlers: [{ name: h, ${mark('h')} }]
    `;
    expect((await lab.apply(playbook, '-e', '{"broken": true}')).code).toBe(1);
    expect(lab.marks()).toEqual([]);
    expect((await lab.apply(playbook, '-e', '{"broken": false}')).code).toBe(0);
    expect(lab.marks()).toEqual(['h1 h']);
  });
});
