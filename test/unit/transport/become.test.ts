import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellSource, sh } from '../../../src/shell/text.js';
import { connect } from '../../../src/transport/connect.js';
import { SessionPool } from '../../../src/transport/pool.js';
import { BecomeError, type Become, type Session } from '../../../src/transport/types.js';
import { settingsFor } from '../../rig/settings.js';
import { startSshd, type RigUserAccount } from '../../rig/sshd.js';
import { until } from '../../rig/until.js';

const password = `pw-${randomBytes(6).toString('hex')}`;
let rig: Awaited<ReturnType<typeof startSshd>>;
let nopasswd: RigUserAccount;
let withPassword: RigUserAccount;
let tty: RigUserAccount;
let ttyWithPassword: RigUserAccount;
let loud: RigUserAccount;
let some: RigUserAccount;

beforeAll(async () => {
  rig = await startSshd();
  const name = (suffix: string): string => `${rig.user.name}${suffix}`;
  nopasswd = rig.addUser({ name: name('n'), sudo: ['ALL=(ALL) NOPASSWD: ALL'] });
  withPassword = rig.addUser({ name: name('p'), password, sudo: ['ALL=(ALL) ALL'] });
  tty = rig.addUser({ name: name('t'), sudo: ['ALL=(ALL) NOPASSWD: ALL', `Defaults:${name('t')} requiretty`] });
  ttyWithPassword = rig.addUser({
    name: name('q'),
    password,
    sudo: ['ALL=(ALL) ALL', `Defaults:${name('q')} requiretty, use_pty, pwfeedback`],
  });
  loud = rig.addUser({
    name: name('l'),
    password,
    sudo: [
      'ALL=(ALL) ALL',
      `Defaults:${name('l')} lecture=always, pwfeedback, timestamp_timeout=0, logfile=${join(rig.directory, 'sudo.log')}, loglinelen=0`,
    ],
  });
  some = rig.addUser({ name: name('s'), sudo: ['ALL=(nobody) NOPASSWD: ALL'] });
});

afterAll(async () => {
  await rig.stop();
});

async function as<T>(user: RigUserAccount, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await connect(settingsFor(rig, user.name), { host: user.name });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

const root: Become = { method: 'sudo', user: 'root' };
const rootByPassword: Become = { ...root, password };

async function failure(promise: Promise<unknown>): Promise<BecomeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BecomeError);
  return error as BecomeError;
}

describe('becoming another user', () => {
  it('runs as root without a password where sudo asks for none', async () => {
    await as(nopasswd, async (session) => {
      const exec = await session.exec({ script: shellSource('id -un; echo ~'), become: root });
      const script = await session.script({ script: shellSource('id -un'), become: root });
      expect([exec.stdout.toString(), script.stdout.toString()]).toEqual(['root\n/root\n', 'root\n']);
    });
  });

  it('needs no sudo to become the login user', async () => {
    await as(rig.user, async (session) => {
      const become: Become = { method: 'sudo', user: rig.user.name };
      const result = await session.exec({ script: shellSource('id -un'), become });
      expect(result.stdout.toString()).toBe(`${rig.user.name}\n`);
    });
  });

  it('gives the password only to the prompt, and the command its own stdin untouched', async () => {
    await as(withPassword, async (session) => {
      const stdin = Buffer.from('first line\n\0\xff last', 'latin1');
      const result = await session.exec({ script: shellSource('id -un >&2; cat'), stdin, become: rootByPassword });
      expect(result.stdout).toEqual(stdin);
      expect(result.stderr.toString()).toBe('root\n');
    });
  });

  it('never writes the password into the stdin of a command when sudo does not ask (trap 11)', async () => {
    await as(nopasswd, async (session) => {
      const result = await session.exec({
        script: shellSource('cat'),
        stdin: Buffer.from('data'),
        become: rootByPassword,
      });
      expect(result.stdout.toString()).toBe('data');
    });
  });

  it('gets through a lecture and password feedback, and in any locale', async () => {
    await as(loud, async (session) => {
      const result = await session.exec({
        script: shellSource('echo "$LC_ALL"; id -un'),
        environment: { LC_ALL: 'fr_FR.UTF-8' },
        become: rootByPassword,
      });
      expect(result.stdout.toString()).toBe('fr_FR.UTF-8\nroot\n');
      expect(result.stderr.toString()).toBe('');
    });
  });

  it.each([
    ['without a password', () => tty, root],
    ['with a password', () => ttyWithPassword, rootByPassword],
  ] as const)('works under requiretty %s and leaves the bytes of both streams alone', async (_name, user, become) => {
    await as(user(), async (session) => {
      const result = await session.exec({
        script: shellSource(`cat; printf 'a\\nb\\r\\n\\000' >&2; exit 7`),
        stdin: Buffer.from('x\n\r\n\0\x04\x03y', 'latin1'),
        become,
      });
      expect(result).toEqual({
        end: { kind: 'code', code: 7 },
        stdout: Buffer.from('x\n\r\n\0\x04\x03y', 'latin1'),
        stderr: Buffer.from('a\nb\r\n\0'),
      });
      const script = await session.script({ script: shellSource('id -un'), become });
      expect(script.stdout.toString()).toBe('root\n');
    });
  });

  it('says that a password is missing, without an attempt', async () => {
    await as(withPassword, async (session) => {
      const error = await failure(session.exec({ script: shellSource('id'), become: root }));
      expect(error.reason).toBe('password-missing');
    });
  });

  it('tries a wrong password once per host and run, however many tasks ask and however often it reconnects', async () => {
    const wrong: Become = { ...root, password: 'not-it' };
    const script = shellSource('id');
    const pool = new SessionPool();
    const settings = settingsFor(rig, loud.name);
    try {
      const session = await pool.session({ host: 'h', settings });
      const errors = await Promise.all([1, 2, 3, 4].map(() => failure(session.exec({ script, become: wrong }))));
      expect(errors.map((error) => error.reason)).toEqual(Array(4).fill('password-wrong'));
      await session.close();
      const again = await pool.session({ host: 'h', settings });
      expect(again).not.toBe(session);
      expect((await failure(again.script({ script, become: wrong }))).reason).toBe('password-wrong');
    } finally {
      await pool.closeAll();
    }
    expect(attempts()).toBe(1);
  });

  it('names an unknown user, and a user one may not become', async () => {
    await as(some, async (session) => {
      const script = shellSource('id');
      const unknown = await failure(session.exec({ script, become: { ...root, user: 'no-such-user' } }));
      const forbidden = await failure(session.exec({ script, become: root }));
      expect([unknown.reason, forbidden.reason]).toEqual([
        'unknown-user',
        expect.stringMatching(/not-allowed|password-missing/),
      ]);
    });
    await as(nopasswd, async (session) => {
      const error = await failure(
        session.exec({ script: shellSource('id'), become: { ...root, user: 'no-such-user' } }),
      );
      expect(error.reason).toBe('unknown-user');
    });
  });

  it('becomes another user by su with that user’s password', async () => {
    await as(rig.user, async (session) => {
      const become: Become = { method: 'su', user: withPassword.name, password };
      const right = await session.exec({ script: shellSource('id -un; cat'), stdin: Buffer.from('in'), become });
      expect(right.stdout.toString()).toBe(`${withPassword.name}\nin`);
      const wrong = await failure(session.exec({ script: shellSource('id'), become: { ...become, password: 'no' } }));
      const { password: _none, ...without } = become;
      const missing = await failure(session.exec({ script: shellSource('id'), become: without }));
      expect([wrong.reason, missing.reason]).toEqual(['password-wrong', 'password-missing']);
    });
  });

  it('shows the password in no process list and no environment', async () => {
    await as(withPassword, async (session) => {
      const look = sh`ps -efww; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; true`;
      const result = await session.exec({ script: look, become: rootByPassword });
      expect(result.stdout.length).toBeGreaterThan(1000);
      expect(result.stdout.includes(password)).toBe(false);
    });
  });

  it('writes and reads as an unprivileged user without leaving a file behind', async () => {
    await as(nopasswd, async (session) => {
      const become: Become = { method: 'sudo', user: rig.user.name };
      const path = `${rig.user.home}/secret`;
      const bytes = Buffer.from('quiet\n');
      const written = await session.write({ path, source: { kind: 'bytes', bytes }, mode: '0600', become });
      expect(written).toEqual({ kind: 'written' });
      expect(await session.read({ path, become })).toEqual({ kind: 'file', bytes });
      expect(await session.read({ path })).toMatchObject({ kind: 'failed' });
      const owner = await session.script({ script: sh`stat -c %U:%a ${path}; ls -A ${rig.user.home}`, become: root });
      expect(owner.stdout.toString()).toBe(`${rig.user.name}:600\nsecret\n`);
    });
  });

  it('ends a command as another user with its whole group on a timeout', async () => {
    await as(nopasswd, async (session) => {
      const mark = `98${String(Date.now()).slice(-7)}`;
      const script = shellSource(`sleep ${mark} & sleep ${mark}`);
      const result = await session.exec({ script, timeoutSeconds: 0.5, become: root });
      expect(result.end).toEqual({ kind: 'timeout', seconds: 0.5 });
      await until(() => running(mark).length === 0);
    });
  });
});

/** Wrong passwords that sudo counted. */
function attempts(): number {
  const log = readFileSync(join(rig.directory, 'sudo.log'), 'utf8');
  return log
    .split('\n')
    .reduce((sum, line) => sum + Number(/(\d+) incorrect password attempt/.exec(line)?.[1] ?? 0), 0);
}

function running(mark: string): readonly string[] {
  const list = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return list.split('\n').filter((line) => line.includes(mark));
}
