import { describe, expect, it, vi } from 'vitest';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { labForFile } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

/** Everything there is to know of a folder: names, modes, times, contents. */
function snapshot(folder: string): string {
  return execFileSync(
    'sh',
    ['-c', 'cd "$1" && find . -printf "%p %M %u %T@ %l\\n" -type f -exec sha256sum {} + | sort', 'sh', folder],
    {
      encoding: 'utf8',
    },
  );
}

describe('previews', () => {
  it('K01: a command does not run; check_mode: false forces it; creates is looked at; nothing changes on disk', async () => {
    lab.write('out/there', 'x');
    const before = snapshot(lab.out);
    const run = await lab.apply(
      `
      - hosts: h1
        tasks:
          - { name: acts, shell: "echo x > <%= out %>/acted", register: r }
          - { name: told, debug: { msg: "<%= r.stdout %>" } }
          - { name: forced, command: echo forced, check_mode: false, register: f, changed_when: false }
          - { name: told-forced, debug: { msg: "<%= f.stdout %>" } }
          - { name: made, command: touch x, args: { creates: "<%= out %>/there" } }
          - { name: not-made, command: touch x, args: { creates: "<%= out %>/missing" } }
    `,
      '--check',
    );
    expect(run.code, run.why).toBe(0);
    expect(snapshot(lab.out)).toBe(before);
    expect(run.statuses('acts')['h1']).toMatch(/change|unknown|skipped/);
    expect(run.task('told')['h1']?.message).toContain('unknown');
    expect(run.task('told-forced')['h1']?.message).toBe('forced');
    expect(run.statuses('made')).toEqual({ h1: 'same' });
    expect(run.statuses('not-made')['h1']).toMatch(/change|unknown/);
  });

  it('K02: run.preview and check_mode: true; a registered prediction flows on through conditions', async () => {
    const playbook = `
      - hosts: h1
        tasks:
          - { name: previewed, copy: { content: x, dest: "<%= out %>/never" }, check_mode: true, register: c }
          - { name: told, debug: { msg: "<%= run.preview %> <%= c.changed %>" } }
          - { name: real, copy: { content: y, dest: "<%= out %>/real" }, register: d }
          - { name: follows, copy: { content: z, dest: "<%= out %>/follows" }, when: d.changed }
    `;
    const preview = await lab.plan(playbook);
    expect(preview.code, preview.why).toBe(0);
    expect(preview.task('told')['h1']?.message).toBe('true true');
    expect(preview.statuses('follows')).toEqual({ h1: 'change' });
    expect(lab.read('real')).toBeUndefined();
    const run = await lab.apply(playbook);
    expect(run.task('told')['h1']?.message).toBe('false true');
    expect(run.statuses('previewed')['h1']).not.toBe('failed');
    expect(lab.read('never')).toBeUndefined();
    expect(lab.read('follows')).toBe('z');
  });

  it('K03: eight file tasks in check and diff: eight changes, the lines are shown, not one byte changes', async () => {
    lab.write('t.ejs', 'port <%= port %>\n');
    lab.write('out/copied', 'old copy\n');
    lab.write('out/rendered', 'port 1\n');
    lab.write('out/lines', 'one\ntwo\n');
    lab.write('out/gone/inner', 'x');
    lab.write('out/mode', 'x');
    const before = snapshot(lab.out);
    const playbook = `
      - hosts: h1
        vars: { port: 2 }
        become: true
        tasks:
          - { name: copy, copy: { content: "new copy\\n", dest: "<%= out %>/copied" } }
          - { name: template, template: { src: t.ejs, dest: "<%= out %>/rendered" } }
          - { name: lineinfile, lineinfile: { path: "<%= out %>/lines", regexp: "^two", line: three } }
          - { name: touch, file: { path: "<%= out %>/touched", state: touch } }
          - { name: directory, file: { path: "<%= out %>/deep/er", state: directory, mode: "0700" } }
          - { name: absent, file: { path: "<%= out %>/gone", state: absent } }
          - { name: link, file: { path: "<%= out %>/link", src: copied, state: link } }
          - { name: mode, file: { path: "<%= out %>/mode", mode: "0600" } }
    `;
    const run = await lab.apply(playbook, '--check', '--diff');
    expect(run.code, run.why).toBe(0);
    expect(snapshot(lab.out)).toBe(before);
    for (const name of ['copy', 'template', 'lineinfile', 'touch', 'directory', 'absent', 'link', 'mode'])
      expect(run.statuses(name), name).toEqual({ h1: 'change' });
    const plain = await lab.run('plan', '--output', 'plain', 'site.yaml');
    for (const line of ['- old copy', '+ new copy', '- port 1', '+ port 2', '- two', '+ three'])
      expect(plain.stdout.replaceAll(/^ +([-+]) ?/gm, '$1 ')).toContain(line);
    expect((await lab.run('plan', '--exit-code', 'site.yaml')).code).toBe(4);
  });

  it('K04: the parent folder that is missing is predicted as a failure; one an earlier task would make is not', async () => {
    const run = await lab.plan(`
      - hosts: h1
        tasks:
          - { name: dir, file: { path: "<%= out %>/made", state: directory } }
          - { name: inside, copy: { content: x, dest: "<%= out %>/made/x" } }
          - { name: nowhere, copy: { content: x, dest: "<%= out %>/missing/x" } }
    `);
    expect(run.code, run.why).toBe(1);
    expect(run.statuses('inside')).toEqual({ h1: 'change' });
    expect(run.statuses('nowhere')).toEqual({ h1: 'failed' });
  });

  it('K05: no_log hides the diff, diff: false that of one task', async () => {
    lab.write(
      'site.yaml',
      `
      - hosts: h1
        tasks:
          - { copy: { content: "hidden-words\\n", dest: "<%= out %>/a" }, no_log: true }
          - { copy: { content: "unshown-words\\n", dest: "<%= out %>/b" }, diff: false }
          - { copy: { content: "shown-words\\n", dest: "<%= out %>/c" } }
    `,
    );
    for (const flags of [['-D'], ['-D', '--check'], ['-D', '--check', '--output', 'json']]) {
      const run = await lab.run('apply', 'site.yaml', ...flags);
      expect(run.code, run.stdout).toBe(0);
      expect(run.stdout).not.toMatch(/hidden-words|unshown-words/);
      if (flags.includes('--check')) continue;
      expect(run.stdout).toContain('shown-words');
      for (const name of ['a', 'b', 'c']) execFileSync('rm', [join(lab.out, name)]);
    }
  });
});

describe('secrets', () => {
  const secret = 'x9Kq-very-secret-w0rd';

  it('S01: under no_log the secret is nowhere in the output, the journal or the JSON, whatever becomes of the task', async () => {
    lab.write('bad.ejs', `<%= password %> <%= ok.nothing.here %>\n`);
    lab.write(
      'site.yaml',
      `
      - hosts: h1
        vars: { password: "<%= word %>" }
        tasks:
          - { command: "echo <%= password %>", no_log: true, register: ok }
          - { shell: "echo <%= password %> >&2; exit 1", no_log: true, ignore_errors: true, register: failed }
          - { command: "echo <%= item %>", loop: ["<%= password %>", "1<%= password %>"], no_log: true }
          - { command: "echo <%= item %>", loop: ["<%= password %>"], when: 'item === "other"', no_log: true }
          - { command: "echo <%= password %>", when: 'password === "other"', no_log: true }
          - { command: "echo <%= password %>", async: 10, poll: 1, no_log: true }
          - { template: { src: bad.ejs, dest: "<%= out %>/t", mode: "0600" }, no_log: true, ignore_errors: true }
          - { shell: "echo <%= password %>; exit 1", retries: 1, delay: 0, no_log: true, ignore_errors: true }
          - { copy: { content: "<%= password %>", dest: "<%= out %>/copied" }, no_log: true }
          - { name: "uses it", shell: "test '<%= ok.stdout %>' = '<%= password %>' && echo <%= host.name %> used >> <%= log %>", no_log: true }
          - { shell: "true ${secret}", no_log: true }
          - { name: "in a block", no_log: true, block: [{ debug: { msg: "<%= password %>" } }] }
    `,
    );
    for (const output of ['plain', 'json']) {
      const run = await lab.run('apply', 'site.yaml', '-vvvv', '-D', '--output', output, '-e', `word=${secret}`);
      expect(run.code, run.stdout + run.stderr).toBe(0);
      expect(run.stdout + run.stderr).not.toContain(secret);
    }
    expect(lab.marks('h1')).toEqual(['used', 'used']);
    expect(lab.read('copied')).toBe(secret);
    const runs = join(lab.folder, '.runner/runs');
    for (const name of readdirSync(runs)) {
      expect(readFileSync(join(runs, name, 'events.jsonl'), 'utf8')).not.toContain(secret);
      expect(statSync(join(runs, name)).mode & 0o077).toBe(0);
    }
  });

  it('S02: a password of the inventory is masked wherever a host says it', async () => {
    lab.write('host_vars/h1.yaml', `become_password: ${secret}\n`);
    lab.write(
      'site.yaml',
      `- { hosts: h1, tasks: [{ shell: "echo said ${secret}", register: r }, { debug: { var: r } }] }\n`,
    );
    const run = await lab.run('apply', 'site.yaml', '-vvvv');
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(run.stdout).toContain('said');
    expect(run.stdout + run.stderr).not.toContain(secret);
  });

  it('S02: a text tagged !secret is masked wherever it is written: play, vars_files, role, task, include_vars', async () => {
    const words = ['play', 'file', 'role', 'task', 'read'].map((from) => `geheim-${from}-0815`);
    lab.write('file.yaml', `from_file: !secret ${words[1]}\n`);
    lab.write('read.yaml', `from_read: !secret ${words[4]}\n`);
    lab.write('roles/r/vars/main.yaml', `from_role: !secret ${words[2]}\n`);
    lab.write(
      'roles/r/tasks/main.yaml',
      '- { name: Says, shell: "printf %s <%= from_play + from_file + from_role + from_task + from_read %>", vars: { from_task: !secret ' +
        `${words[3]} }, register: said }\n- assert: { that: said.stdout.length === ${words.join('').length} }\n`,
    );
    lab.write(
      'site.yaml',
      `- hosts: h1\n  vars: { from_play: !secret ${words[0]} }\n  vars_files: [file.yaml]\n  pre_tasks: [{ include_vars: read.yaml }]\n  roles: [r]\n`,
    );
    const ended = await lab.run('apply', '-vvv', 'site.yaml');
    expect(ended.code, ended.why).toBe(0);
    expect(ended.stdout).toContain('********');
    for (const word of words) expect(ended.stdout + ended.stderr).not.toContain(word);
  });

  it('S03: content of copy and bodies of templates are not echoed at -vvv', async () => {
    lab.write('t.ejs', `body ${secret}\n`);
    lab.write(
      'site.yaml',
      `
      - hosts: h1
        vars: { word: ${secret} }
        tasks:
          - { name: one, copy: { content: "<%= word %>", dest: "<%= out %>/a" } }
          - { name: two, template: { src: t.ejs, dest: "<%= out %>/b" } }
          - { name: three, lineinfile: { path: "<%= out %>/a", line: "<%= word %>2" } }
          - copy: { content: "${secret}", dest: "<%= out %>/c" }
    `,
    );
    for (const output of ['plain', 'json']) {
      const run = await lab.run('apply', 'site.yaml', '-vvv', '--output', output);
      expect(run.code, run.stdout + run.stderr).toBe(0);
      expect(run.stdout + run.stderr).not.toContain(secret);
    }
  });

  it('S04: escape sequences that a host says do not reach the terminal', async () => {
    lab.write(
      'site.yaml',
      '- { hosts: h1, tasks: [{ shell: "printf \'\\\\033[2Jred\\\\033]0;title\\\\007\\\\n\'; exit 1" }] }\n',
    );
    const run = await lab.run('apply', 'site.yaml', '-vvv');
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('red');
    expect(run.stdout.includes('\u001B') || run.stdout.includes('\u0007')).toBe(false);
  });
});

describe('async', () => {
  it('A01: poll waits; poll 0 gives a job id that can be asked; an unknown job and one over its limit fail', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: waits, shell: "sleep 1; echo done", async: 60, poll: 1, register: w }
          - { name: told, debug: { msg: "<%= w.stdout %> <%= w.rc %>" } }
          - { name: starts, shell: "until [ -e <%= out %>/go ]; do sleep 0.1; done; echo later; exit 3", async: 60, poll: 0, register: s }
          - { command: "touch <%= out %>/go" }
          - name: asks
            async_status: { jid: "<%= s.ansible_job_id %>" }
            register: j
            until: j.finished
            retries: 100
            delay: 0.3
            failed_when: false
          - { name: told-later, debug: { msg: "<%= j.stdout %> <%= j.rc %>" } }
          - { name: idle, command: { cmd: "touch never", creates: / }, async: 60, poll: 0, register: i }
          - { name: asks-idle, async_status: { jid: "<%= i.ansible_job_id %>" }, register: k, until: k.finished }
          - { name: cleans-idle, async_status: { jid: "<%= i.ansible_job_id %>", mode: cleanup } }
          - { name: unknown, async_status: { jid: "1234567890abcdef" }, ignore_errors: true }
          - { name: over, command: sleep 60, async: 1, poll: 1, ignore_errors: true }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('done 0');
    // What it started ended only after the task behind it.
    expect(run.statuses('starts')).toEqual({ h1: 'changed' });
    expect(run.task('told-later')['h1']?.message).toBe('later 3');
    for (const name of ['idle', 'asks-idle', 'cleans-idle']) expect(run.statuses(name)).toEqual({ h1: 'ok' });
    expect(run.statuses('unknown')).toEqual({ h1: 'failed' });
    expect(run.statuses('over')).toEqual({ h1: 'failed' });
    expect(run.task('over')['h1']?.milliseconds).toBeLessThan(30_000);
  });

  it('A02: a job that was started goes on when the run is over', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks: [{ shell: "sleep 1; echo <%= host.name %> later >> <%= log %>", async: 30, poll: 0 }]
    `);
    expect(run.code, run.why).toBe(0);
    await vi.waitUntil(() => lab.marks().includes('h1 later'), { timeout: 60_000, interval: 50 });
  });
});
