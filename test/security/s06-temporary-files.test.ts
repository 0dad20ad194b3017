import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';
import { idsOf } from '../rig/sshd.js';
import { until } from '../rig/until.js';
import { rounds } from '../rig/rounds.js';

vi.setConfig({ testTimeout: 300_000 });

const copies = 10 * rounds({ inGate: 3, most: 30 });
const secret = 'only-for-its-owner-4711';

const lab = labForFile();
let attacker: { readonly name: string; readonly home: string; readonly uid: number; readonly gid: number };
let other: string;
/** Everybody may write to it, as to /tmp. */
let shared: string;
let victim: string;

beforeAll(async () => {
  const account = lab.addUser({ name: `${lab.user.name}x` });
  attacker = { ...account, ...idsOf(account.name) };
  other = lab.addUser({ name: `${lab.user.name}o` }).name;
});

beforeEach(() => {
  shared = mkdtempSync('/tmp/s06-');
  chmodSync(shared, 0o1777);
  mkdirSync(join(lab.folder, 'victims'), { mode: 0o755 });
  victim = join(lab.folder, 'victims', 'precious');
  writeFileSync(victim, 'precious', { mode: 0o600 });
});

afterEach(() => {
  rmSync(shared, { recursive: true, force: true });
});

/** A program of an ordinary user that is told by inotify of every name in the folder and does its worst with each. */
const attack = `
const fs = require('node:fs'), { join } = require('node:path');
const [dir, victim, loot, secret] = process.argv.slice(1);
const attempt = (act) => { try { act(); } catch {} };
const names = new Set();
const worst = (name) => {
  if (name === null) return;
  const path = join(dir, name);
  attempt(() => { if (fs.readFileSync(path, 'latin1').includes(secret)) fs.appendFileSync(loot, 'read ' + name + '\\n'); });
  if (!name.startsWith('.runner-')) return;
  if (!names.has(name)) { names.add(name); fs.appendFileSync(loot + '.seen', name + '\\n'); }
  attempt(() => fs.appendFileSync(path, 'torn'));
  attempt(() => fs.unlinkSync(path));
  attempt(() => fs.renameSync(path, path + '.away'));
  attempt(() => fs.linkSync(path, path + '.link'));
  attempt(() => fs.symlinkSync(victim, path));
};
fs.watch(dir, (_event, name) => worst(name));
fs.writeFileSync(loot + '.ready', '');
`;

async function attacking(loot: string): Promise<ChildProcess> {
  const ids = ['--reuid', String(attacker.uid), '--regid', String(attacker.gid), '--clear-groups'];
  const child = spawn('setpriv', [...ids, process.execPath, '-e', attack, shared, victim, loot, secret], {
    stdio: 'ignore',
  });
  await until(() => existsSync(`${loot}.ready`));
  return child;
}

/** What the attacker prepared under the name of a copy to come, in turn. */
function prepare(index: number): void {
  const path = join(shared, `copy${String(index)}`);
  const kind = index % 4;
  if (kind === 0) symlinkSync(victim, path);
  if (kind === 1) {
    writeFileSync(path, '');
    chmodSync(path, 0o666);
  }
  if (kind === 2) {
    const own = join(attacker.home, `own${String(index)}`);
    writeFileSync(own, '', { mode: 0o666 });
    chownSync(own, attacker.uid, attacker.gid);
    symlinkSync(own, path);
  }
  if (kind !== 3) lchownSync(path, attacker.uid, attacker.gid);
}

describe('S6: an ordinary user of the host who races with copies into a folder that all may write to', () => {
  it.each(['root', 'other'])('reads nothing and turns nothing aside, for copies by %s', async (as) => {
    const user = as === 'root' ? 'root' : other;
    const loot = join(attacker.home, `loot-${as}`);
    for (let index = 0; index < copies; index += 1) prepare(index);
    const child = await attacking(loot);
    try {
      const { code, why } = await lab.apply(`
- hosts: h1
  facts: false
  become: true
  become_user: ${user}
  tasks:
    - name: Copy
      copy: { dest: "${shared}/copy<%= item %>", content: "${secret} <%= item %>", mode: "0600" }
      loop: [${Array.from({ length: copies }, (_, index) => index).join(', ')}]
      ignore_errors: true
`);
      expect([code, why]).toEqual([0, why]);
      await until(() => existsSync(`${loot}.seen`));
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(existsSync(loot) ? readFileSync(loot, 'utf8') : '').toBe('');
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    const uid = user === 'root' ? 0 : idsOf(other).uid;
    let written = 0;
    for (let index = 0; index < copies; index += 1) {
      const path = join(shared, `copy${String(index)}`);
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found?.isFile() !== true || found.size === 0) continue;
      written += 1;
      expect([path, found.uid, found.mode & 0o777]).toEqual([path, uid, 0o600]);
      expect(readFileSync(path, 'utf8')).toBe(`${secret} ${String(index)}`);
    }
    // Root replaces what stands there; in a sticky folder another user may not, and is told so.
    expect(written).toBe(user === 'root' ? copies : Math.floor(copies / 4));
    for (let index = 2; index < copies; index += 4)
      expect(readFileSync(join(attacker.home, `own${String(index)}`), 'utf8')).toBe('');
  });
});

describe('S7: links of another user in a folder that all may write to', () => {
  it('lead no copy elsewhere, be they the file or its folder', async () => {
    const elsewhere = join(lab.folder, 'victims');
    for (const name of ['folder', 'file', 'again']) {
      symlinkSync(name === 'folder' ? elsewhere : victim, join(shared, name));
      lchownSync(join(shared, name), attacker.uid, attacker.gid);
    }
    const before = statSync(victim);
    const { task } = await lab.apply(`
- hosts: h1
  facts: false
  become: true
  tasks:
    - { name: file, copy: { dest: ${shared}/file, content: new, mode: "0644" } }
    - { name: folder, copy: { dest: ${shared}/folder/precious, content: new }, ignore_errors: true }
    - { name: new, copy: { dest: ${shared}/folder/new, content: new }, ignore_errors: true }
    - { name: newdir, copy: { dest: ${shared}/folder/newdir/, src: site.yaml }, ignore_errors: true }
    - { name: line, lineinfile: { path: ${shared}/again, line: new }, ignore_errors: true }
    - { name: mode, file: { path: ${shared}/again, mode: "0666" }, ignore_errors: true }
    - { name: touch, file: { path: ${shared}/again, state: touch, owner: ${attacker.name} }, ignore_errors: true }
    - { name: follow, copy: { dest: ${shared}/again, content: new, follow: true }, ignore_errors: true }
    - { name: tree, copy: { dest: ${shared}/folder, src: ./ }, ignore_errors: true }
    - { name: removed, file: { path: ${shared}/again, state: absent } }
`);
    expect([task('file')['h1']?.status, readFileSync(join(shared, 'file'), 'utf8')]).toEqual(['changed', 'new']);
    expect(lstatSync(join(shared, 'file')).isSymbolicLink()).toBe(false);
    for (const name of ['folder', 'new', 'newdir', 'line', 'mode', 'touch', 'follow', 'tree'])
      expect([name, task(name)['h1']]).toEqual([
        name,
        expect.objectContaining({ status: 'failed', message: expect.stringContaining('another user') as string }),
      ]);
    expect(task('removed')['h1']?.status).toBe('changed');
    expect([readFileSync(victim, 'utf8'), readdirSync(elsewhere)]).toEqual(['precious', ['precious']]);
    const after = statSync(victim);
    expect([after.mode, after.uid, after.ino]).toEqual([before.mode, before.uid, before.ino]);
  });
});
