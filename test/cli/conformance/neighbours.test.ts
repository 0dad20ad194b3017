import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

describe('handlers, further', () => {
  it('a handler may be a block, be imported, be delegated, be notified in a rescue and ignore its failure', async () => {
    lab.write('handlers.yaml', `- { name: imported, ${mark('imported')} }\n`);
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - block: [{ command: "false" }]
            rescue: [{ ${mark('rescue')}, notify: [imported, in block, delegated, fails, last] }]
        handlers:
          - { name: in block, block: [{ ${mark('block1')} }, { ${mark('block2')} }] }
          - import_tasks: handlers.yaml
          - { name: delegated, ${mark('delegated')}, delegate_to: h3 }
          - { name: fails, command: "false", ignore_errors: true }
          - { name: last, ${mark('last')} }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['rescue', 'block1', 'block2', 'imported', 'delegated', 'last']);
    expect(run.recap('h1').ignored).toBe(1);
  });

  it('a handler of an included role can be notified after the include; end_play in a handler ends the play', async () => {
    lab.write('roles/r/tasks/main.yaml', `- ${mark('role')}\n`);
    lab.write('roles/r/handlers/main.yaml', `- { name: of r, ${mark('of-r')} }\n`);
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { include_role: { name: r } }
          - { ${mark('task')}, notify: of r }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['role', 'task', 'of-r']);
  });
});

describe('notifications', () => {
  it('each changed item notifies by its own name; the name of a handler may be a template', async () => {
    const run = await lab.apply(`
      - hosts: h1:h2
        vars: { service: app }
        tasks:
          - { shell: "echo <%= item %>", changed_when: item !== 'b', loop: [a, b], notify: "restart <%= item %>" }
          - { command: "true", notify: restart app, when: host.name === 'h2' }
        handlers:
          - { name: restart a, ${mark('a')} }
          - { name: restart b, ${mark('b')} }
          - { name: "restart <%= service %>", ${mark('app')} }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a']);
    expect(lab.marks('h2')).toEqual(['a', 'app']);
  });

  it('what failed before it changed anything notifies nobody when failed_when takes it for none', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: c, copy: { src: none, dest: "<%= out %>/x" }, failed_when: false, notify: after, register: r }
          - { name: f, file: { path: "<%= out %>/x", state: file }, failed_when: false, notify: after }
          - { name: told, debug: { msg: "<%= r.failed %> <%= r.changed %> <%= r.msg %>" } }
        handlers:
          - { name: after, ${mark('after')} }
    `);
    expect(run.code, run.why).toBe(0);
    expect(['c', 'f'].map((name) => run.statuses(name)['h1'])).toEqual(['ok', 'ok']);
    expect(run.task('told')['h1']?.message).toMatch(/^false false cannot find none/);
    expect(lab.marks()).toEqual([]);
  });
});

describe('includes, further', () => {
  it('a file that includes itself without end fails in place of running for ever', async () => {
    lab.write('ever.yaml', '- include_tasks: ever.yaml\n');
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { include_tasks: ever.yaml }
    `);
    expect(run.code, run.why).toBe(1);
    expect(run.why).toMatch(/includes itself without end/);
  });
});

describe('conditions and keywords', () => {
  it('a list of conditions means all of them; what is no boolean is an error, not a guess', async () => {
    const run = await lab.apply(`
      - hosts: h1
        vars: { word: "false", n: 0 }
        tasks:
          - { name: both, command: "true", when: [n === 0, word === "false"] }
          - { name: one, command: "true", when: [n === 0, n === 1] }
          - { name: text, command: "true", when: word, ignore_errors: true }
          - { name: ignored, command: "false", ignore_errors: "<%= n === 0 %>" }
    `);
    expect(run.code, run.why).toBe(0);
    expect(['both', 'one', 'text', 'ignored'].map((name) => run.statuses(name)['h1'])).toEqual([
      'changed',
      'skipped',
      'failed',
      'failed',
    ]);
    expect(run.task('text')['h1']?.message).toMatch(/boolean|true or false/);
  });

  it('`in` on a list is an error with a hint, not false', async () => {
    const run = await lab.apply(`
      - hosts: h1
        vars: { list: [a, b], map: { k: 1 } }
        tasks:
          - { name: wrong, command: "true", when: '"a" in list', ignore_errors: true }
          - { name: right, command: "true", when: 'list.includes("a") && "k" in map' }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('wrong')['h1']).toMatchObject({ status: 'failed', hint: 'write `list.includes("a")`' });
    expect(run.statuses('right')).toEqual({ h1: 'changed' });
  });

  it('omit leaves a parameter out, also in a loop', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { file: { path: "<%= out %>/<%= item.name %>", state: touch, mode: "<%= item.mode ?? omit %>" }, loop: [{ name: a, mode: "0600" }, { name: b }] }
          - { stat: { path: "<%= out %>/a" }, register: a }
          - { name: told, debug: { msg: "<%= a.stat.mode %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('0600');
  });

  it('any_errors_fatal of a block or a task, and in a serial play: no further batch begins', async () => {
    const run = await lab.apply(`
      - hosts: all
        serial: 2
        tasks:
          - any_errors_fatal: true
            block: [{ ${mark('a')} }, { command: "false", when: 'host.name === "h2"' }]
          - ${mark('b')}
    `);
    expect(run.code, run.why).toBe(1);
    expect(lab.marks().toSorted()).toEqual(['h1 a', 'h2 a']);
  });

  it('max_failures counts hosts that were not reached, over the batches', async () => {
    for (const host of ['h1', 'h2']) lab.write(`host_vars/${host}.yaml`, 'ssh: { port: 1 }\n');
    const run = await lab.apply(`
      - hosts: all
        serial: 1
        max_failures: 1
        tasks: [{ ${mark('a')} }]
    `);
    expect(run.code, run.why).toBe(3);
    expect(lab.marks()).toEqual([]);
  });

  it('end_role leaves the role, on that host alone; clear_facts forgets what was set', async () => {
    lab.write(
      'roles/r/tasks/main.yaml',
      `- ${mark('one')}\n- { meta: end_role, when: 'host.name === "h1"' }\n- ${mark('two')}\n`,
    );
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { set_fact: { kept: here } }
          - { include_role: { name: r } }
          - ${mark('after')}
          - meta: clear_facts
          - { name: told, debug: { msg: "<%= typeof kept %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['one', 'after']);
    expect(lab.marks('h2')).toEqual(['one', 'two', 'after']);
    expect(run.task('told')['h1']?.message).toBe('undefined');
  });

  it('a play without facts does not read them; the condition of a play is judged for each host', async () => {
    const run = await lab.apply(`
      - hosts: web
        facts: false
        when: 'host.name === "h2"'
        tasks: [{ name: reads, debug: { msg: "<%= facts.hostname %>" }, ignore_errors: true }, { ${mark('after')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.statuses('reads')).toEqual({ h2: 'failed' });
    expect(lab.marks()).toEqual(['h2 after']);
  });
});

describe('variables, further', () => {
  it('include_vars beats role and task vars, set_fact beats it; vars_files may be named by host', async () => {
    lab.write('included.yaml', 'a: included\nb: included\n');
    lab.write('of-h1.yaml', 'c: of-h1\n');
    const run = await lab.apply(`
      - hosts: h1
        vars_files: ["of-<%= host.name %>.yaml"]
        vars: { a: play, b: play }
        tasks:
          - { include_vars: included.yaml }
          - { set_fact: { b: fact } }
          - { name: told, debug: { msg: "<%= a %> <%= b %> <%= c %>" }, vars: { a: task } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('included fact of-h1');
  });

  it('variables and registers of other hosts, the batch and the run are there', async () => {
    const run = await lab.apply(`
      - hosts: web
        tasks:
          - { set_fact: { mine: "of-<%= host.name %>" } }
          - { name: told, debug: { msg: "<%= hosts.h2.vars.mine %> <%= play.hosts.join() %> <%= play.batch.length %> <%= hosts.h3.address %> <%= typeof run.id %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('of-h2 h1,h2 2 127.0.1.3 string');
  });

  it('a run on localhost needs no inventory and no ssh', async () => {
    lab.write(
      'local.yaml',
      '- { hosts: localhost, tasks: [{ command: id -un, register: r }, { assert: { that: r.stdout === "root" } }] }\n',
    );
    const run = await lab.run('apply', '--output', 'json', 'local.yaml');
    expect(run.code, run.why).toBe(0);
  });

  it('`vars` tells which value a host has and where it comes from', async () => {
    lab.write('group_vars/all.yaml', 'word: all\n');
    lab.write('host_vars/h1.yaml', 'word: of-h1\n');
    const said = await lab.run('vars', 'h1', 'word');
    expect(said.code, said.stderr).toBe(0);
    expect(said.stdout).toContain('of-h1');
    expect(said.stdout).toContain('host_vars/h1.yaml:1');
    expect(said.stdout).toContain('group_vars/all.yaml:1');
  });
});

describe('over HTTP', () => {
  it('M23: get_url: the right checksum, then nothing to do; a wrong one, 404 and no server leave the old file as it is', async () => {
    const body = 'downloaded\n';
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url ?? '');
      response.writeHead(request.url === '/file' ? 200 : 404).end(request.url === '/file' ? body : 'no');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const sum = createHash('sha256').update(body).digest('hex');
    const run = await lab.apply(`
      - hosts: h1
        vars: { url: "http://127.0.0.1:${port}" }
        tasks:
          - { name: first, get_url: { url: "<%= url %>/file", dest: "<%= out %>/f", checksum: "sha256:${sum}" } }
          - { name: again, get_url: { url: "<%= url %>/file", dest: "<%= out %>/f", checksum: "sha256:${sum}" } }
          - { name: wrong, get_url: { url: "<%= url %>/file", dest: "<%= out %>/f", checksum: "sha256:${'0'.repeat(64)}", force: true }, ignore_errors: true }
          - { name: missing, get_url: { url: "<%= url %>/gone", dest: "<%= out %>/f", force: true }, ignore_errors: true }
          - { name: refused, get_url: { url: "http://127.0.0.1:1/file", dest: "<%= out %>/f", force: true, timeout: 3 }, ignore_errors: true }
    `);
    server.close();
    expect(run.code, run.why).toBe(0);
    expect(
      ['first', 'again', 'wrong', 'missing', 'refused'].map((name) => run.statuses(name)['h1']),
      run.why,
    ).toEqual(['changed', 'ok', 'failed', 'failed', 'failed']);
    expect(lab.read('f')).toBe(body);
    expect(requests.filter((url) => url === '/file').length).toBeLessThanOrEqual(2);
  });
});
