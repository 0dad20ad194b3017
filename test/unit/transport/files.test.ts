import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quote } from '../../../src/shell/quote.js';
import { shellSource } from '../../../src/shell/text.js';
import { connect } from '../../../src/transport/connect.js';
import type { Session, WriteRequest } from '../../../src/transport/types.js';
import { localSettings, settingsFor } from '../../rig/settings.js';
import { sessionWithShell, shellNames } from '../../rig/shells.js';
import { startSshd } from '../../rig/sshd.js';
import { until } from '../../rig/until.js';

function bytesOf(text: string | Buffer): WriteRequest['source'] {
  return { kind: 'bytes', bytes: Buffer.from(text) };
}

function fileOf(path: string): WriteRequest['source'] {
  const bytes = readFileSync(path);
  return { kind: 'file', path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Sizes on both sides of what goes through the long-lived shell. */
const sizes = [0, 1, 40_000, 70_000, 3_000_000];

describe.each(shellNames)('files where /bin/sh is %s', (name) => {
  let top: string;
  let root: string;
  let session: Session;

  beforeAll(() => {
    top = mkdtempSync(join(tmpdir(), 'files-'));
    root = join(top, 'files');
    mkdirSync(root);
    for (const [disk, options] of [
      ['full', 'size=64k'],
      ['readonly', 'ro'],
    ] as const) {
      mkdirSync(join(top, disk));
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', join(top, disk)]);
    }
    session = sessionWithShell(name, top);
  });

  afterAll(async () => {
    await session.close();
    for (const disk of ['full', 'readonly']) execFileSync('umount', ['-l', join(top, disk)]);
    rmSync(top, { recursive: true });
  });

  it.each(sizes)('writes %i bytes and reads them back, from memory and from a file', async (size) => {
    const bytes = randomBytes(size);
    const path = join(root, `size${String(size)}`);
    expect(await session.write({ path, source: bytesOf(bytes), mode: '0640' })).toEqual({ kind: 'written' });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    expect(await session.write({ path: `${path}b`, source: fileOf(path) })).toEqual({ kind: 'written' });
    const read = await session.read({ path: `${path}b` });
    // Not toEqual: it compares byte by byte, which takes seconds for megabytes.
    expect(read.kind === 'file' && read.bytes.equals(bytes)).toBe(true);
  });

  it('takes any name', async () => {
    const path = join(root, `-a 'b" $c\`\\\n\t汉é;*?`);
    expect(await session.write({ path, source: bytesOf('x'), validate: 'grep -q x %s' })).toEqual({ kind: 'written' });
    expect(await session.read({ path })).toEqual({ kind: 'file', bytes: Buffer.from('x') });
  });

  it('sets owner, group and mode, and keeps those of the old file when none is asked for', async () => {
    const path = join(root, 'owned');
    const source = bytesOf('a');
    await session.write({ path, source, owner: '12345', group: '54321', mode: '4751' });
    expect(statSync(path)).toMatchObject({ uid: 12345, gid: 54321 });
    expect(statSync(path).mode & 0o7777).toBe(0o4751);
    await session.write({ path, source: bytesOf('b') });
    expect(statSync(path)).toMatchObject({ uid: 12345, gid: 54321 });
    expect(statSync(path).mode & 0o7777).toBe(0o4751);
    const failed = await session.write({ path, source, owner: 'no-such-user' });
    expect(failed).toMatchObject({ kind: 'failed', stage: 'owner', message: expect.stringContaining('no-such-user') });
    expect(readFileSync(path, 'utf8')).toBe('b');
  });

  it('gives a new file what the umask leaves when no mode is asked for', async () => {
    const path = join(root, 'new-mode');
    await session.write({ path, source: bytesOf('a') });
    expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('keeps the old file when the validator refuses the new one, and tells the validator’s words', async () => {
    const path = join(root, 'validated');
    writeFileSync(path, 'old');
    const request = { path, source: bytesOf('new'), validate: 'echo "line 3: bad" && grep -q old %s' };
    expect(await session.write(request)).toEqual({
      kind: 'failed',
      stage: 'validate',
      message: expect.stringMatching(/^`.*` ended with code \d+: line 3: bad$/) as string,
    });
    expect(await session.write({ ...request, validate: 'test -d %s' })).toEqual({
      kind: 'failed',
      stage: 'validate',
      message: '`test -d %s` ended with code 1',
    });
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('copies the old file aside when asked to', async () => {
    const path = join(root, 'kept');
    writeFileSync(path, 'old', { mode: 0o604 });
    const result = await session.write({ path, source: bytesOf('new'), backup: true });
    const backup = result.kind === 'written' ? (result.backup ?? '') : '';
    expect([readFileSync(path, 'utf8'), readFileSync(backup, 'utf8')]).toEqual(['new', 'old']);
    expect(statSync(backup).mode & 0o777).toBe(0o604);
    const fresh = await session.write({ path: join(root, 'fresh'), source: bytesOf('x'), backup: true });
    expect(fresh).toEqual({ kind: 'written' });
  });

  it('replaces a link and leaves its target, a hard link’s other name and a directory alone', async () => {
    const target = join(root, 'target');
    const link = join(root, 'link');
    const hard = join(root, 'hard');
    writeFileSync(target, 'target');
    symlinkSync(target, link);
    linkSync(target, hard);
    expect(await session.write({ path: link, source: bytesOf('new') })).toEqual({ kind: 'written' });
    expect([lstatSync(link).isSymbolicLink(), readFileSync(target, 'utf8')]).toEqual([false, 'target']);
    expect(await session.write({ path: target, source: bytesOf('second') })).toEqual({ kind: 'written' });
    expect(readFileSync(hard, 'utf8')).toBe('target');
    mkdirSync(join(root, 'directory'));
    const refused = await session.write({ path: join(root, 'directory'), source: bytesOf('x') });
    expect(refused).toMatchObject({
      kind: 'failed',
      stage: 'write',
      message: expect.stringContaining('is a directory'),
    });
    expect(readdirSync(join(root, 'directory'))).toEqual([]);
  });

  it.each([200_000, 30_000, 2_000_000])(
    'says why a full disk refused %i bytes, and leaves no part of them',
    async (size) => {
      const path = join(top, 'full', 'file');
      writeFileSync(path, Buffer.alloc(50_000, 1));
      const result = await session.write({ path, source: bytesOf(Buffer.alloc(size, 2)) });
      expect(result).toMatchObject({
        kind: 'failed',
        stage: 'write',
        message: expect.stringMatching(/No space left on device/),
      });
      expect(readdirSync(join(top, 'full'))).toEqual(['file']);
      expect(readFileSync(path).equals(Buffer.alloc(50_000, 1))).toBe(true);
    },
  );

  it('passes on the words for a read-only disk and a missing directory, with the path', async () => {
    const readonly = await session.write({ path: join(top, 'readonly', 'f'), source: bytesOf('x') });
    expect(readonly).toMatchObject({ kind: 'failed', stage: 'write', message: expect.stringMatching(/f: Read-only/) });
    const missing = await session.write({ path: join(root, 'no', 'f'), source: bytesOf('x') });
    expect(missing).toMatchObject({
      kind: 'failed',
      stage: 'write',
      message: expect.stringMatching(/no\/f: .*(nonexistent|No such file)/),
    });
  });

  describe('a file whose sum nobody has taken', () => {
    const unsummed = (path: string): WriteRequest['source'] => ({ kind: 'file', path, size: statSync(path).size });
    const left = (directory: string): readonly string[] =>
      readdirSync(directory).filter((name) => name.startsWith('.runner-'));

    it('is summed while it is sent, and told with its sum', async () => {
      const source = join(root, 'unsummed-source');
      const bytes = randomBytes(3_000_000);
      writeFileSync(source, bytes);
      const path = join(root, 'unsummed');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const request = { path, source: unsummed(source), mode: '0640', validate: 'test -s %s' };
      expect(await session.write(request)).toEqual({ kind: 'written', sha256 });
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(statSync(path).mode & 0o7777).toBe(0o640);
      expect(left(root)).toEqual([]);
    });

    it('leaves the old file when it is not accepted, when there is no room, and when it was changed meanwhile', async () => {
      const source = join(root, 'unsummed-source');
      writeFileSync(source, randomBytes(3_000_000));
      const path = join(root, 'unsummed');
      writeFileSync(path, 'old');
      const refused = await session.write({ path, source: unsummed(source), validate: 'echo no >&2; false %s' });
      expect(refused).toMatchObject({ kind: 'failed', stage: 'validate' });
      const full = await session.write({ path: join(top, 'full', 'f'), source: unsummed(source) });
      expect(full).toMatchObject({ kind: 'failed', stage: 'write' });
      const writing = session.write({ path, source: unsummed(source) });
      utimesSync(source, 1, 1);
      const stamp = setInterval(() => utimesSync(source, Date.now() / 1000, Math.random() * 1e9), 1);
      expect(await writing.finally(() => clearInterval(stamp))).toMatchObject({ kind: 'failed', stage: 'check' });
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect([...left(root), ...left(join(top, 'full'))]).toEqual([]);
    });
  });

  it('fails when fewer bytes than announced arrive', async () => {
    const path = join(root, 'announced');
    writeFileSync(path, 'old');
    const short = join(root, 'short-source');
    writeFileSync(short, Buffer.alloc(100_000));
    const source: WriteRequest['source'] = { kind: 'file', path: short, size: 200_000, sha256: '0'.repeat(64) };
    expect(await session.write({ path, source })).toMatchObject({ kind: 'failed' });
    const wrong: WriteRequest['source'] = { kind: 'file', path: short, size: 100_000, sha256: '0'.repeat(64) };
    expect(await session.write({ path, source: wrong })).toMatchObject({ kind: 'failed', stage: 'check' });
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('removes what killed runs left more than an hour ago, and nothing else', async () => {
    const directory = join(root, 'swept');
    mkdirSync(directory);
    const old = join(directory, '.runner-dead.tmp.0011223344556677');
    const young = join(directory, '.runner-other.tmp.0011223344556677');
    const foreign = join(directory, '.runner-dead.tmp');
    for (const file of [old, young, foreign]) writeFileSync(file, '');
    const hourAgo = Date.now() / 1000 - 3700;
    for (const file of [old, foreign]) utimesSync(file, hourAgo, hourAgo);
    await session.write({ path: join(directory, 'file'), source: bytesOf('x') });
    expect(readdirSync(directory).sort()).toEqual(['.runner-dead.tmp', '.runner-other.tmp.0011223344556677', 'file']);
  });

  it('tells absent, directory and too large apart when reading', async () => {
    const path = join(root, 'readable');
    writeFileSync(path, Buffer.alloc(5000));
    symlinkSync('/no/where', join(root, 'dangling'));
    expect(await session.read({ path: join(root, 'nothing') })).toEqual({ kind: 'absent' });
    expect(await session.read({ path: join(root, 'dangling') })).toEqual({ kind: 'absent' });
    expect(await session.read({ path: root })).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('directory'),
    });
    expect(await session.read({ path, maximumBytes: 4999 })).toMatchObject({ kind: 'failed' });
    expect(await session.read({ path, maximumBytes: 5000 })).toMatchObject({ kind: 'file' });
  });

  it('reads into a sink in order, waiting for it', async () => {
    const bytes = randomBytes(4_000_000);
    const path = join(root, 'sunk');
    writeFileSync(path, bytes);
    const parts: Buffer[] = [];
    let busy = 0;
    const sink = async (chunk: Buffer): Promise<void> => {
      busy += 1;
      expect(busy).toBe(1);
      await new Promise(setImmediate);
      parts.push(chunk);
      busy -= 1;
    };
    expect(await session.read({ path, sink })).toEqual({ kind: 'file', bytes: Buffer.alloc(0) });
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  });

  it('leaves no temporary file behind', () => {
    expect(
      readdirSync(root, { recursive: true })
        .map(String)
        .filter((file) => file.includes('.runner-')),
    ).toEqual(['swept/.runner-dead.tmp', 'swept/.runner-other.tmp.0011223344556677']);
  });
});

describe('files on a host', () => {
  let rig: Awaited<ReturnType<typeof startSshd>>;

  beforeAll(async () => {
    rig = await startSshd();
  });

  afterAll(async () => {
    await rig.stop();
  });

  it('keeps the old file whole and cleans up when the connection is lost in the middle', async () => {
    const path = `${rig.user.home}/file`;
    for (let round = 0; round < 3; round += 1) {
      const session = await connect(settingsFor(rig, rig.user.name), { host: 'h' });
      await session.write({ path, source: bytesOf('old') });
      const lost = session.write({ path, source: bytesOf(Buffer.alloc(30_000_000)) });
      await until(() => temporaries(rig.user.home).length > 0);
      await session.close();
      expect((await lost).kind).toBe('lost');
      await until(() => temporaries(rig.user.home).length === 0);
      expect(readFileSync(path, 'utf8')).toBe('old');
    }
  });

  it('makes the temporary file private from its first moment, whatever the umask', async () => {
    const account = rig.addUser({ name: `${rig.user.name}u`, shell: '/bin/bash' });
    writeFileSync(join(account.home, '.bashrc'), 'umask 000\n');
    const session = await connect(settingsFor(rig, account.name), { host: 'h' });
    const path = `${account.home}/file`;
    const validate = `stat -c %a %s >${quote(`${account.home}/seen`)}`;
    const source = bytesOf('secret');
    const slow = { path, source, mode: '0600', validate };
    expect(await session.write(slow)).toEqual({ kind: 'written' });
    expect(readFileSync(`${account.home}/seen`, 'utf8')).toBe('600\n');
    const modes = new Set<number>();
    const big = session.write({ path, source: bytesOf(Buffer.alloc(40_000_000)), mode: '0644' });
    await until(() => {
      for (const file of temporaries(account.home)) {
        const found = statSync(file, { throwIfNoEntry: false });
        if (found !== undefined) modes.add(found.mode);
      }
      return modes.size > 0;
    });
    await big;
    expect([...modes].map((mode) => mode & 0o777)[0]).toBe(0o600);
    await session.close();
  });

  it('refuses what the login user may not write, in the host’s own words', async () => {
    const session = await connect(settingsFor(rig, rig.user.name), { host: 'h' });
    const result = await session.write({ path: '/etc/runner-test', source: bytesOf('x') });
    expect(result).toMatchObject({
      kind: 'failed',
      stage: 'write',
      message: expect.stringContaining('/etc/runner-test: Permission denied'),
    });
    const hidden = join(rig.directory, 'hidden');
    mkdirSync(hidden, { mode: 0o700 });
    writeFileSync(join(hidden, 'file'), 'x');
    expect(await session.read({ path: join(hidden, 'file') })).toMatchObject({ kind: 'failed' });
    await session.close();
    expect(existsSync('/etc/runner-test')).toBe(false);
  });

  it('cannot be led elsewhere by links that others put into a shared directory', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'shared-'));
    chmodSync(shared, 0o1777);
    const victim = join(rig.directory, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, join(shared, 'file'));
    chownSync(shared, 0, 0);
    const session = await connect(localSettings(), { host: 'h' });
    expect(await session.write({ path: join(shared, 'file'), source: bytesOf('new') })).toEqual({ kind: 'written' });
    await session.close();
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    rmSync(shared, { recursive: true });
  });

  it('writes through a shell that others use at the same time without mixing anything up', async () => {
    const session = await connect(settingsFor(rig, rig.user.name), { host: 'h' });
    const results = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const path = `${rig.user.home}/many${String(index)}`;
        const text = `content ${String(index)}\n`;
        await session.write({ path, source: bytesOf(text) });
        const [read, script] = await Promise.all([
          session.read({ path }),
          session.script({ script: shellSource(`cat ${path}`) }),
        ]);
        return read.kind === 'file' && read.bytes.toString() === text && script.stdout.toString() === text;
      }),
    );
    expect(results.every(Boolean)).toBe(true);
    await session.close();
  });
});

function temporaries(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((file) => file.startsWith('.runner-'))
    .map((file) => join(directory, file));
}
