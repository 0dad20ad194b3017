import { describe, expect, it, vi } from 'vitest';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

describe('delegation, run_once, batches, early ends', () => {
  it('D01: a delegated task keeps the name and variables of its host; facts stay there unless delegate_facts', async () => {
    lab.write('host_vars/h1.yaml', 'word: of-h1\n');
    lab.write('host_vars/h3.yaml', 'word: of-h3\n');
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - name: elsewhere
            shell: "echo <%= host.name %> <%= word %>-$(echo $SSH_CONNECTION | cut -d' ' -f3) >> <%= log %>"
            delegate_to: h3
          - { set_fact: { kept: here }, delegate_to: h3 }
          - { set_fact: { given: there }, delegate_to: h3, delegate_facts: true }
          - { name: told, debug: { msg: "<%= kept %> <%= typeof given %>" } }
      - hosts: h3
        tasks: [{ name: told3, debug: { msg: "<%= typeof kept %> <%= given %>" } }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['of-h1-127.0.1.3']);
    expect(run.task('elsewhere')['h1']?.delegatedTo).toBe('h3');
    expect(run.task('told')['h1']?.message).toBe('here undefined');
    expect(run.task('told3')['h3']?.message).toBe('undefined there');
  });

  it('D02: an empty delegate_to is an error, not a run on the host itself; localhost needs no inventory', async () => {
    const run = await lab.apply(`
      - hosts: h1
        vars: { nobody: "" }
        tasks:
          - { name: local, shell: "echo <%= host.name %> $(id -un) >> <%= log %>", delegate_to: localhost }
          - { name: nowhere, ${mark('wrong')}, delegate_to: "<%= nobody %>" }
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks()).toEqual(['h1 root']);
    expect(run.statuses('nowhere')).toEqual({ h1: 'failed' });
  });

  it('D03: a delegate by loop item; one that cannot be reached makes the original host unreachable', async () => {
    lab.write('host_vars/h4.yaml', 'ssh: { port: 1 }\n');
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - name: each
            shell: "echo <%= host.name %> $(echo $SSH_CONNECTION | cut -d' ' -f3) >> <%= log %>"
            delegate_to: "<%= item %>"
            loop: [h2, h3]
          - { name: lost, ${mark('never')}, delegate_to: h4, when: 'host.name === "h1"' }
          - ${mark('after')}
    `);
    expect(run.code, run.why).toBe(3);
    expect(lab.marks('h1')).toEqual(['127.0.1.2', '127.0.1.3']);
    expect(lab.marks('h2')).toEqual(['127.0.1.2', '127.0.1.3', 'after']);
    expect(run.recap('h1').unreachable).toBe(1);
  });

  it('D04: run_once runs on the first host; its register, its facts and its change are those of all', async () => {
    const run = await lab.apply(`
      - hosts: all
        tasks:
          - { shell: "echo <%= host.name %> once >> <%= log %>; echo said", run_once: true, register: r }
          - { set_fact: { token: "of-<%= host.name %>" }, run_once: true }
          - { name: told, debug: { msg: "<%= r.stdout %> <%= token %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks()).toEqual(['h1 once']);
    for (const host of ['h1', 'h2', 'h3', 'h4']) expect(run.task('told')[host]?.message).toBe('said of-h1');
  });

  it('D04: a run_once task notifies for the host it ran on; 127.0.0.1 and ::1 are the controller, as localhost is', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { command: "true", run_once: true, notify: told }
          - { shell: "echo <%= item %> >> <%= log %>", delegate_to: "<%= item %>", loop: [127.0.0.1, "::1"], run_once: true }
        handlers: [{ name: told, ${mark('told')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks()).toEqual(['127.0.0.1', '::1', 'h1 told']);
  });

  it('D05: a run_once task that fails stops every host', async () => {
    const run = await lab.apply(`
      - hosts: all
        tasks:
          - { command: "false", run_once: true }
          - ${mark('after')}
      - hosts: all
        tasks: [{ ${mark('next-play')} }]
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks()).toEqual([]);
  });

  it('D06: run_once, delegate_to and loop together: once for each item, on the delegate; once in each batch', async () => {
    const run = await lab.apply(`
      - hosts: web
        serial: 1
        tasks:
          - name: together
            shell: "echo <%= host.name %> <%= item %> >> <%= log %>"
            loop: [a, b]
            run_once: true
            delegate_to: h3
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks()).toEqual(['h1 a', 'h1 b', 'h2 a', 'h2 b']);
    expect(run.events.filter((event) => event.kind === 'message' && event.level === 'warning')).toHaveLength(1);
  });

  it('D07: serial [1, "30%", 3] over four hosts: h1, h2, then h3 and h4', async () => {
    const run = await lab.apply(`
      - hosts: all
        serial: [1, "30%", 3]
        tasks: [{ ${mark('a')} }, { ${mark('b')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.events.flatMap((event) => (event.kind === 'batch-start' ? [event.hosts] : []))).toEqual([
      ['h1'],
      ['h2'],
      ['h3', 'h4'],
    ]);
    expect(lab.marks().slice(0, 4)).toEqual(['h1 a', 'h1 b', 'h2 a', 'h2 b']);
  });

  it('D08: order: reverse_inventory and sorted; handlers and post_tasks end a batch before the next begins', async () => {
    const run = await lab.apply(`
      - hosts: web
        order: reverse_inventory
        serial: 1
        tasks: [{ ${mark('a')}, notify: h }]
        post_tasks: [{ ${mark('post')} }]
        handlers: [{ name: h, ${mark('h')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks()).toEqual(['h2 a', 'h2 h', 'h2 post', 'h1 a', 'h1 h', 'h1 post']);
  });

  it('D09: throttle 2 over four hosts: never more than two at once; the innermost throttle wins', async () => {
    const run = await lab.apply(
      `
      - hosts: all
        throttle: 4
        tasks:
          - name: two
            # Waits for a second one, and counts a moment later what is there then.
            shell: |
              cd <%= out %>; mkdir <%= host.name %>
              for try in $(seq 50); do [ $(ls -d h? | wc -l) -lt 2 ] || break; sleep 0.1; done
              sleep 0.3; ls -d h? | wc -l; rmdir <%= host.name %>
            throttle: 2
          - throttle: 3
            block:
              - name: one
                shell: "mkdir <%= out %>/<%= host.name %>; ls -d <%= out %>/h? | wc -l; sleep 0.1; rmdir <%= out %>/<%= host.name %>"
                throttle: 1
    `,
      '-f',
      '8',
    );
    expect(run.code, run.why).toBe(0);
    const most = (name: string): number =>
      Math.max(...Object.values(run.task(name)).map((outcome) => Number(outcome.result?.['stdout'])));
    expect(most('two')).toBe(2);
    expect(most('one')).toBe(1);
  });

  it('D10: end_host ends one host, end_batch the batch, end_play the play; none of them is a failure', async () => {
    const run = await lab.apply(`
      - hosts: all
        serial: 2
        tasks:
          - ${mark('a')}
          - { meta: end_host, when: 'host.name === "h1"' }
          - ${mark('b')}
          - { meta: end_batch, when: 'host.name === "h2"' }
          - { meta: end_play, when: 'host.name === "h3"' }
          - ${mark('c')}
      - hosts: h1
        tasks: [{ ${mark('next-play')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'next-play']);
    expect(lab.marks('h2')).toEqual(['a', 'b']);
    expect(lab.marks('h3')).toEqual(['a', 'b']);
    expect(lab.marks('h4')).toEqual(['a', 'b']);
  });

  it('D11: clear_host_errors after a failure brings the host back for the next play; exit 0', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { command: "false", when: 'host.name === "h1"' }
          - meta: clear_host_errors
      - hosts: web
        tasks: [{ ${mark('next-play')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks().toSorted()).toEqual(['h1 next-play', 'h2 next-play']);
  });

  it('D12: any_errors_fatal: the others finish the task and stop; later plays do not run', async () => {
    const run = await lab.apply(`
      - hosts: all
        any_errors_fatal: true
        tasks:
          - { shell: "echo <%= host.name %> a >> <%= log %>; test <%= host.name %> != h1" }
          - ${mark('b')}
      - hosts: all
        tasks: [{ ${mark('next-play')} }]
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks().toSorted()).toEqual(['h1 a', 'h2 a', 'h3 a', 'h4 a']);
  });

  it('D13: strategy linear: all hosts finish a task before the next; free: nobody waits', async () => {
    const play = (strategy: string): string => `
      - hosts: web
        strategy: ${strategy}
        tasks:
          - shell: "test <%= host.name %> = h2 || until grep -q h2.b <%= out %>/free-log; do sleep 0.05; done"
            timeout: 60
          - shell: "echo <%= host.name %>.b >> <%= out %>/free-log"
    `;
    const free = await lab.apply(play('free'));
    expect(free.code, free.why).toBe(0);
    expect(lab.read('free-log')).toBe('h2.b\nh1.b\n');
    const linear = await lab.apply(`
      - hosts: all
        tasks: [{ ${mark('a')} }, { ${mark('b')} }]
    `);
    expect(linear.code, linear.why).toBe(0);
    expect(lab.marks().map((line) => line.slice(3))).toEqual(['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b']);
  });

  it('D14: run_once with a condition that does not hold on the first host runs nowhere', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks: [{ ${mark('a')}, run_once: true, when: 'host.name === "h2"' }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks()).toEqual([]);
  });

  it('D15: plays with needs run when those are met; one whose need failed does not run', async () => {
    const run = await lab.apply(`
      - { name: first, hosts: h1, needs: [], tasks: [{ ${mark('first')} }] }
      - { name: breaks, hosts: h2, needs: [], any_errors_fatal: true, tasks: [{ command: "false" }] }
      - { name: after both, hosts: h3, needs: [first, breaks], tasks: [{ ${mark('both')} }] }
      - { name: after first, hosts: h4, needs: [first], tasks: [{ ${mark('one')} }] }
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks()).toEqual(['h1 first', 'h4 one']);
  });
});
