import fc from 'fast-check';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';

vi.setConfig({ testTimeout: 240_000 });

const lab = labForFile();

const nasty = [
  "'",
  '"',
  '\n',
  '$(touch pwned)',
  '`touch pwned`',
  '!',
  '~',
  '-',
  '--',
  '汉',
  '\\',
  '*',
  ';',
  '|',
  '&',
  '\r',
  '\t',
  '{a,b}',
  '#',
  '=',
  ' ',
  '%s',
  '<',
  '>',
];
const word = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 4 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''))
  .filter((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text) && !text.includes('<%'));
const words = (count: number, seed: number): readonly string[] => fc.sample(word, { numRuns: count, seed });
const seed = Math.floor(Math.random() * 2 ** 31);

describe(`S9: random strings (seed ${String(seed)})`, () => {
  it('10,000 of them come back byte for byte as arguments of a program on a host', async () => {
    for (let round = 0; round < 5; round += 1) {
      const sent = words(2000, seed + round);
      lab.write('vars.json', JSON.stringify({ words: sent }));
      const run = await lab.apply(`
- hosts: h1
  facts: false
  vars_files: [vars.json]
  tasks:
    - { name: dump, command: { argv: "<%= ['sh', '-c', 'printf \\"%s\\\\\\\\0\\" \\"$@\\" > ' + out + '/dump', 'sh', ...words] %>" } }
`);
      expect(run.code, run.why.slice(0, 2000)).toBe(0);
      expect(readFileSync(join(lab.out, 'dump'))).toEqual(Buffer.from(sent.map((each) => `${each}\0`).join('')));
    }
  });

  it('as values of the environment, as names of files, and as contents they are what they are', async () => {
    const values = words(400, seed + 10);
    const names = [...new Set(words(60, seed + 11).map((name) => name.replaceAll('/', '+')))].filter(
      (name) => name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) < 200,
    );
    lab.write(
      'vars.json',
      JSON.stringify({ values: Object.fromEntries(values.map((value, index) => [`V${String(index)}`, value])), names }),
    );
    const run = await lab.apply(`
- hosts: h1
  facts: false
  vars_files: [vars.json]
  tasks:
    - { name: environment, shell: "env -0 > <%= out %>/environment", environment: "<%= values %>" }
    - { name: folder, file: { path: "<%= out %>/names", state: directory } }
    - { name: names, copy: { dest: "<%= out + '/names/' + item %>", content: "<%= item %>" }, loop: "<%= names %>" }
`);
    expect(run.code, run.why.slice(0, 2000)).toBe(0);
    const seen = new Set(readFileSync(join(lab.out, 'environment'), 'utf8').split('\0'));
    expect(values.filter((value, index) => !seen.has(`V${String(index)}=${value}`))).toEqual([]);
    expect(readdirSync(join(lab.out, 'names')).toSorted()).toEqual(names.toSorted());
    for (const name of names) expect(readFileSync(join(lab.out, 'names', name), 'utf8')).toBe(name);
    expect(readdirSync(lab.out)).not.toContain('pwned');
  });

  it('names of variables of the environment, users, packages and containers that are none are refused', async () => {
    writeFileSync(join(lab.folder, 'none'), '');
    const run = await lab.apply(`
- hosts: h1
  facts: false
  tasks:
    - { name: variable, command: "true", environment: { "A; touch <%= out %>/pwned; B": x }, ignore_errors: true }
    - { name: user, command: "true", become: true, become_user: "<%= '-x; touch ' + out + '/pwned' %>", ignore_errors: true }
    - { name: package, apt: { name: "<%= '-o=x; touch ' + out + '/pwned' %>" }, ignore_errors: true }
    - { name: container, docker_container: { name: "<%= '--privileged x' %>", state: absent }, ignore_errors: true }
    - { name: service, service: { name: "<%= '--user x' %>", state: started }, ignore_errors: true }
`);
    for (const name of ['user', 'package', 'container', 'service'])
      expect(run.statuses(name)['h1'] ?? 'failed', name).toBe('failed');
    expect(readdirSync(lab.out)).not.toContain('pwned');
  });
});
