import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';
import { startRunner } from '../faults/support/program.js';

vi.setConfig({ testTimeout: 120_000 });

const lab = labForFile();

const shows = `
- hosts: h1
  facts: false
  tasks:
    - { name: kept, set_fact: { parsed: '<%= JSON.parse(said) %>' }, when: "typeof said !== 'undefined'" }
    - { name: shown, debug: { msg: '<%= typeof ({}).polluted %> <%= typeof ({}).become %>' } }
    - { name: who, command: id -un, changed_when: false }
`;

const bad = '{"__proto__":{"polluted":1,"become":true},"constructor":{"prototype":{"polluted":1}}}';

/** Where names of prototypes come in; each is refused, or is data like any other. */
const entrances: readonly (readonly [
  string,
  (playbook: string) => { readonly playbook: string; readonly flags: readonly string[] },
])[] = [
  [
    'a playbook',
    (playbook) => ({ playbook: playbook.replace('  facts: false', `  facts: false\n  vars: ${bad}`), flags: [] }),
  ],
  [
    'an inventory',
    (playbook) => {
      const inventory = readFileSync(join(lab.folder, 'inventory.yaml'), 'utf8');
      lab.write('inventory.yaml', inventory.replace('  vars:\n', `  vars:\n    bad: ${bad}\n`));
      return { playbook, flags: [] };
    },
  ],
  [
    'a file of variables',
    (playbook) => {
      lab.write('vars.yaml', `bad: ${bad}\n`);
      return { playbook: playbook.replace('  facts: false', '  facts: false\n  vars_files: [vars.yaml]'), flags: [] };
    },
  ],
  ['-e', (playbook) => ({ playbook, flags: ['-e', bad] })],
  ['the output of a host', (playbook) => ({ playbook, flags: ['-e', JSON.stringify({ said: bad })] })],
];

describe('S14: names of prototypes', () => {
  it.each(entrances)('in %s pollute nothing', async (_name, prepare) => {
    const { playbook, flags } = prepare(shows);
    const run = await lab.apply(playbook, ...flags);
    expect([0, 2], run.why).toContain(run.code);
    if (run.code === 2) {
      expect(run.why).toContain('__proto__');
      expect(run.events.some(({ kind }) => kind === 'host-connected')).toBe(false);
      return;
    }
    expect(run.task('shown')['h1']?.message).toBe('undefined undefined');
    expect(run.task('who')['h1']?.result?.['stdout']).toBe(lab.user.name);
  });

  it('are not needed: a run is the same in a Node without __proto__', async () => {
    lab.write('site.yaml', `${shows}    - { name: copied, copy: { content: "a\\n", dest: "<%= out %>/a" } }\n`);
    lab.write('t.ejs', 'x <%= host.name %>');
    const { code, stderr, stdout, task } = await startRunner({
      directory: lab.folder,
      args: ['apply', '--output', 'json', 'site.yaml'],
      environment: { NODE_OPTIONS: '--disable-proto=delete' },
    }).ended;
    expect(code, stdout + stderr).toBe(0);
    expect(task('shown')['h1']?.message).toBe('undefined undefined');
    expect(lab.read('a')).toBe('a\n');
  });
});
