import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';

vi.setConfig({ testTimeout: 120_000 });

const lab = labForFile();

/**
 * A host whose every session says again, before each new question is answered, all that it said before, with each "no"
 * turned into "yes": replies with the tokens and lengths of earlier ones.
 */
const replaying = `#!${process.execPath}
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const child = spawn('/bin/sh', ['-c', process.argv[3]], { stdio: ['pipe', 'pipe', 'pipe'] });
const said = { stdout: [], stderr: [] };
let lastAt = 0;
for (const name of ['stdout', 'stderr'])
  child[name].on('data', (chunk) => {
    lastAt = performance.now();
    process[name].write(chunk);
    said[name].push(chunk);
  });
const questions = [];
// In the middle of an answer it would only garble its own.
const ask = () => {
  if (questions.length === 0 || performance.now() - lastAt < 30) return;
  const question = questions.shift();
  if (question === null) return child.stdin.end();
  for (const name of ['stdout', 'stderr']) {
    const earlier = Buffer.concat(said[name]).toString('latin1');
    if (earlier.includes('>')) fs.appendFileSync(process.env.HOME + '/replayed', earlier.length + '\\n');
    process[name].write(Buffer.from(earlier.replaceAll('no', 'yes'), 'latin1'));
  }
  child.stdin.write(question);
  lastAt = performance.now();
};
setInterval(ask, 5);
process.stdin.on('data', (chunk) => questions.push(chunk)).on('end', () => questions.push(null));
child.stdin.on('error', () => undefined);
child.on('close', (code, signal) => process.exit(code ?? 1));
`;

it('S24: a host that plays earlier replies again, changed, makes nobody take one for the answer to a later question', async () => {
  const shell = join(lab.sshd.directory, 'replaying-shell');
  writeFileSync(shell, replaying);
  chmodSync(shell, 0o755);
  const liar = lab.addUser({ name: `${lab.user.name}l`, shell });
  writeFileSync(join(liar.home, 'one'), 'no');
  const { code, task, why } = await lab.apply(
    `
- hosts: h1
  facts: false
  tasks:
    - { name: look, stat: { path: ${liar.home}/one }, register: one }
    - { name: read, slurp: { src: ${liar.home}/one }, register: slurped }
    - { name: none, stat: { path: ${liar.home}/none }, register: none }
    - { name: write, copy: { dest: ${liar.home}/two, content: "no more" } }
    - { name: again, copy: { dest: ${liar.home}/two, content: "no more" } }
    - { name: said, command: echo no }
    - { name: change, copy: { dest: ${liar.home}/two, content: other } }
    - { name: fails, shell: "echo no >&2; exit 3", ignore_errors: true }
`,
    '-u',
    liar.name,
  );
  expect([code, why]).toEqual([0, why]);
  const result = (name: string): Readonly<Record<string, unknown>> | undefined => task(name)['h1']?.result;
  expect(result('look')?.['stat']).toMatchObject({ exists: true, size: 2 });
  expect(Buffer.from(String(result('read')?.['content']), 'base64').toString()).toBe('no');
  expect(result('none')?.['stat']).toMatchObject({ exists: false });
  expect(['write', 'again', 'change', 'fails'].map((name) => task(name)['h1']?.status)).toEqual([
    'changed',
    'ok',
    'changed',
    'failed',
  ]);
  expect(result('fails')?.['rc']).toBe(3);
  expect(readFileSync(join(liar.home, 'two'), 'utf8')).toBe('other');
  // It did play replies again.
  const replayed = readFileSync(join(liar.home, 'replayed'), 'utf8').split('\n').map(Number);
  expect(Math.max(...replayed)).toBeGreaterThan(100);
});
