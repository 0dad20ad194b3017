import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

it('a folder is copied with what its links lead to; a link to nowhere, a circle or a pipe in it fails the task alone', async () => {
  lab.write('files/tree/a', 'one');
  lab.write('files/elsewhere/b', 'two');
  symlinkSync('../elsewhere', join(lab.folder, 'files/tree/linked'));
  for (const name of ['nowhere', 'circle', 'pipe']) mkdirSync(join(lab.folder, 'files', name));
  symlinkSync('gone', join(lab.folder, 'files/nowhere/link'));
  symlinkSync('.', join(lab.folder, 'files/circle/link'));
  execFileSync('mkfifo', [join(lab.folder, 'files/pipe/p')]);
  const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: tree, copy: { src: tree/, dest: "<%= out %>/tree" } }
          - { name: again, copy: { src: tree/, dest: "<%= out %>/tree" } }
          - { name: "bad <%= item %>", copy: { src: "<%= item %>", dest: "<%= out %>" }, loop: [nowhere, circle, pipe], ignore_errors: true, register: bad }
          - { name: told, debug: { msg: "<%= bad.results.map((each) => each.msg).join(' / ') %>" } }
    `);
  expect(run.code, run.why).toBe(0);
  expect(['tree', 'again'].map((name) => run.statuses(name)['h1'])).toEqual(['changed', 'ok']);
  expect(lab.read('tree/linked/b')).toBe('two');
  expect(run.task('told')['h1']?.message).toMatch(/nowhere\/link.*circle\/link.*pipe\/p/s);
});

it('a link to a folder is never replaced by a file', async () => {
  mkdirSync(join(lab.out, 'real'));
  symlinkSync('real', join(lab.out, 'current'));
  lab.write('templates/t.ejs', 'x');
  const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks:
          - { name: content, copy: { content: x, dest: "<%= out %>/current" }, ignore_errors: true }
          - { name: template, template: { src: t.ejs, dest: "<%= out %>/current" } }
    `);
  expect(run.code, run.why).toBe(0);
  expect(['content', 'template'].map((name) => run.statuses(name)['h1'])).toEqual(['failed', 'changed']);
  expect(readlinkSync(join(lab.out, 'current'))).toBe('real');
  expect(lstatSync(join(lab.out, 'real/t')).isFile()).toBe(true);
});

it('what packs an archive leaves nothing but the archive beside it', async () => {
  lab.write('out/d/a', 'one');
  const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { archive: { path: "<%= out %>/d", dest: "<%= out %>/d.tgz" } }
          - { archive: { path: "<%= out %>/d/a", dest: "<%= out %>/a.tar", format: tar } }
    `);
  expect(run.code, run.why).toBe(0);
  expect(readdirSync(lab.out).toSorted()).toEqual(['a.tar', 'd', 'd.tgz', 'log']);
});

it('check_mode: true within a run looks at the host as it is, and what it tells decides conditions', async () => {
  lab.write('out/f', 'a\n');
  chmodSync(join(lab.out, 'f'), 0o666);
  const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks:
          - { name: one, lineinfile: { path: "<%= out %>/f", line: x }, check_mode: true, register: one }
          - { name: two, lineinfile: { path: "<%= out %>/f", line: y }, check_mode: true, register: two }
          - { name: command, command: "true", check_mode: true }
          - { name: same, lineinfile: { path: "<%= out %>/f", line: a }, check_mode: true, register: same }
          - { name: done, command: "true", when: "one.changed && two.changed && !same.changed" }
    `);
  expect(run.code, run.why).toBe(0);
  expect(['one', 'two', 'same', 'done'].map((name) => run.statuses(name)['h1'])).toEqual([
    'change',
    'change',
    'same',
    'changed',
  ]);
  expect(lab.read('f')).toBe('a\n');
});

it('what a host said with NUL in it fails the task that makes a command of it, and nothing else', async () => {
  const run = await lab.apply(`
      - hosts: h1:h2
        tasks:
          - { name: said, shell: "printf 'a\\\\0b'", register: said }
          - { name: used, command: { argv: [echo, "<%= said.stdout %>"] }, when: 'host.name === "h1"' }
          - { name: on, ${mark('on')} }
    `);
  expect(run.code, run.why).toBe(1);
  expect(run.task('used')['h1']?.message).toMatch(/NUL/);
  expect(lab.marks()).toEqual(['h2 on']);
});

it('find names the folders that it could not search, and why', async () => {
  mkdirSync(join(lab.out, 'closed'), { mode: 0o700 });
  const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { name: found, find: { paths: ["<%= out %>/closed", "<%= out %>/none"] }, register: found }
          - { name: told, debug: { msg: "<%= Object.values(found.skipped_paths).join(' / ') %>" } }
    `);
  expect(run.code, run.why).toBe(0);
  expect(run.task('told')['h1']?.message).toBe('may not be read / is no folder');
});
