import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';

vi.setConfig({ testTimeout: 120_000 });

const lab = labForFile();

/** Names that EJS takes for its options where data and options are one map, or that its compiled code uses. */
const names = [
  ['settings', { 'view options': { client: true, escapeFunction: 'CODE', localsName: 'CODE' } }],
  ['delimiter', '?'],
  ['openDelimiter', '['],
  ['closeDelimiter', ']'],
  ['client', true],
  ['escape', 'CODE'],
  ['escapeFn', 'CODE'],
  ['cache', true],
  ['filename', '/etc/passwd'],
  ['outputFunctionName', 'x;CODE;s'],
  ['localsName', 'x;CODE'],
  ['destructuredLocals', ['x=CODE']],
  ['root', '/'],
  ['views', ['/etc']],
  ['__append', 'x'],
  ['__output', 'x'],
  ['rethrow', 'x'],
] as const;

it('S13: variables named like options of the template engine, from here and from a host, change no output and run no code', async () => {
  const canary = join(lab.folder, 'canary');
  const code = `process.mainModule.require('fs').writeFileSync(${JSON.stringify(canary)}, '1')`;
  const vars = JSON.parse(
    JSON.stringify(Object.fromEntries(names)).replaceAll('CODE', JSON.stringify(code).slice(1, -1)),
  ) as Readonly<Record<string, unknown>>;
  lab.write('vars.json', JSON.stringify(vars));
  lab.write('body.ejs', '<% for (const one of [1, 2]) { %><<%= one %>&"><%= "?" %>\n<% } %><%= delimiter %>\n');
  const {
    code: ended,
    why,
    task,
    items,
  } = await lab.apply(
    `
- hosts: h1
  facts: false
  vars: ${JSON.stringify(vars)}
  tasks:
    - { name: said, command: { argv: [cat, ${lab.folder}/vars.json] }, register: said }
    - { name: facts, set_fact: { settings: "<%= JSON.parse(said.stdout).settings %>", host_said: "<%= JSON.parse(said.stdout) %>" } }
    - { name: file, template: { src: body.ejs, dest: "<%= out %>/body" } }
    - { name: text, debug: { msg: "<%= delimiter %><%= client %><%= '<&>' %>" } }
    - { name: each, debug: { msg: "<%= item %>" }, loop: "<%= Object.keys(host_said) %>" }
`,
    '-e',
    '@vars.json',
  );
  expect([ended, why]).toEqual([0, why]);
  expect(lab.read('body')).toBe('<1&">?\n<2&">?\n?\n');
  expect(task('text')['h1']?.message).toBe('?true<&>');
  expect(items('each', 'h1').map((one) => one.message)).toEqual(names.map(([name]) => name));
  expect(existsSync(canary)).toBe(false);
});
