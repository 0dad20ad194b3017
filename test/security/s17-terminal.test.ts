import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';
import { program } from '../cli/program.js';

vi.setConfig({ testTimeout: 120_000 });

const lab = labForFile();

const escapes = [
  '\u001b[2J',
  '\u001b[1;31m',
  '\u001b]0;owned\u0007',
  '\u001b]52;c;b3duZWQ=\u0007',
  '\u001b]8;;http://evil/\u001b\\click\u001b]8;;\u001b\\',
  '\u001bP$q"p\u001b\\',
  '\u001b[6n',
  '\u001b[?1049h',
  '\u001bc',
  '\u001b[201~',
  '\u009b2J',
  '\u009d52;c;eA==\u009c',
  '\u0090q\u009c',
  '\u0007',
  '\b\b\b',
  '\r ok: [h1]',
  '\rspoof',
  '\u000b',
  '\u000c',
  '\u007f',
  '\u0000',
  '\u0085',
  '\u202e',
  '\u2066',
  '\u2069',
  '\u200f',
  '\u061c',
  '\u2028',
  '\u2029',
  '\ufeff',
];
/** 200 of them: each alone, before, after and within words, and in pairs. */
const payloads = Array.from({ length: 200 }, (_, index) => {
  const one = escapes[index % escapes.length] ?? '';
  const two = escapes[(index * 7 + 3) % escapes.length] ?? '';
  return (
    [one, `p${String(index)}${one}q`, `${one}p${String(index)}`, `p${one}${two}q`, `${'w'.repeat(300)}${one}`][
      index % 5
    ] ?? one
  );
});
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const playbook = `
- hosts: h1
  facts: false
  tasks:
    - { name: says, command: "cat <%= out %>/said", register: r, changed_when: false }
    - { name: errs, shell: "cat <%= out %>/said >&2; exit 3", ignore_errors: true }
    - { name: shows, debug: { msg: "<%= r.stdout %>" } }
    - { name: fails, fail: { msg: "<%= r.stdout %>" }, ignore_errors: true }
    - { name: "named <%= r.stdout.slice(0, 900) %>", command: "true", changed_when: false }
    - { name: looped, debug: { msg: x }, loop: "<%= r.stdout.split('\\\\n').slice(0, 40) %>" }
    - { name: differs, copy: { src: other, dest: "<%= out %>/changes" } }
    - { name: finds, find: { paths: "<%= out %>/names" }, register: f }
    - { name: found, debug: { msg: "<%= f.files %>" } }
`;

function plant(): void {
  const all = payloads.join('\n');
  writeFileSync(join(lab.out, 'said'), all);
  lab.write('other', `${all}\nmore\n`);
  writeFileSync(join(lab.out, 'changes'), `${all}\nless\n`, { mode: 0o666 });
  execFileSync('chmod', ['666', join(lab.out, 'changes')]);
  mkdirSync(join(lab.out, 'names'));
  for (const [index, name] of escapes.entries())
    if (name !== '\u0000') writeFileSync(join(lab.out, 'names', `${String(index)}${name.replaceAll('/', '_')}`), '');
  lab.write('site.yaml', playbook);
}

describe('S17: 200 escape sequences of a host', () => {
  it.each(['plain', 'json'])(
    'in outputs, errors, names, differences and messages are never raw (%s)',
    async (output) => {
      plant();
      const run = await lab.run('apply', '--output', output, '-D', '-vvv', 'site.yaml');
      expect(run.code, run.stderr).toBe(0);
      for (const text of [run.stdout, run.stderr])
        for (const line of text.split('\n')) expect(controls.exec(line), JSON.stringify(line.slice(0, 300))).toBeNull();
      expect(run.stdout.length).toBeGreaterThan(5000);
      if (output === 'json')
        for (const line of run.stdout.split('\n').filter(Boolean))
          expect(() => JSON.parse(line) as unknown).not.toThrow();
      expect(run.stdout).not.toMatch(/^ ?ok: \[h1\]/m);
    },
  );

  it('do nothing on a terminal: only movements and colours of our own reach it', () => {
    plant();
    const text = execFileSync(
      'script',
      ['-qec', `stty cols 120 rows 50; ${process.execPath} ${program} apply -D -vv site.yaml`, '/dev/null'],
      {
        cwd: lab.folder,
        env: { ...process.env, SSH_AUTH_SOCK: '', TERM: 'xterm-256color' },
        maxBuffer: 1e9,
      },
    ).toString();
    expect(text).toContain('named');
    const rest = text
      .replaceAll('\r\n', '\n')
      // Colours, lines up, to a column, erase, hide and show the cursor, no wrapping: what our own display writes.
      .replaceAll(/\u001b\[(?:[\d;]*m|\d*[ABCDGHJK]|\?(?:25|7|2026)[hl])/g, '');
    for (const line of rest.split('\n'))
      expect(controls.exec(line.replaceAll('\r', '')), JSON.stringify(line.slice(0, 300))).toBeNull();
    expect(text).not.toContain('\u001b[2J\u001b');
    expect(text).not.toContain('\u001b]');
    expect(rest).not.toMatch(/\r ?(?:ok: \[h1\]|spoof)/);
  });
});
