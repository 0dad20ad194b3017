import { describe, expect, it, vi } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { labForFile, type Outcome } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

/** Statuses of these tasks on h1, in order. */
function statuses(run: Outcome, ...names: readonly string[]): readonly (string | undefined)[] {
  return names.map((name) => run.statuses(name)['h1']);
}

describe('command and shell', () => {
  it('M01: command takes operators as plain words, makes no file and expands nothing; shell does', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: words, command: 'echo a && echo b | cat > <%= out %>/made $HOME *', register: c }
          - { name: said, debug: { msg: "<%= c.stdout %>" } }
          - { name: list, command: { argv: [echo, "$HOME", "*", "a b", "; id"] }, register: l }
          - { name: listed, debug: { msg: "<%= l.stdout %>" } }
          - { name: shelled, shell: 'echo a && echo b | cat > <%= out %>/made; cd <%= out %>; echo m*', register: s }
          - { name: shell-said, debug: { msg: "<%= s.stdout_lines.join() %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('said')['h1']?.message).toBe(`a && echo b | cat > ${lab.out}/made $HOME *`);
    expect(run.task('listed')['h1']?.message).toBe('$HOME * a b ; id');
    expect(run.task('shell-said')['h1']?.message).toBe('a,made');
    expect(lab.read('made')).toBe('b\n');
  });

  it('M02: chdir, stdin, environment, quotes; a missing program and a missing folder fail', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: where, command: pwd, args: { chdir: "<%= out %>" }, register: w }
          - { name: reads, command: cat, args: { stdin: "line é" }, register: r }
          - { name: nothing, command: cat, register: n }
          - { name: quoted, command: 'printf "%s|" "a b" c\\ d ''e f''', register: q }
          - { name: told, debug: { msg: "<%= w.stdout === out %> <%= r.stdout %> [<%= n.stdout %>] <%= q.stdout %>" } }
          - { name: gone, command: /no/such/program, ignore_errors: true }
          - { name: nowhere, command: { cmd: pwd, chdir: /no/such/folder }, ignore_errors: true }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('true line é [] a b|c d|e f|');
    expect(statuses(run, 'gone', 'nowhere')).toEqual(['failed', 'failed']);
  });

  it('M03: creates and removes accept globs: a hit means not run and unchanged', async () => {
    lab.write('out/made.1', '');
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: creates, shell: "echo ran >> <%= out %>/ran", args: { creates: "<%= out %>/made.*" } }
          - { name: removes, shell: "echo ran >> <%= out %>/ran", args: { removes: "<%= out %>/gone.*" } }
          - { name: runs, shell: "echo runs >> <%= out %>/ran", args: { creates: "<%= out %>/gone.*", removes: "<%= out %>/made.*" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(statuses(run, 'creates', 'removes', 'runs')).toEqual(['ok', 'ok', 'changed']);
    expect(lab.read('ran')).toBe('runs\n');
  });

  it('M05: invalid UTF-8 and NUL do no harm, é and 汉 stay, 3 MB of output arrives whole', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: odd, shell: "printf 'a\\\\377b\\\\000c é 汉'", register: o }
          - { name: told, debug: { msg: "<%= o.stdout.includes('é 汉') %> <%= o.stdout.startsWith('a') %>" } }
          - { name: much, shell: "head -c 3000000 /dev/zero | tr '\\\\000' x", register: m, no_log: true }
          - { name: length, debug: { msg: "<%= m.stdout.length %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('true true');
    expect(run.task('length')['h1']?.message).toBe('3000000');
  });
});

describe('files to and fro', () => {
  it('M21: fetch lands in dest/host/path, again is ok, flat, a missing file; ../ stays inside', async () => {
    lab.write('out/log2', 'words\n');
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: first, fetch: { src: "<%= out %>/log2", dest: fetched } }
          - { name: again, fetch: { src: "<%= out %>/log2", dest: fetched } }
          - { name: flat, fetch: { src: "<%= out %>/log2", dest: flat.txt, flat: true } }
          - { name: missing, fetch: { src: "<%= out %>/nothing", dest: fetched }, ignore_errors: true }
          - { name: unasked, fetch: { src: "<%= out %>/nothing", dest: fetched, fail_on_missing: false } }
          - { name: dots, fetch: { src: "<%= out %>/x/../../out/log2", dest: fetched }, ignore_errors: true }
    `);
    expect(statuses(run, 'first', 'again', 'flat', 'missing', 'unasked'), run.why).toEqual([
      'changed',
      'ok',
      'changed',
      'failed',
      'ok',
    ]);
    expect(readFileSync(join(lab.folder, 'fetched/h1', lab.out, 'log2'), 'utf8')).toBe('words\n');
    expect(readFileSync(join(lab.folder, 'flat.txt'), 'utf8')).toBe('words\n');
  });

  it('M24: script runs a file of the controller on the host with its arguments and interpreter line', async () => {
    lab.write('files/s.sh', '#!/bin/sh\necho "$1-$#" && id -un\n');
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { script: "s.sh 'one two' three", register: r }
          - { name: told, debug: { msg: "<%= r.stdout_lines.join() %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe(`one two-2,${lab.user.name}`);
  });

  it('M25: wait_for: a path, a text in it, a port that never opens fails after its time with the own message', async () => {
    lab.write('out/there', 'has the word\n');
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: late, shell: "sleep 1; echo ready > <%= out %>/late", async: 60, poll: 0 }
          - { name: path, wait_for: { path: "<%= out %>/late", timeout: 60 }, register: p }
          - { name: text, wait_for: { path: "<%= out %>/there", search_regex: "the w.rd", timeout: 30 } }
          - { name: told, debug: { msg: "<%= typeof p.elapsed %>" } }
          - { name: port, wait_for: { port: 1, timeout: 2, msg: "nobody is home" }, ignore_errors: true }
    `);
    expect(run.code, run.why).toBe(0);
    expect(statuses(run, 'path', 'text', 'port')).toEqual(['ok', 'ok', 'failed']);
    expect(run.task('told')['h1']?.message).toBe('number');
    expect(run.task('port')['h1']?.message).toContain('nobody is home');
    expect(run.task('port')['h1']?.milliseconds).toBeGreaterThan(1500);
  });

  it('M26: stat tells what stands at a path, assert and a condition read it', async () => {
    lab.write('out/f', 'words\n');
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { stat: { path: "<%= out %>/f" }, register: f }
          - { stat: { path: "<%= out %>/none" }, register: n }
          - { assert: { that: ["f.stat.exists", "f.stat.isreg", "f.stat.size === 6", "!n.stat.exists"] } }
    `);
    expect(run.code, run.why).toBe(0);
  });

  it('M28: slurp, tempfile and assemble read and make files of the host; an empty command fails', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: folder, tempfile: { state: directory }, register: temporary }
          - { shell: "cd <%= temporary.path %> && printf b > 2 && printf 'a' > 1" }
          - { name: put together, assemble: { src: "<%= temporary.path %>", dest: "<%= out %>/all", mode: "0600" } }
          - { name: again, assemble: { src: "<%= temporary.path %>", dest: "<%= out %>/all", mode: "0600" } }
          - { slurp: { src: "<%= out %>/all" }, register: read }
          - { name: said, debug: { msg: "<%= read.content %> <%= read.text.length %>" } }
          - { name: empty, command: "<%= '' %>" }
    `);
    expect(run.code, run.why).toBe(1);
    expect(statuses(run, 'put together', 'again', 'empty')).toEqual(['changed', 'ok', 'failed']);
    expect(run.task('said')['h1']?.message).toBe('YQpi 3');
  });

  it('parameters within the text of a command are refused before anything runs, not handed to it as words', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - command: touch <%= out %>/made creates=<%= out %>/made
          - shell: pwd > <%= out %>/where chdir=/tmp
    `);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/`creates=…`[^]*`cmd: …` and `creates: …`[^]*`chdir=…`/);
    expect(lab.read('made') ?? lab.read('where')).toBeUndefined();
  });

  it('a command that a signal ended has its number, negative, as code', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: killed, shell: "kill -9 $$", register: r, ignore_errors: true }
          - { name: told, debug: { msg: "<%= r.rc %> <%= r.failed %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('-9 true');
    expect(run.task('killed')['h1']?.message).toMatch(/KILL/);
  });
});
