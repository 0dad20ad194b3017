import { describe, expect, it, vi } from 'vitest';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

describe('loops', () => {
  it('L01: all items run also after one failed; the task has failed; the items say which', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - name: looped
            shell: "echo <%= host.name %> <%= item %> >> <%= log %>; test <%= item %> != two"
            loop: [one, two, three]
            register: r
            ignore_errors: true
          - name: told
            debug: { msg: "<%= r.failed %> <%= r.results.map((each) => each.failed).join() %> <%= r.results.map((each) => each.item).join() %>" }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['one', 'two', 'three']);
    expect(run.items('looped', 'h1').map(({ status }) => status)).toEqual(['changed', 'failed', 'changed']);
    expect(run.task('told')['h1']?.message).toBe('true false,true,false one,two,three');
  });

  it('L02: a failed item fails the host', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { command: "test <%= item %> = a", loop: [a, b] }
          - ${mark('never')}
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks()).toEqual([]);
  });

  it('L03: an undefined list does not matter when the condition is false, and fails the task otherwise', async () => {
    const tasks = (when: string): string => `
      - hosts: h1
        tasks:
          - { command: "true", register: r }
          - { name: looped, command: "echo <%= item %>", loop: "<%= r.nothing %>", when: ${when} }
    `;
    const skipped = await lab.apply(tasks('false'));
    expect(skipped.code, skipped.why).toBe(0);
    expect(skipped.statuses('looped')).toEqual({ h1: 'skipped' });
    const failed = await lab.apply(tasks('true'));
    expect(failed.code, failed.why).toBe(1);
    expect(failed.statuses('looped')).toEqual({ h1: 'failed' });
  });

  it('L04: loop_var, index_var and label; the condition is judged for each item; an empty list is skipped', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - name: looped
            shell: "echo <%= host.name %> <%= at %>:<%= user.name %> >> <%= log %>"
            loop: [{ name: ann, here: true }, { name: bob, here: false }, { name: eve, here: true }]
            loop_control: { loop_var: user, index_var: at, label: "<%= user.name %>" }
            when: user.here
            register: r
          - { name: told, debug: { msg: "<%= r.results.map((each) => each.user.name + each.skipped).join() %>" } }
          - { name: empty, command: "false", loop: [] }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['0:ann', '2:eve']);
    expect(run.task('told')['h1']?.message).toBe('annfalse,bobtrue,evefalse');
    expect(run.statuses('empty')).toEqual({ h1: 'skipped' });
    expect(
      run.events.flatMap((event) => (event.kind === 'item-end' && event.ref.task === 'looped' ? [event.label] : [])),
    ).toEqual(['ann', 'bob', 'eve']);
  });

  it('L05: a pause of 3 s over three items is made twice', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks: [{ name: looped, command: "true", loop: [1, 2, 3], loop_control: { pause: 3 } }]
    `);
    const milliseconds = run.task('looped')['h1']?.milliseconds ?? 0;
    expect(milliseconds).toBeGreaterThanOrEqual(6000);
    expect(milliseconds - run.items('looped', 'h1').reduce((sum, item) => sum + item.milliseconds, 0)).toBeLessThan(
      8900,
    );
  });

  it('L06: a list of maps, a list by expression and a list of lists are gone through as they are', async () => {
    const run = await lab.apply(`
      - hosts: h1
        vars: { ports: { http: 80, https: 443 } }
        tasks:
          - { shell: "echo <%= host.name %> <%= item[0] %>=<%= item[1] %> >> <%= log %>", loop: "<%= Object.entries(ports) %>" }
          - { shell: "echo <%= host.name %> <%= item.length %> >> <%= log %>", loop: [[1, 2], [3]] }
          - { name: no-list, command: "true", loop: "<%= ports %>", ignore_errors: true }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['http=80', 'https=443', '2', '1']);
    expect(run.task('no-list')['h1']).toMatchObject({ status: 'failed', ignored: true });
  });

  it('L07: until stops at the first success and counts the attempts; there are 3 tries unless retries say more', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - name: third
            shell: "echo x >> <%= out %>/tries; wc -l < <%= out %>/tries"
            until: Number(r.stdout) >= 3
            delay: 0
            register: r
          - { name: told, debug: { msg: "<%= r.attempts %>" } }
          - { name: never, shell: "echo y >> <%= out %>/never", until: false, delay: 0, ignore_errors: true, register: n }
          - { name: told-never, debug: { msg: "<%= n.attempts %> <%= n.failed %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('3');
    expect(run.task('told-never')['h1']?.message).toBe('3 true');
    expect(lab.read('never')).toBe('y\ny\ny\n');
  });

  it('L08: until that never holds fails the host, also with failed_when: false', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: never, command: "true", until: false, retries: 1, delay: 0, failed_when: false }
          - ${mark('never')}
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks()).toEqual([]);
  });

  it('L09: retries without a condition mean "until it succeeds"', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: third, shell: "echo x >> <%= out %>/tries; test $(wc -l < <%= out %>/tries) -ge 3", retries: 5, delay: 0 }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.read('tries')).toBe('x\nx\nx\n');
    expect(run.task('third')['h1']?.attempts).toBe(3);
  });

  it('L10: until and loop: each item has tries of its own', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - name: looped
            shell: "echo x >> <%= out %>/<%= item %>; wc -l < <%= out %>/<%= item %>"
            loop: [1, 3, 2]
            until: Number(r.stdout) >= item
            delay: 0
            register: r
          - { name: told, debug: { msg: "<%= r.results.map((each) => each.attempts).join() %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('1,3,2');
  });

  it('L11: a fact that grows in a loop keeps duplicates and sees each step before', async () => {
    const run = await lab.apply(`
      - hosts: h1
        vars: { all: [] }
        tasks:
          - { set_fact: { all: "<%= [...all, item] %>" }, loop: [a, a, b] }
          - { name: told, debug: { msg: "<%= all.join() %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('a,a,b');
  });

  it('L12: an include in a loop runs its file for each item; the item of an inner loop may have another name', async () => {
    lab.write('inner.yaml', `- shell: "echo <%= host.name %> <%= outer %><%= item %> >> <%= log %>"\n  loop: [1, 2]\n`);
    const run = await lab.apply(`
      - hosts: web
        tasks: [{ include_tasks: inner.yaml, loop: [a, b], loop_var: outer }]
    `);
    expect(run.code, run.why).toBe(0);
    for (const host of ['h1', 'h2']) expect(lab.marks(host)).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('L13: what a host said is data: template signs in it are never rendered', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { shell: "printf '<\\\\045= 6 * 7 \\\\045>'", register: r }
          - { set_fact: { said: "<%= r.stdout %>" } }
          - { copy: { content: "<%= said %>", dest: "<%= out %>/said" } }
          - { name: looped, debug: { msg: "<%= item %>" }, loop: "<%= [said] %>" }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.read('said')).toBe('<%= 6 * 7 %>');
    expect(run.items('looped', 'h1')[0]?.message).toBe('<%= 6 * 7 %>');
  });
});
