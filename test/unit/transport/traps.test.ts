import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Algorithms } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnreachableError } from '../../../src/core/errors.js';
import type { ConnectionSettings } from '../../../src/inventory/types.js';
import { shellSource } from '../../../src/shell/text.js';
import { offeredAlgorithms } from '../../../src/transport/algorithms.js';
import { connect } from '../../../src/transport/connect.js';
import { SessionPool } from '../../../src/transport/pool.js';
import type { Session } from '../../../src/transport/types.js';
import { startFakeServer } from '../../rig/fake-server.js';
import { cuttableRelay } from '../../rig/relay.js';
import { settingsFor } from '../../rig/settings.js';
import { childrenOf, kill, startSshd } from '../../rig/sshd.js';
import { until } from '../../rig/until.js';

let rig: Awaited<ReturnType<typeof startSshd>>;

beforeAll(async () => {
  rig = await startSshd();
});

afterAll(async () => {
  await rig.stop();
});

async function withSession<T>(
  change: Partial<ConnectionSettings>,
  work: (session: Session) => Promise<T>,
  user = rig.user.name,
): Promise<T> {
  const session = await connect(settingsFor(rig, user, change), { host: 'host' });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

async function refusal(promise: Promise<unknown>): Promise<UnreachableError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UnreachableError);
  return error as UnreachableError;
}

describe('the traps of ssh2, measured in reliability.md', () => {
  it('trap 1: a host key nobody wrote down is refused, not accepted in silence', async () => {
    const empty = join(rig.directory, 'empty_known_hosts');
    writeFileSync(empty, '');
    const error = await refusal(connect(settingsFor(rig, rig.user.name, { knownHosts: [empty] }), { host: 'h' }));
    expect(error.reason).toBe('host-key');
    expect(error.message).toContain('SHA256:');
    expect(readFileSync(empty, 'utf8')).toBe('');
  });

  it('trap 2: a connection that is cut is noticed by keepalive within 3 intervals, as lost', async () => {
    const relay = await cuttableRelay(rig.port);
    try {
      const knownHosts = join(rig.directory, 'relay_known_hosts');
      writeFileSync(knownHosts, `[127.0.0.1]:${String(relay.port)} ${rig.hostKeys[0] ?? ''}\n`);
      const settings = settingsFor(rig, rig.user.name, {
        port: relay.port,
        knownHosts: [knownHosts],
        keepaliveSeconds: 1,
      });
      const session = await connect(settings, { host: 'h' });
      const running = session.exec({ script: shellSource('echo started; sleep 60'), onLines: () => relay.cut() });
      const script = session.script({ script: shellSource('sleep 60') });
      const startedAt = performance.now();
      expect((await running).end.kind).toBe('lost');
      expect((await script).end.kind).toBe('lost');
      expect(await session.closed).toContain('keepalive');
      // 3 s; TCP alone would not notice for minutes.
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      await session.close();
    } finally {
      relay.stop();
    }
  });

  it('trap 3: a code, a signal and a lost connection are three different ends, and only code 0 is success', async () => {
    await withSession({}, async (session) => {
      const code = await session.exec({ script: shellSource('exit 3') });
      const signal = await session.exec({ script: shellSource('kill -9 $$') });
      expect([code.end, signal.end]).toEqual([
        { kind: 'code', code: 3 },
        { kind: 'signal', signal: 'SIGKILL' },
      ]);
    });
    const session = await connect(settingsFor(rig, rig.user.name), { host: 'h' });
    // Not what another test may have left to end by itself.
    const mark = `92${String(Date.now()).slice(-7)}`;
    const script = shellSource(`sleep ${mark}`);
    const ends = Promise.all([session.exec({ script }), session.script({ script })]);
    await until(() => running(mark).length >= 2);
    const at = performance.now();
    killSessions();
    expect((await ends).map((result) => result.end.kind)).toEqual(['lost', 'lost']);
    // Long before three keepalives of 10 s.
    expect(performance.now() - at).toBeLessThan(15_000);
    expect((await refusal(session.exec({ script: shellSource('true') }))).reason).toBe('lost');
    await session.close();
  });

  it('trap 3: a server that closes a channel without any exit status has lost the command', async () => {
    const server = await startFakeServer({ onExec: (channel, reply) => reply.boot(channel, () => channel.close()) });
    try {
      const session = await connect(server.settings(), { host: 'h' });
      const result = await session.exec({ script: shellSource('true') });
      expect(result.end.kind).toBe('lost');
      await session.close();
    } finally {
      await server.stop();
    }
  });

  it('trap 4: no process of a command is left after the connection is lost, a timeout or a cancel', async () => {
    const mark = `97${String(Date.now()).slice(-7)}`;
    const script = shellSource(`trap "" TERM; sleep ${mark} & (sleep ${mark} & sleep ${mark}); wait`);
    const session = await connect(settingsFor(rig, rig.user.name), { host: 'h' });
    const lost = [session.exec({ script }), session.script({ script })];
    await until(() => running(mark).length >= 6);
    killSessions();
    expect((await Promise.all(lost)).map((result) => result.end.kind)).toEqual(['lost', 'lost']);
    await until(() => running(mark).length === 0);
    await session.close();

    await withSession({}, async (other) => {
      const abort = new AbortController();
      const cancelled = other.exec({ script, signal: abort.signal });
      await until(() => running(mark).length >= 3);
      const timedOut = other.exec({ script, timeoutSeconds: 3 });
      const timedOutScript = other.script({ script, timeoutSeconds: 3 });
      abort.abort();
      await expect(cancelled).rejects.toThrow('cancelled');
      expect((await timedOut).end).toEqual({ kind: 'timeout', seconds: 3 });
      expect((await timedOutScript).end).toEqual({ kind: 'timeout', seconds: 3 });
      await until(() => running(mark).length === 0);
      expect((await other.script({ script: shellSource('echo again') })).stdout.toString()).toBe('again\n');
    });
  });

  it('trap 5: 50 commands at once on one connection with MaxSessions 10 all succeed', async () => {
    await withSession({}, async (session) => {
      const ends = await Promise.all(
        Array.from({ length: 50 }, () => session.exec({ script: shellSource('sleep 0.05') })),
      );
      expect(ends.every(({ end }) => end.kind === 'code' && end.code === 0)).toBe(true);
    });
  });

  it('trap 6: 60 connections at once with MaxStartups 10:30:100 lose nobody', async () => {
    const pool = new SessionPool();
    try {
      const sessions = await Promise.all(
        Array.from({ length: 60 }, (_, index) => {
          const address = `127.0.1.${String(index + 1)}`;
          return pool.session({ host: address, settings: settingsFor(rig, rig.user.name, { address }) });
        }),
      );
      expect(new Set(sessions).size).toBe(60);
    } finally {
      await pool.closeAll();
    }
  });

  it('trap 6: a connection dropped before the handshake is tried again, 3 times at most', async () => {
    let tries = 0;
    const server = createServer((socket) => {
      tries += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const error = await refusal(connect(settingsFor(rig, rig.user.name, { port }), { host: 'h' }));
    expect([error.reason, tries]).toEqual(['lost', 4]);
    server.close();
  });

  it('trap 7: nothing connects only to look: one TCP connection a session, and it logs in', async () => {
    const before = connections();
    await withSession({}, (session) => session.exec({ script: shellSource('true') }));
    expect(connections() - before).toBe(1);
  });

  it('trap 8: the server’s new key exchanges in the middle of much output and input break nothing', async () => {
    const rekeying = await startSshd({ config: ['RekeyLimit 1M'] });
    try {
      const session = await connect(settingsFor(rekeying, rekeying.user.name), { host: 'h' });
      const out = await session.exec({ script: shellSource('head -c 9000000 /dev/zero | tr "\\0" x') });
      expect([out.stdout.length, out.end]).toEqual([9_000_000, { kind: 'code', code: 0 }]);
      const path = `${rekeying.user.home}/big`;
      const written = await session.write({ path, source: { kind: 'bytes', bytes: Buffer.alloc(20_000_000, 7) } });
      expect(written).toEqual({ kind: 'written' });
      await session.close();
    } finally {
      await rekeying.stop();
    }
  });

  it('trap 9: what a profile prints is in no output and breaks no file transfer', async () => {
    const noisy = rig.addUser({ name: `${rig.user.name}b`, shell: '/bin/bash' });
    appendFileSync(join(noisy.home, '.bashrc'), 'echo "NOISE password:"; echo NOISE >&2; printf "\\033[31m"\n');
    await withSession(
      {},
      async (session) => {
        const exec = await session.exec({ script: shellSource('echo out; echo err >&2') });
        const script = await session.script({ script: shellSource('echo out; echo err >&2') });
        const expected = { end: { kind: 'code', code: 0 }, stdout: Buffer.from('out\n'), stderr: Buffer.from('err\n') };
        expect([exec, script]).toEqual([expected, expected]);
        const bytes = Buffer.alloc(200_000, 1);
        const path = `${noisy.home}/file`;
        expect(await session.write({ path, source: { kind: 'bytes', bytes } })).toEqual({ kind: 'written' });
        expect(await session.read({ path })).toEqual({ kind: 'file', bytes });
      },
      noisy.name,
    );
  });

  it.each(['/usr/bin/fish', '/usr/bin/tcsh', '/bin/bash', '/bin/dash'])(
    'trap 10: the login shell %s changes nothing: odd characters, exit codes, syntax errors',
    async (shell) => {
      const account = rig.addUser({ name: `${rig.user.name}${shell.slice(-4).replace('/', '')}`, shell });
      await withSession(
        {},
        async (session) => {
          const odd = `'"\\!$HOME\`;#*?~é汉 !!`;
          const script = shellSource(`printf %s "$ODD"; exit 5`);
          const result = await session.exec({ script, environment: { ODD: `${odd}\nsecond` } });
          expect([result.stdout.toString(), result.end]).toEqual([`${odd}\nsecond`, { kind: 'code', code: 5 }]);
          const broken = await session.exec({ script: shellSource('X=1; if then') });
          expect(broken.end).not.toEqual({ kind: 'code', code: 0 });
          const inShell = await session.script({ script: shellSource('if then') });
          expect(inShell.end).not.toEqual({ kind: 'code', code: 0 });
          expect((await session.script({ script: shellSource('X=1; echo $X') })).stdout.toString()).toBe('1\n');
        },
        account.name,
      );
    },
  );

  it('trap 10: a login shell that runs nothing makes the host unreachable, with its own words', async () => {
    const account = rig.addUser({ name: `${rig.user.name}x`, shell: '/usr/sbin/nologin' });
    const error = await refusal(connect(settingsFor(rig, account.name), { host: 'h' }));
    expect(error.reason).toBe('shell');
    expect(error.message).toContain('This account is currently not available');
  });

  // Trap 11 (sudo's password fed blindly) is in become.test.ts.

  it('trap 12: a server that accepts and says nothing costs the connect timeout and no more', async () => {
    const tarpit = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      tarpit.listen(0, '127.0.0.1', resolve);
    });
    const address = tarpit.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const at = performance.now();
    const settings = settingsFor(rig, rig.user.name, { port, connectTimeoutSeconds: 1 });
    const error = await refusal(connect(settings, { host: 'h' }));
    expect(error.reason).toBe('timeout');
    expect(performance.now() - at).toBeGreaterThan(950);
    // ssh2's own timeout is 20 s.
    expect(performance.now() - at).toBeLessThan(15_000);
    tarpit.close();
  });

  it('trap 13: strict key exchange is asked for, and nothing weak or open to Terrapin is offered', async () => {
    const server = await startFakeServer({});
    try {
      await (await connect(server.settings(), { host: 'h' })).close();
      expect(server.clientKexInit()).toContain('kex-strict-c-v00@openssh.com');
      expect(server.clientKexInit()).not.toMatch(
        /ssh-rsa|ssh-dss|-sha1|cbc|3des|arcfour|chacha20|-etm@|md5|group1-|zlib/,
      );
    } finally {
      await server.stop();
    }
    expect(offeredAlgorithms([], { name: 'h', compression: false }).cipher).toContain('aes256-gcm@openssh.com');
  });

  it.each([
    ['host keys', { serverHostKey: ['ssh-rsa'] }],
    ['ciphers', { cipher: ['aes128-cbc'] }],
    ['macs', { cipher: ['aes128-ctr'], hmac: ['hmac-sha1'] }],
    ['key exchange', { kex: ['diffie-hellman-group14-sha1'] }],
  ] satisfies [string, Partial<Algorithms>][])(
    'trap 13: a server with only weak %s is refused with a clear text',
    async (_name, algorithms) => {
      const server = await startFakeServer({ algorithms, hostKeyType: 'rsa' });
      try {
        const error = await refusal(connect(server.settings(), { host: 'h' }));
        expect(error.reason).toBe('negotiation');
        expect(error.hint).toContain('weak');
      } finally {
        await server.stop();
      }
    },
  );

  it('keeps ssh2 at a version with strict key exchange', () => {
    expect(ssh2.Client).toBeTypeOf('function');
    const { version } = JSON.parse(readFileSync('node_modules/ssh2/package.json', 'utf8')) as { version: string };
    expect(version).toMatch(/^1\.(1[7-9]|[2-9]\d)\./);
  });
});

function running(mark: string): readonly string[] {
  const list = execFileSync('ps', ['-eo', 'user:40,args'], { encoding: 'utf8' });
  return list.split('\n').filter((line) => line.startsWith(`${rig.user.name} `) && line.includes(mark));
}

/** Kills every session of the rig's sshd, as a crash would. */
function killSessions(): void {
  for (const monitor of childrenOf(rig.pid)) {
    for (const pid of [...childrenOf(monitor), monitor]) kill(pid);
  }
}

function connections(): number {
  return rig
    .log()
    .split('\n')
    .filter((line) => line.startsWith('Connection from')).length;
}
