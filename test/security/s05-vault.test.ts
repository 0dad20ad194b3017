import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEnvelope, sealEnvelope } from '../../src/secrets/envelope.js';
import { SecretFormatError } from '../../src/secrets/format-error.js';
import { folderOf, program, runner } from '../cli/program.js';
import { until } from '../rig/until.js';
import { rounds } from '../rig/rounds.js';

vi.setConfig({ testTimeout: 240_000 });

const kills = rounds({ inGate: 8 });
let folder: ReturnType<typeof folderOf>;

beforeEach(() => {
  folder = folderOf({ password: 'vault-pass-one\n', wrong: 'vault-pass-two\n' });
  folder.write('secret.yaml', sealEnvelope(Buffer.from('key: plain-word-one\n'), 'vault-pass-one'));
});
afterEach(() => folder.remove());

const editor = (text: string): string => {
  const path = join(folder.path, 'editor');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};
const editWith = (script: string, ...more: readonly string[]): ReturnType<typeof runner> =>
  runner(folder.path, ['secrets', 'edit', 'secret.yaml', '--vault-password-file', 'password', ...more], {
    VISUAL: '',
    EDITOR: editor(script),
  });
const sealedText = (): string => readFileSync(join(folder.path, 'secret.yaml'), 'utf8');
const foldersInMemory = (): readonly string[] =>
  readdirSync('/dev/shm').filter((name) => name.startsWith('runner-edit-'));

describe('S5: an encrypted text', () => {
  it('is refused with any one of 1,000 bits changed', () => {
    // The salt is left alone: another one would cost 0.2 s of scrypt each time, which is tried twenty times below.
    const sealed = sealEnvelope(Buffer.alloc(600, 'plain-word'), 'vault-pass-one');
    const [header = '', ...lines] = sealed.trimEnd().split('\n');
    const bytes = Buffer.from(lines.join(''), 'base64');
    const flipped = (bit: number): string => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return `${header}\n${changed.toString('base64')}\n`;
    };
    const bits = (bytes.length - 16) * 8;
    const opened = (bit: number): unknown => {
      try {
        return openEnvelope(flipped(bit), 'vault-pass-one');
      } catch (error) {
        if (error instanceof SecretFormatError) return undefined;
        throw error;
      }
    };
    const tried = Array.from({ length: 980 }, (_, index) => 128 + Math.floor((index * bits) / 980));
    for (const bit of [...tried, ...Array.from({ length: 20 }, (_, index) => index * 6)])
      expect(opened(bit), `bit ${String(bit)}`).toBeUndefined();
    expect(openEnvelope(sealed, 'vault-pass-one')?.length).toBe(600);
  });

  it('says the same for a wrong password as for a changed bit, and a guess costs time', async () => {
    const at = performance.now();
    expect(openEnvelope(sealedText(), 'never tried before')).toBeUndefined();
    expect(performance.now() - at).toBeGreaterThan(100);
    const wrong = await runner(folder.path, ['secrets', 'view', 'secret.yaml', '--vault-password-file', 'wrong']);
    const text = sealedText();
    const at40 = text.length - 40;
    writeFileSync(
      join(folder.path, 'secret.yaml'),
      `${text.slice(0, at40)}${text[at40] === 'A' ? 'B' : 'A'}${text.slice(at40 + 1)}`,
    );
    const changed = await runner(folder.path, ['secrets', 'view', 'secret.yaml', '--vault-password-file', 'password']);
    expect([wrong.code, changed.code]).toEqual([2, 2]);
    expect(changed.stderr).toBe(wrong.stderr);
  });
});

describe('S5: runner secrets edit', () => {
  it('shows the plain text to the editor in memory only, and writes the file anew for its owner alone', async () => {
    chmodSync(join(folder.path, 'secret.yaml'), 0o644);
    const before = statSync(join(folder.path, 'secret.yaml')).ino;
    const said = await editWith(`stat -f -c %T "$1" > seen; stat -c %a "$1" "$(dirname "$1")" >> seen; cat "$1" >> seen
sed -i s/one/two/ "$1"`);
    expect(said, said.stderr).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(join(folder.path, 'seen'), 'utf8')).toBe('tmpfs\n600\n700\nkey: plain-word-one\n');
    const after = statSync(join(folder.path, 'secret.yaml'));
    expect(after.mode & 0o777).toBe(0o600);
    expect(after.ino).not.toBe(before);
    expect(openEnvelope(sealedText(), 'vault-pass-one')?.toString()).toBe('key: plain-word-two\n');
    expect(foldersInMemory()).toEqual([]);
  });

  it('leaves the file as it was when the editor fails, changes nothing, or somebody else wrote it', async () => {
    const before = sealedText();
    expect((await editWith('echo more >> "$1"; exit 3')).code).toBe(1);
    expect((await editWith('true')).code).toBe(0);
    expect(sealedText()).toBe(before);
    expect(await editWith('echo more >> "$1"; echo theirs > secret.yaml')).toMatchObject({ code: 2 });
    expect(sealedText()).toBe('theirs\n');
    expect(foldersInMemory()).toEqual([]);
  });

  it('encrypts under the password that opened it, and refuses what it cannot open', async () => {
    folder.write('secret.yaml', sealEnvelope(Buffer.from('a'), 'vault-pass-two'));
    expect((await editWith('echo b > "$1"', '--vault-password-file', 'wrong')).code).toBe(0);
    expect(openEnvelope(sealedText(), 'vault-pass-two')?.toString()).toBe('b\n');
    expect((await editWith('touch ran')).code).toBe(2);
    expect(existsSync(join(folder.path, 'ran'))).toBe(false);
  });

  it(`killed at ${String(kills)} moments leaves no plain text but in its folder in memory, and the file whole`, async () => {
    const text = 'key: plain-word-one\n';
    const plain = (): string =>
      execFileSync('sh', ['-c', 'grep -rlF plain-word "$0" /dev/shm 2> /dev/null || true', folder.path], {
        encoding: 'utf8',
      });
    for (let round = 0; round < kills; round += 1) {
      const child = spawn('node', [program, 'secrets', 'edit', 'secret.yaml', '--vault-password-file', 'password'], {
        cwd: folder.path,
        env: {
          ...process.env,
          VISUAL: '',
          EDITOR: editor(`echo more-plain-word >> "$1"; : > began; sleep 0.0${String(round % 10)}`),
        },
        stdio: 'ignore',
      });
      const closed = once(child, 'close');
      // At the start, while the editor runs, and while it is written again.
      const began = (): boolean => existsSync(join(folder.path, 'began'));
      await until(() => began() || child.exitCode !== null);
      await new Promise((resolve) => setTimeout(resolve, (round * 37) % 250));
      child.kill('SIGKILL');
      await closed;
      expect(openEnvelope(sealedText(), 'vault-pass-one')?.toString().startsWith(text)).toBe(true);
      for (const path of plain()
        .split('\n')
        .filter((line) => line !== '' && !line.endsWith('/editor')))
        expect(path).toMatch(/^\/dev\/shm\/runner-edit-\d+-/);
      for (const name of foldersInMemory()) expect(statSync(join('/dev/shm', name)).mode & 0o777).toBe(0o700);
      execFileSync('rm', ['-f', join(folder.path, 'began')]);
    }
    expect((await editWith('true')).code).toBe(0);
    expect(foldersInMemory()).toEqual([]);
  });
});
