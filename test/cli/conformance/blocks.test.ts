import { describe, expect, it, vi } from 'vitest';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

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

  it('any_errors_fatal: a failure that is rescued in an included block stops nobody who is not in it', async () => {
    lab.write('inner.yaml', `- { block: [{ command: "false" }], rescue: [{ ${mark('rescue')} }] }\n`);
    const run = await lab.apply(`
      - hosts: web
        any_errors_fatal: true
        tasks:
          - { include_tasks: inner.yaml, when: 'host.name === "h1"' }
          - ${mark('after')}
          - { include_tasks: "<%= host.name %>-none.yaml", when: 'host.name === "h1"' }
          - ${mark('never')}
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks('h1')).toEqual(['rescue', 'after']);
    expect(lab.marks('h2')).toEqual(['after']);
    expect(run.recap('h1')).toMatchObject({ rescued: 1, failed: 1 });
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
