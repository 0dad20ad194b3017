import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sealEnvelope } from '../../../src/secrets/envelope.js';
import { ansibleVaultText } from '../../unit/secrets/ansible-vault-text.js';
import { program } from '../program.js';
import { inventoryText, labForFile } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

beforeEach(() => {
  lab.write('password', 'vault-pass-one\n');
  lab.write('other-password', '#!/bin/sh\necho vault-pass-two\n');
  chmodSync(join(lab.folder, 'other-password'), 0o700);
});
const one = (text: string): string => sealEnvelope(Buffer.from(text), 'vault-pass-one');
const two = (text: string): string => ansibleVaultText(text, 'vault-pass-two');
const indented = (text: string, by: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `${by}${line}\n`)
    .join('');
const given = ['--vault-password-file', 'password', '--vault-password-file', './other-password'];

/** An inventory with one encrypted value for all hosts. */
function inlineSecret(text: string): void {
  lab.write(
    'inventory.yaml',
    inventoryText({
      sshd: lab.sshd,
      user: lab.user.name,
      out: lab.out,
      vars: `    inline: !vault |\n${indented(text, '      ')}`,
    }),
  );
}

describe('secrets', () => {
  it('X01: whole files, an inline value, sources of copy and template are decrypted on the way', async () => {
    inlineSecret(one('inline-word'));
    mkdirSync(join(lab.folder, 'group_vars'));
    mkdirSync(join(lab.folder, 'tree'));
    lab.write('group_vars/web.yaml', two('grouped: grouped-word\n'));
    lab.write('secret-vars.yaml', one('filed: filed-word\n'));
    lab.write('key.pem', one('BEGIN-KEY\nkey-line-word\n'));
    lab.write('tree/inner.key', two('inner-key-word\n'));
    lab.write('app.conf.ejs', two('a=<%= inline %>\nconf-line-word\n'));
    const playbook = `
      - hosts: h1
        vars_files: [secret-vars.yaml]
        tasks:
          - { name: values, copy: { dest: "<%= out %>/values", content: "<%= inline %> <%= grouped %> <%= filed %>" } }
          - { name: copied, copy: { dest: "<%= out %>/key.pem", src: key.pem } }
          - { name: tree, copy: { dest: "<%= out %>/", src: tree } }
          - { name: rendered, template: { dest: "<%= out %>/app.conf", src: app.conf.ejs } }
          - { name: kept, copy: { dest: "<%= out %>/kept", src: key.pem, decrypt: false } }
          - { name: told, debug: { msg: "<%= inline %> <%= grouped %> <%= filed %>" } }
    `;
    lab.write('out/key.pem', 'old-key-word\n');
    chmodSync(join(lab.out, 'key.pem'), 0o666);
    const preview = await lab.plan(playbook, ...given, '--diff');
    const run = await lab.apply(playbook, ...given, '--diff');
    expect(run.code, run.why).toBe(0);
    expect(lab.read('values')).toBe('inline-word grouped-word filed-word');
    expect(lab.read('key.pem')).toBe('BEGIN-KEY\nkey-line-word\n');
    expect(lab.read('tree/inner.key')).toBe('inner-key-word\n');
    expect(lab.read('app.conf')).toBe('a=inline-word\nconf-line-word\n');
    expect(lab.read('kept')).toMatch(/^\$RUNNER;1;scrypt-aes256gcm\n/);
    for (const said of [preview.stdout, preview.stderr, run.stdout, run.stderr])
      expect(said).not.toMatch(/-word|vault-pass/);
    const again = await lab.apply(playbook, ...given);
    expect(again.recap('h1')).toMatchObject({ changed: 0, failed: 0 });
  });

  it('X01: a script, an archive and fragments are decrypted on the way too, unless told not to', async () => {
    mkdirSync(join(lab.folder, 'plain'));
    mkdirSync(join(lab.folder, 'parts'));
    lab.write('plain/inside', 'from-the-archive\n');
    const tar = execFileSync('tar', ['-C', join(lab.folder, 'plain'), '-cf', '-', 'inside']);
    lab.write('sealed.tar', sealEnvelope(tar, 'vault-pass-one'));
    lab.write('sealed.sh', two('#!/bin/sh\necho ran >"$1"\n'));
    lab.write('parts/1', one('first-part\n'));
    lab.write('parts/2', 'second-part\n');
    const playbook = `
      - hosts: h1
        tasks:
          - { name: run, script: { cmd: "sealed.sh <%= out %>/ran" } }
          - { name: unpacked, unarchive: { src: sealed.tar, dest: "<%= out %>" } }
          - { name: joined, assemble: { src: parts, remote_src: false, dest: "<%= out %>/joined" } }
          - { name: kept, assemble: { src: parts, remote_src: false, dest: "<%= out %>/kept", decrypt: false } }
          - { name: sealed, unarchive: { src: sealed.tar, dest: "<%= out %>", decrypt: false }, ignore_errors: true }
    `;
    const run = await lab.apply(playbook, ...given);
    expect(run.code, run.why).toBe(0);
    expect(lab.read('ran')).toBe('ran\n');
    expect(lab.read('inside')).toBe('from-the-archive\n');
    expect(lab.read('joined')).toBe('first-part\nsecond-part\n');
    expect(lab.read('kept')).toMatch(/^\$RUNNER;1;scrypt-aes256gcm\n/);
    expect(run.task('sealed')['h1']?.status).toBe('failed');
  });

  it('X03: several passwords are tried in turn, given by flags or by the environment', async () => {
    inlineSecret(two('inline-word'));
    const playbook = `
      - hosts: h1
        tasks: [{ copy: { dest: "<%= out %>/value", content: "<%= inline %>" } }]
    `;
    const run = await lab.apply(playbook, ...given);
    expect(run.code, run.why).toBe(0);
    expect(lab.read('value')).toBe('inline-word');
    vi.stubEnv('RUNNER_VAULT_PASSWORD_FILE', './other-password');
    const again = await lab.apply(playbook, '--vault-password-file', 'password');
    vi.unstubAllEnvs();
    expect(again.code, again.why).toBe(0);
    const wrong = await lab.apply(playbook, '--vault-password-file', 'password');
    expect(wrong.code).not.toBe(0);
    expect(wrong.why).toContain('no password given opens it');
  });

  it('X03: without a password a host with an unused secret works, and using it fails at its place', async () => {
    inlineSecret(one('inline-word'));
    const unused = await lab.apply('[{ hosts: h1, tasks: [{ command: "true" }] }]');
    expect(unused.code, unused.why).toBe(0);
    const used = await lab.apply(`
      - hosts: h1
        tasks: [{ name: uses, copy: { dest: "<%= out %>/value", content: "<%= inline %>" } }]
    `);
    expect(used.code).not.toBe(0);
    expect(used.why).toContain('it is encrypted and no password was given');
    expect(used.why + used.stdout).toContain('--vault-password-file');
    expect(lab.read('value')).toBeUndefined();
  });

  it('X03: without a password an encrypted file is a mistake that names it, before anything is touched', async () => {
    mkdirSync(join(lab.folder, 'group_vars'));
    lab.write('group_vars/web.yaml', one('grouped: grouped-word\n'));
    const run = await lab.apply('[{ hosts: h1, tasks: [{ command: "true" }] }]');
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/group_vars\/web\.yaml.*it is encrypted and no password was given/);
  });

  it('X03: a source that no password opens fails its task', async () => {
    lab.write('key.pem', one('key-line-word\n'));
    const run = await lab.apply('[{ hosts: h1, tasks: [{ name: c, copy: { dest: "<%= out %>/k", src: key.pem } }] }]');
    expect(run.code).toBe(1);
    expect(run.why).toContain('it is encrypted and no password was given');
    expect(lab.read('k')).toBeUndefined();
  });
});

describe('runner secrets', () => {
  it('encrypts, shows, rekeys and decrypts files, readable by their owner alone', async () => {
    lab.write('file.yaml', 'a: file-word\n');
    const first = ['--vault-password-file', 'password'];
    expect(await lab.run('secrets', 'encrypt', 'file.yaml', ...first)).toMatchObject({ code: 0 });
    expect(statSync(join(lab.folder, 'file.yaml')).mode & 0o777).toBe(0o600);
    expect((await lab.run('secrets', 'view', 'file.yaml', ...first)).stdout).toBe('a: file-word\n');
    expect(await lab.run('secrets', 'encrypt', 'file.yaml', ...first)).toMatchObject({ code: 2 });
    const rekey = ['--new-vault-password-file', './other-password'];
    expect(await lab.run('secrets', 'rekey', 'file.yaml', ...first, ...rekey)).toMatchObject({ code: 0 });
    expect(await lab.run('secrets', 'view', 'file.yaml', ...first)).toMatchObject({ code: 2, stdout: '' });
    const second = ['--vault-password-file', './other-password'];
    expect(await lab.run('secrets', 'decrypt', 'file.yaml', ...second)).toMatchObject({ code: 0 });
    expect((await lab.run('secrets', 'view', 'file.yaml', ...second)).stderr).toContain('is not encrypted');
  });

  it('encrypts a value that an inventory may hold; what shows variables hides it, with a password and without', async () => {
    const first = ['--vault-password-file', 'password'];
    const value = execFileSync('node', [program, 'secrets', 'encrypt-string', ...first], {
      cwd: lab.folder,
      input: 'inline-word',
      encoding: 'utf8',
    });
    expect(value).toMatch(/^!vault \|\n {2}\$RUNNER;1;scrypt-aes256gcm\n/);
    inlineSecret(value.slice(value.indexOf('$')).replaceAll(/^ +/gm, ''));
    for (const command of [
      ['vars', 'h1', 'inline'],
      ['inventory', '--host', 'h1'],
    ]) {
      const open = await lab.run(...command, ...first);
      expect(open.code, open.why).toBe(0);
      expect(open.stdout).toContain('********');
      expect(open.stdout + open.stderr).not.toContain('inline-word');
      const shut = await lab.run(...command);
      expect(shut.stdout + shut.stderr).toMatch(/\*{8}|it is encrypted and no password was given/);
      expect(shut.stderr).not.toContain('mistake in runner');
    }
    const run = await lab.apply(
      '[{ hosts: h1, tasks: [{ copy: { dest: "<%= out %>/v", content: "<%= inline %>" } }] }]',
      ...first,
    );
    expect(run.code, run.why).toBe(0);
    expect(lab.read('v')).toBe('inline-word');
  });
});
