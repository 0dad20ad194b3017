import { describe, expect, it, vi } from 'vitest';
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, lstatSync, mkdirSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { labForFile, type Outcome } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

/** Statuses of these tasks on h1, in order. */
function statuses(run: Outcome, ...names: readonly string[]): readonly (string | undefined)[] {
  return names.map((name) => run.statuses(name)['h1']);
}

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8).padStart(4, '0');

describe('copy and template', () => {
  it('M06: writes, again is ok, another content changes; mode; a folder as target; trees with and without a slash', async () => {
    lab.write('files/tree/sub/inner', 'inner\n');
    lab.write('files/tree/top', 'top\n');
    lab.write('files/one', 'one\n');
    mkdirSync(join(lab.out, 'folder'), { mode: 0o777 });
    chmodSync(join(lab.out, 'folder'), 0o777);
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: first, copy: { src: one, dest: "<%= out %>/one", mode: "0640" } }
          - { name: again, copy: { src: one, dest: "<%= out %>/one", mode: "0640" } }
          - { name: mode, copy: { src: one, dest: "<%= out %>/one", mode: "u=rw,g=,o=" } }
          - { name: other, copy: { content: other, dest: "<%= out %>/one", backup: true }, register: b }
          - { name: unforced, copy: { content: third, dest: "<%= out %>/one", force: false } }
          - { name: into, copy: { src: one, dest: "<%= out %>/folder/" } }
          - { name: tree, copy: { src: tree, dest: "<%= out %>/with" } }
          - { name: contents, copy: { src: tree/, dest: "<%= out %>/contents" } }
          - { name: tree-again, copy: { src: tree/, dest: "<%= out %>/contents" } }
          - { name: map, copy: { content: { a: [1, é] }, dest: "<%= out %>/map.json" } }
          - { name: empty, copy: { content: "", dest: "<%= out %>/empty" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(
      statuses(run, 'first', 'again', 'mode', 'other', 'unforced', 'into', 'tree', 'contents', 'tree-again'),
    ).toEqual(['changed', 'ok', 'changed', 'changed', 'ok', 'changed', 'changed', 'changed', 'ok']);
    expect(lab.read('one')).toBe('other');
    expect(modeOf(join(lab.out, 'one'))).toBe('0600');
    expect(lab.read('folder/one')).toBe('one\n');
    expect(lab.read('with/tree/sub/inner')).toBe('inner\n');
    expect(lab.read('contents/sub/inner')).toBe('inner\n');
    expect(JSON.parse(lab.read('map.json') ?? '')).toEqual({ a: [1, 'é'] });
    expect(lab.read('empty')).toBe('');
  });

  it('M07: parent missing, source missing, content onto a folder, src and content: each fails and nothing is written', async () => {
    mkdirSync(join(lab.out, 'dir'));
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: parent, copy: { content: x, dest: "<%= out %>/no/such/x" }, ignore_errors: true }
          - { name: source, copy: { src: gone, dest: "<%= out %>/x" }, ignore_errors: true }
          - { name: folder, copy: { content: x, dest: "<%= out %>/dir" }, ignore_errors: true }
          - { name: forbidden, copy: { content: x, dest: /etc/runner-conformance }, ignore_errors: true }
    `);
    expect(
      statuses(run, 'parent', 'source', 'folder', 'forbidden').every(
        (status) => status === 'failed' || status === undefined,
      ),
      run.why,
    ).toBe(true);
    expect(run.code).not.toBe(1);
    const both = await lab.apply(`- { hosts: h1, tasks: [{ copy: { src: a, content: b, dest: "<%= out %>/x" } }] }\n`);
    expect(both.code).not.toBe(0);
    expect(execFileSync('find', [lab.out, '-type', 'f', '!', '-name', 'log'], { encoding: 'utf8' })).toBe('');
    expect(run.task('forbidden')['h1']?.message ?? '').toMatch(/permission denied|^$/i);
  });

  it('M08: a template is rendered with its variables, types and includes; a mistake in it names file and line', async () => {
    lab.write(
      'templates/t.ejs',
      '<% for (const p of ports) { -%>\nport <%= p %>\n<% } -%>\n<%- include("part.ejs") %>a<b & "c"\n',
    );
    lab.write('templates/part.ejs', 'part of <%= host.name %>\n');
    lab.write('templates/bad.ejs', 'fine\n<%= mising %>\n');
    const run = await lab.apply(`
      - hosts: h1
        vars: { ports: [1, 2], missing: x }
        tasks:
          - { name: first, template: { src: t.ejs, dest: "<%= out %>/t" } }
          - { name: again, template: { src: t.ejs, dest: "<%= out %>/t" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(statuses(run, 'first', 'again')).toEqual(['changed', 'ok']);
    expect(lab.read('t')).toBe('port 1\nport 2\npart of h1\na<b & "c"\n');
    const bad = await lab.apply(`
      - hosts: h1
        vars: { missing: x }
        tasks: [{ template: { src: bad.ejs, dest: "<%= out %>/bad" } }]
    `);
    expect(bad.code).not.toBe(0);
    expect(JSON.stringify(bad.events) + bad.stderr).toMatch(/bad\.ejs/);
    expect(lab.read('bad')).toBeUndefined();
  });

  it('M09: through a link with follow, in its place without; a hard link elsewhere keeps the old content', async () => {
    for (const name of ['target1', 'target2', 'hard']) lab.write(`out/${name}`, 'old');
    execFileSync('chmod', ['666', join(lab.out, 'target1'), join(lab.out, 'target2'), join(lab.out, 'hard')]);
    symlinkSync('target1', join(lab.out, 'link1'));
    symlinkSync('target2', join(lab.out, 'link2'));
    linkSync(join(lab.out, 'hard'), join(lab.out, 'hard2'));
    const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks:
          - { copy: { content: new, dest: "<%= out %>/link1", follow: true } }
          - { copy: { content: new, dest: "<%= out %>/link2", follow: false } }
          - { copy: { content: new, dest: "<%= out %>/hard" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(readlinkSync(join(lab.out, 'link1'))).toBe('target1');
    expect(lab.read('target1')).toBe('new');
    expect(lstatSync(join(lab.out, 'link2')).isFile()).toBe(true);
    expect(lab.read('target2')).toBe('old');
    expect(lab.read('hard')).toBe('new');
    expect(lab.read('hard2')).toBe('old');
  });

  it('M11: remote to remote keeps an odd mode with preserve; a device is refused as source', async () => {
    lab.write('out/odd', 'x');
    chmodSync(join(lab.out, 'odd'), 0o547);
    const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks:
          - { name: first, copy: { src: "<%= out %>/odd", dest: "<%= out %>/copy", remote_src: true, mode: preserve } }
          - { name: again, copy: { src: "<%= out %>/odd", dest: "<%= out %>/copy", remote_src: true, mode: preserve } }
          - { name: device, copy: { src: /dev/zero, dest: "<%= out %>/zero", remote_src: true }, ignore_errors: true }
    `);
    expect(run.code, run.why).toBe(0);
    expect(statuses(run, 'first', 'again', 'device')).toEqual(['changed', 'ok', 'failed']);
    expect(modeOf(join(lab.out, 'copy'))).toBe('0547');
    expect(lab.read('zero')).toBeUndefined();
  });
});

describe('file', () => {
  it('M13: folders, touch, what is missing, removal of a tree', async () => {
    lab.write('out/tree/a/b', 'x');
    execFileSync('chmod', ['-R', '777', join(lab.out, 'tree')]);
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: dir, file: { path: "<%= out %>/d/e/f", state: directory, mode: "0750" } }
          - { name: dir-again, file: { path: "<%= out %>/d/e/f", state: directory, mode: "0750" } }
          - { name: touch, file: { path: "<%= out %>/t", state: touch } }
          - { name: touch-again, file: { path: "<%= out %>/t", state: touch } }
          - { name: preserved, file: { path: "<%= out %>/t", state: touch, access_time: preserve, modification_time: preserve } }
          - { name: missing, file: { path: "<%= out %>/nothing", state: file }, ignore_errors: true }
          - { name: missing-mode, file: { path: "<%= out %>/nothing", mode: "0600" }, ignore_errors: true }
          - { name: absent, file: { path: "<%= out %>/nothing", state: absent } }
          - { name: tree, file: { path: "<%= out %>/tree", state: absent } }
          - { name: tree-again, file: { path: "<%= out %>/tree", state: absent } }
          - { name: over-file, file: { path: "<%= out %>/t", state: directory }, ignore_errors: true }
    `);
    expect(run.code, run.why).toBe(0);
    expect(
      statuses(
        run,
        'dir',
        'dir-again',
        'touch',
        'touch-again',
        'preserved',
        'missing',
        'missing-mode',
        'absent',
        'tree',
        'tree-again',
        'over-file',
      ),
    ).toEqual(['changed', 'ok', 'changed', 'changed', 'ok', 'failed', 'failed', 'ok', 'changed', 'ok', 'failed']);
    expect(modeOf(join(lab.out, 'd/e/f'))).toBe('0750');
  });

  it('M15: links: again is ok; to a missing target only by force; a folder with something in it is never replaced', async () => {
    lab.write('out/target', 'x');
    lab.write('out/full/x', 'x');
    lab.write('out/plain', 'x');
    execFileSync('chmod', ['-R', '777', lab.out]);
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: link, file: { path: "<%= out %>/l", src: target, state: link } }
          - { name: link-again, file: { path: "<%= out %>/l", src: target, state: link } }
          - { name: moved, file: { path: "<%= out %>/l", src: "<%= out %>/target", state: link } }
          - { name: dangling, file: { path: "<%= out %>/m", src: gone, state: link }, ignore_errors: true }
          - { name: forced, file: { path: "<%= out %>/m", src: gone, state: link, force: true } }
          - { name: over-full, file: { path: "<%= out %>/full", src: target, state: link, force: true }, ignore_errors: true }
          - { name: over-file, file: { path: "<%= out %>/plain", src: target, state: link }, ignore_errors: true }
          - { name: hard, file: { path: "<%= out %>/h", src: "<%= out %>/target", state: hard } }
          - { name: hard-again, file: { path: "<%= out %>/h", src: "<%= out %>/target", state: hard } }
    `);
    expect(
      statuses(
        run,
        'link',
        'link-again',
        'moved',
        'dangling',
        'forced',
        'over-full',
        'over-file',
        'hard',
        'hard-again',
      ),
      run.why,
    ).toEqual(['changed', 'ok', 'changed', 'failed', 'changed', 'failed', 'failed', 'changed', 'ok']);
    expect(lab.read('full/x')).toBe('x');
    expect(lab.read('plain')).toBe('x');
  });
});

describe('lines of files', () => {
  it('M17: lineinfile: append, replace the last match, first, after, back-references, remove, create, mend', async () => {
    lab.write('out/f', 'a=1\na=2\nb=1');
    execFileSync('chmod', ['666', join(lab.out, 'f')]);
    const path = 'path: "<%= out %>/f"';
    const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks:
          - { name: append, lineinfile: { ${path}, line: c=1 } }
          - { name: append-again, lineinfile: { ${path}, line: c=1 } }
          - { name: last, lineinfile: { ${path}, regexp: "^a=", line: a=3 } }
          - { name: first, lineinfile: { ${path}, line: top, insertbefore: BOF } }
          - { name: after, lineinfile: { ${path}, line: after-b, insertafter: "^b=" } }
          - { name: groups, lineinfile: { ${path}, regexp: "^(b)=(.)", line: '\\1:\\2', backrefs: true } }
          - { name: groups-none, lineinfile: { ${path}, regexp: "^zzz(.)", line: 'x\\1', backrefs: true } }
          - { name: remove, lineinfile: { ${path}, regexp: "^a=", state: absent }, register: gone }
          - { name: told, debug: { msg: "<%= gone.found %>" } }
          - { name: missing, lineinfile: { path: "<%= out %>/none", line: x }, ignore_errors: true }
          - { name: create, lineinfile: { path: "<%= out %>/new", line: x, create: true } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(
      statuses(
        run,
        'append',
        'append-again',
        'last',
        'first',
        'after',
        'groups',
        'groups-none',
        'remove',
        'missing',
        'create',
      ),
    ).toEqual(['changed', 'ok', 'changed', 'changed', 'changed', 'changed', 'ok', 'changed', 'failed', 'changed']);
    expect(run.task('told')['h1']?.message).toBe('2');
    expect(lab.read('f')).toBe('top\nb:1\nafter-b\nc=1\n');
    expect(lab.read('new')).toBe('x\n');
  });

  it('M18: blockinfile puts its block between marks, replaces it, removes it', async () => {
    lab.write('out/f', 'a\nz\n');
    const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks:
          - { name: one, blockinfile: { path: "<%= out %>/f", block: "x\\ny", insertafter: "^a" } }
          - { name: one-again, blockinfile: { path: "<%= out %>/f", block: "x\\ny", insertafter: "^a" } }
          - { name: two, blockinfile: { path: "<%= out %>/f", block: "only" } }
          - { name: kept, command: "cat <%= out %>/f", register: c }
          - { name: told, debug: { msg: "<%= c.stdout_lines.filter((line) => !line.startsWith('#')).join() %>" } }
          - { name: gone, blockinfile: { path: "<%= out %>/f", state: absent } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(statuses(run, 'one', 'one-again', 'two', 'gone')).toEqual(['changed', 'ok', 'changed', 'changed']);
    expect(run.task('told')['h1']?.message).toBe('a,only,z');
    expect(lab.read('f')).toBe('a\nz\n');
  });

  it('M19: replace takes every match, again is ok, after and before limit the window', async () => {
    lab.write('out/f', 'x x\n[a]\nx\n[b]\nx\n');
    const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks:
          - { name: window, replace: { path: "<%= out %>/f", regexp: x, replace: y, after: '\\[a\\]', before: '\\[b\\]' } }
          - { name: kept, command: "cat <%= out %>/f", register: c }
          - { name: told, debug: { msg: "<%= c.stdout_lines.join() %>" } }
          - { name: every, replace: { path: "<%= out %>/f", regexp: x, replace: z } }
          - { name: again, replace: { path: "<%= out %>/f", regexp: x, replace: z } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('x x,[a],y,[b],x');
    expect(lab.read('f')).toBe('z z\n[a]\ny\n[b]\nz\n');
    expect(statuses(run, 'window', 'every', 'again')).toEqual(['changed', 'changed', 'ok']);
  });

  it('refuses what would do more than it says: a check without %s, an empty expression, the root by another name', async () => {
    lab.write('out/f', 'a\nb\n');
    const run = await lab.apply(`
      - hosts: h1
        ignore_errors: true
        vars: { empty: "", no_check: "true", up: "/usr/.." }
        tasks:
          - { name: check, copy: { content: new, dest: "<%= out %>/f", validate: "<%= no_check %>" } }
          - { name: lines, lineinfile: { path: "<%= out %>/f", regexp: "<%= empty %>", state: absent } }
          - { name: words, replace: { path: "<%= out %>/f", regexp: "<%= empty %>", replace: x } }
          - { name: root, file: { path: "<%= up %>", state: absent }, check_mode: true }
    `);
    expect(run.code, run.why).toBe(0);
    expect(statuses(run, 'check', 'lines', 'words', 'root')).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(lab.read('f')).toBe('a\nb\n');
  });

  it('removes a link that is named with a slash at its end, and nothing in the folder it points to', async () => {
    lab.write('out/real/kept', 'x');
    symlinkSync('real', join(lab.out, 'link'));
    const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks: [{ name: gone, file: { path: "<%= out %>/link/", state: absent } }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lstatSync(join(lab.out, 'link'), { throwIfNoEntry: false })).toBeUndefined();
    expect(lab.read('real/kept')).toBe('x');
  });
});
