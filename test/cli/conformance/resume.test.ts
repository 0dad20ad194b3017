import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labForFile, mark, type Outcome } from './lab.js';

const lab = labForFile();

/** Fails on h2 as long as there is no file `mended`. */
const store = `- name: Store
  hosts: web
  tasks:
    - name: First
      shell: "echo <%= host.name %> first >> <%= log %>; echo said <%= host.name %>"
      register: first
      notify: Restart
    - name: Twice
      ${mark('<%= item %>')}
      loop: [same, same]
      register: twice
    - meta: flush_handlers
    - name: Breaks
      shell: "test <%= host.name %> != h2 || test -e <%= out %>/mended"
    - name: Tells
      debug: { msg: "<%= first.stdout %>, <%= first.changed %>, <%= twice.changed %>" }
    - name: Last
      ${mark('last <%= word %>')}
  handlers:
    - name: Restart
      ${mark('restart')}
`;

const resume = async (...flags: readonly string[]): Promise<Outcome> => lab.run('resume', '--output', 'json', ...flags);
/** By a copy, which is a run, too, and none to go on with. */
const mend = async (): Promise<Outcome> => {
  lab.write('mended', '');
  return lab.run('copy', 'h1', 'mended', join(lab.out, 'mended'));
};

describe('resume', () => {
  it('does no command twice, leaves none out, and conditions read what they would have read', async () => {
    const failed = await lab.apply(store, '-e', 'word=hello');
    expect(failed.code, failed.why).toBe(1);
    expect(failed.stderr).toContain('`runner resume` goes on from here');
    await mend();
    const ended = await resume('-e', 'word=hello');
    expect(ended.code, ended.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['first', 'same', 'same', 'restart', 'last hello']);
    expect(lab.marks('h2')).toEqual(['first', 'same', 'same', 'restart', 'last hello']);
    expect(ended.task('Tells')['h2']?.message).toBe('said h2, true, true');
    expect(ended.task('First')['h1']).toMatchObject({ status: 'ok', message: expect.stringContaining('done by run') });
    const again = await lab.run('resume');
    expect(again.stdout).toContain('nothing to go on with');
    expect(again.code).toBe(0);
  });

  it('runs what was edited in the meantime, and only that; lines may move', async () => {
    await lab.apply(store, '-e', 'word=hello');
    await mend();
    const edited = store
      .replace('    - name: First', "    - name: New\n      command: 'true'\n\n    - name: First")
      .replace('loop: [same, same]', 'loop: [same, other]');
    lab.write('site.yaml', edited);
    const ended = await resume('-e', 'word=hello');
    expect(ended.code, ended.why).toBe(0);
    expect(lab.marks('h2')).toEqual(['first', 'same', 'same', 'restart', 'other', 'last hello']);
  });

  it('asks again for values of -e, which nothing keeps, and keeps files and flags', async () => {
    lab.write('more.yaml', 'word: hello\nother: 1\n');
    await lab.apply(store, '-l', 'h2', '-e', '@more.yaml', '-e', 'token=geheim1234');
    await mend();
    const asked = await lab.run('resume');
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('`token` came by -e, and values are not kept');
    expect(asked.stderr).toContain('-e token=…');
    const ended = await resume('-e', 'token=geheim1234');
    expect(ended.code, ended.why).toBe(0);
    expect(lab.marks('h1')).toEqual([]);
    expect(lab.marks('h2').at(-1)).toBe('last hello');
    for (const run of (await lab.run('runs')).stdout.split('\n').map((line) => line.split(' ')[0] ?? ''))
      for (const name of ['command.json', 'actions.jsonl']) {
        const file = join(lab.folder, '.runner/runs', run, name);
        if (run === '' || !existsSync(file)) continue;
        expect(readFileSync(file, 'utf8')).not.toContain('geheim1234');
        expect(statSync(file).mode & 0o777).toBe(0o600);
      }
  });

  it('does again what said a secret and is read later: what is masked cannot be read', async () => {
    lab.write('secret.yaml', 'secret: !secret geheim1234\n');
    const playbook = `- hosts: h1
  vars_files: [secret.yaml]
  tasks:
    - name: Says it
      shell: "echo <%= secret %>; echo <%= host.name %> said >> <%= log %>"
      register: said
    - name: Not read
      shell: "echo <%= secret %>; echo <%= host.name %> unread >> <%= log %>"
    - name: Breaks
      shell: "test -e <%= out %>/mended"
    - name: Reads
      assert: { that: said.stdout === secret }
`;
    await lab.apply(playbook);
    await mend();
    const ended = await resume();
    expect(ended.code, ended.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['said', 'unread', 'said']);
  });

  it('asks again what only asks: gates, and tasks that are said to change nothing', async () => {
    const playbook = `- hosts: h1
  tasks:
    - name: Asks
      shell: "echo <%= host.name %> asked >> <%= log %>; test -e <%= out %>/mended && echo yes || echo no"
      register: mended
      changed_when: false
    - name: Waits
      shell: "echo <%= host.name %> waited >> <%= log %>; echo no"
      register: ready
      until: ready.stdout === 'yes' || mended.stdout === 'yes'
      retries: 1
      delay: 0
`;
    await lab.apply(playbook);
    expect(lab.marks('h1')).toEqual(['asked', 'waited', 'waited']);
    await mend();
    const ended = await resume();
    expect(ended.code, ended.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['asked', 'waited', 'waited', 'asked', 'waited']);
  });

  it('is apply --resume with the flags of now; without a run there is nothing to resume', async () => {
    const none = await lab.run('resume');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('nothing was run from this folder yet');
    await lab.apply(store, '-e', 'word=hello');
    await mend();
    const ended = await lab.apply(store, '--resume', '-e', 'word=bye');
    expect(ended.code, ended.why).toBe(0);
    expect(lab.marks('h2')).toEqual(['first', 'same', 'same', 'restart', 'last bye']);
    const unknown = await lab.run('resume', '20200101-000000-abcdef');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('there is no run');
  });
});
