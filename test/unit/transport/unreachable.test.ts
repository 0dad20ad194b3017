import { writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellSource } from '../../../src/shell/text.js';
import { connect } from '../../../src/transport/connect.js';
import { startFakeServer } from '../../rig/fake-server.js';
import { settingsFor } from '../../rig/settings.js';
import { freePort } from '../../rig/ports.js';
import { startSshd } from '../../rig/sshd.js';
import { until } from '../../rig/until.js';

let rig: Awaited<ReturnType<typeof startSshd>>;

beforeAll(async () => {
  rig = await startSshd();
});

afterAll(async () => {
  await rig.stop();
});

async function withServer<T>(onConnection: (socket: Socket) => void, work: (port: number) => Promise<T>): Promise<T> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
}

/** How often a server is tried that says this and hangs up. */
async function timesTurnedAway(words: string, reason: string): Promise<number> {
  let connections = 0;
  await withServer(
    (socket) => {
      connections += 1;
      socket.end(`${words}\r\n`);
    },
    async (port) => {
      const error = connect(settingsFor(rig, rig.user.name, { port }), { host: 'h' });
      await expect(error).rejects.toMatchObject({ reason, message: expect.stringContaining(`us away: ${words}`) });
    },
  );
  return connections;
}

describe('a host that cannot be reached', () => {
  it('is told apart: refused, no such name, no SSH there, turned away', async () => {
    const user = rig.user.name;
    const refused = connect(settingsFor(rig, user, { port: await freePort() }), { host: 'h' });
    await expect(refused).rejects.toMatchObject({
      reason: 'refused',
      host: 'h',
      hint: expect.stringContaining('sshd'),
    });
    // A label of more than 63 letters: the resolver says so without asking anybody.
    const nameless = connect(settingsFor(rig, user, { address: `${'a'.repeat(64)}.invalid` }), { host: 'h' });
    await expect(nameless).rejects.toMatchObject({ reason: 'name-not-found' });
    await withServer(
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      async (port) => {
        const error = connect(settingsFor(rig, user, { port }), { host: 'h' });
        await expect(error).rejects.toMatchObject({ message: expect.stringContaining('HTTP/1.1 400 Bad Request') });
      },
    );
    expect(await timesTurnedAway('Your address is banned', 'refused')).toBe(1);
  });

  it('is tried again when its sshd says what it says above MaxStartups and to who is banned, and not for ever', async () => {
    expect(await timesTurnedAway('Not allowed at this time', 'lost')).toBe(4);
    let connections = 0;
    await withServer(
      (socket) => {
        connections += 1;
        if (connections <= 2) socket.end('Not allowed at this time\r\n');
        else socket.pipe(createConnection({ host: '127.0.0.1', port: rig.port })).pipe(socket);
      },
      async (port) => {
        const settings = settingsFor(rig, rig.user.name, { port, hostKeyAlias: `[127.0.0.1]:${String(rig.port)}` });
        const session = await connect(settings, { host: 'h' });
        await session.close();
      },
    );
    expect(connections).toBe(3);
  });

  it('is given up at the connect timeout when its profile never ends', async () => {
    const slow = rig.addUser({ name: `${rig.user.name}s`, shell: '/bin/bash' });
    writeFileSync(join(slow.home, '.bashrc'), 'sleep 30\n');
    const at = performance.now();
    const error = connect(settingsFor(rig, slow.name, { connectTimeoutSeconds: 1 }), { host: 'h' });
    await expect(error).rejects.toMatchObject({ reason: 'timeout', message: expect.stringContaining('timeout') });
    // The profile takes 30 s.
    expect(performance.now() - at).toBeLessThan(20_000);
  });

  it('is given up at once when the run is cancelled', async () => {
    await withServer(
      () => undefined,
      async (port) => {
        const abort = new AbortController();
        const connecting = connect(settingsFor(rig, rig.user.name, { port }), { host: 'h', signal: abort.signal });
        setTimeout(() => abort.abort(), 50);
        await expect(connecting).rejects.toThrow('cancelled');
      },
    );
  });

  it('does not get its greeting’s control characters into a message', async () => {
    await withServer(
      (socket) => socket.end('\u001b]52;c;aGk=\u0007\r ok: [h1]\r\n'),
      async (port) => {
        const error: unknown = await connect(settingsFor(rig, rig.user.name, { port }), { host: 'h' }).catch(
          (reason: unknown) => reason,
        );
        expect(String(error)).toContain('?]52');
        expect(String(error)).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
      },
    );
  });
});

describe('a server that gives little', () => {
  it.each([1, 2, 3])('gets along with %i channels at once', async (maxSessions) => {
    const server = await startFakeServer({ maxSessions });
    const session = await connect(server.settings(), { host: 'h' });
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, index) => session.exec({ script: shellSource(`echo ${String(index)}`) })),
    );
    expect(results.map((result) => result.stdout.toString()).join('')).toBe('0\n1\n2\n3\n4\n5\n');
    expect((await session.script({ script: shellSource('echo on') })).stdout.toString()).toBe('on\n');
    await session.close();
    await server.stop();
  });

  it('keeps the first and last part of endless output in bounded memory, and says how much is left out', async () => {
    const session = await connect(settingsFor(rig, rig.user.name), { host: 'h' });
    const script = shellSource('echo first; head -c 60000000 /dev/zero | tr "\\0" x; echo last');
    const before = process.memoryUsage().rss;
    const result = await session.exec({ script });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    expect(result.end).toEqual({ kind: 'code', code: 0 });
    expect(result.stdout.subarray(0, 6).toString()).toBe('first\n');
    expect(result.stdout.subarray(-6).toString()).toBe('\u0078last\n');
    const kept = 10 * 1024 * 1024;
    expect(result.omitted?.stdout).toBeGreaterThanOrEqual(60_000_011 - kept - 3_000_000);
    expect(result.stdout.includes(`[... ${String(result.omitted?.stdout)} bytes left out ...]`)).toBe(true);
    await session.close();
  });

  it('leaves no timer and no socket behind, so that a program can end once its sessions are closed', async () => {
    const active = (): readonly string[] => process.getActiveResourcesInfo().filter((name) => /Timeout|TCP/.test(name));
    // What the tests before closed is gone in its own time.
    await until(() => !active().some((name) => name.startsWith('TCPSocket')));
    const before = active().length;
    const session = await connect(settingsFor(rig, rig.user.name), { host: 'h' });
    await session.exec({ script: shellSource('true'), timeoutSeconds: 60 });
    await session.script({ script: shellSource('true'), timeoutSeconds: 60 });
    expect(active().length).toBeGreaterThan(before);
    await session.close();
    await until(() => active().length <= before);
  });
});
