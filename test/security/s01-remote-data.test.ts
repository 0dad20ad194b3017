import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';

vi.setConfig({ testTimeout: 240_000 });

const lab = labForFile();

/** What a hostile host says: each would make the file if anything evaluated it, here or there. */
function payloads(canary: string): readonly string[] {
  const write = `process.mainModule.require('fs').writeFileSync('${canary}','x')`;
  return [
    `<%- ${write} %>`,
    `<%= ${write} %>`,
    `<%_ ${write} _%>`,
    `<%\n${write}\n%>`,
    `\${${write}}`,
    `{{ ${write} }}`,
    `{% ${write} %}`,
    `$(touch ${canary})`,
    `\`touch ${canary}\``,
    `'; touch ${canary}; '`,
    `"; touch ${canary}; "`,
    `x\n- shell: touch ${canary}`,
  ];
}

const playbook = `
- hosts: h1
  tasks:
    - { name: says, command: "cat <%= out %>/said", register: r, changed_when: false }
    - { name: "name <%= r.stdout %>", debug: { msg: "<%= r.stdout %>" } }
    - { name: argument, command: { argv: ["printf", "%s", "<%= r.stdout %>"] }, register: again, changed_when: false }
    - { name: same, assert: { that: "again.stdout === r.stdout" } }
    - { name: condition, debug: { msg: x }, when: "r.stdout !== ''" }
    - { name: until, command: "true", until: "r.stdout !== ''", changed_when: false }
    - { name: looped, debug: { msg: "<%= item %>" }, loop: "<%= [r.stdout] %>", label: "<%= item %>" }
    - { name: content, copy: { content: "<%= r.stdout %>", dest: "<%= out %>/content" } }
    - { name: template, template: { src: t.ejs, dest: "<%= out %>/template" } }
    - { name: fact, set_fact: { kept: "<%= r.stdout %>" } }
    - { name: from-fact, copy: { content: "<%= kept %>", dest: "<%= out %>/fact" } }
    - { name: environment, shell: 'printf %s "$SAID"', environment: { SAID: "<%= r.stdout %>" }, register: e }
    - { name: same-environment, assert: { that: "e.stdout === r.stdout" } }
    - { name: delegated, debug: { msg: x }, delegate_to: "<%= r.stdout %>", ignore_errors: true }
    - { name: failing, fail: { msg: "<%= r.stdout %>" }, ignore_errors: true }
`;

describe('S1: what a host says is never evaluated', () => {
  it('in names, arguments, conditions, loops, labels, contents, templates, facts, environment, delegates and messages', async () => {
    const canary = join(lab.folder, 'canary');
    const all = payloads(canary);
    // Alone where a template ends at it; the rest in one go, since each run takes its time.
    for (const payload of [all[0] ?? '', all.slice(1, 6).join('\n'), all.slice(6).join('\n')]) {
      lab.fresh();
      const at = join(lab.folder, 'canary');
      const text = payload.replaceAll(canary, at);
      lab.write('out/said', text);
      lab.write('templates/t.ejs', '<%= r.stdout %>');
      const run = await lab.apply(playbook);
      expect(run.code, `${text}\n${run.why}`).toBe(0);
      expect(existsSync(at), text).toBe(false);
      expect(lab.read('content')).toBe(text);
      expect(lab.read('template')).toBe(text);
      expect(lab.read('fact')).toBe(text);
      expect(run.task('failing')['h1']?.message).toContain(text.split('\n')[0]);
    }
  });
});

describe('S2: what a host says chooses no connection, no user and no privilege', () => {
  it('whatever its facts and results are called', async () => {
    const hostile = {
      become: true,
      become_user: 'root',
      ssh: { host: '127.0.0.9', user: 'root' },
      ansible_host: '127.0.0.9',
      ansible_connection: 'local',
      host: { name: 'other' },
      groups: { all: [] },
      connection: 'local',
      delegate_to: 'localhost',
      run: { preview: true },
    };
    lab.write(
      'out/said',
      `${JSON.stringify(hostile).slice(0, -1)},"__proto__":{"become":true,"polluted":1},"constructor":{"prototype":{"polluted":1}}}`,
    );
    const run = await lab.apply(`
- hosts: h1
  tasks:
    - { name: says, command: "cat <%= out %>/said", register: r, changed_when: false }
    - { name: kept, set_fact: { said: "<%= JSON.parse(r.stdout) %>" } }
    - { name: who, shell: 'echo $(id -un) $SSH_CONNECTION', register: w, changed_when: false }
    - { name: names, debug: { msg: "<%= host.name %> <%= groups.web.length %> <%= run.preview %> <%= typeof ({}).polluted %>" } }
`);
    expect(run.code, run.why).toBe(0);
    expect(run.task('who')['h1']?.result?.['stdout'] as string).toMatch(
      new RegExp(`^${lab.user.name} .* 127\\.0\\.1\\.1 `),
    );
    expect(run.task('names')['h1']?.message).toBe('h1 2 false undefined');
    expect(readFileSync(join(lab.folder, 'inventory.yaml'), 'utf8')).toContain('h1');
  });
});
