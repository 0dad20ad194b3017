import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LookReply } from '../../../../src/modules/types.js';
import { hostRows, hostScript } from '../../../../src/stack/status/host-look.js';
import type { Member, Row } from '../../../../src/stack/status/types.js';

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A program on a port of the loopback that answers whatever it is asked, or says nothing and keeps the connection. */
async function serve(answer: string | undefined): Promise<{ readonly endpoint: string; connections(): number }> {
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    cleanups.push(() => socket.destroy());
    if (answer !== undefined) socket.once('data', () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return { endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}

/** A PATH with what every host has, and a docker that does what it is told to; without it there is none. */
function hostWith(docker?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'status-host-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  for (const tool of ['bash', 'cat', 'date', 'sh', 'sort', 'stat', 'timeout']) {
    const path = ['/bin', '/usr/bin'].map((directory) => join(directory, tool)).find(existsSync);
    if (path === undefined) throw new Error(`this machine has no ${tool}`);
    symlinkSync(path, join(folder, tool));
  }
  if (docker !== undefined) writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  return folder;
}

async function run(members: readonly Member[], folder: string): Promise<LookReply> {
  const child = spawn('/bin/sh', ['-s'], { env: { PATH: folder } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.end(hostScript(members).raw);
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
}

async function rows(members: readonly Member[], folder: string): Promise<readonly Row[]> {
  return hostRows(await run(members, folder), { host: 'node1', members, hostAt: (endpoint) => endpoint });
}

const member = (component: Member['component'], endpoint: string): Member => ({
  host: 'node1',
  component,
  endpoint,
  container: 'it',
});

const engine = `case $1 in
info) echo '{"version":"24.0.7","running":1,"containers":1,"liveRestore":false}';;
ps) echo 0123;;
inspect) echo '{"name":"/it","image":"zookeeper:3.9.3","component":"zookeeper","state":"running","exitCode":0,"started":"2026-01-01T00:00:00Z","finished":"0001-01-01T00:00:00Z","restarts":0,"health":null}';;
esac`;

describe('the script that asks a host', () => {
  it('gathers the engine, the containers and the programs in one answer', async () => {
    const zookeeper = await serve(
      'Zookeeper version: 3.9.3-1, built on 2024-10-17\nZxid: 0x200000003\nMode: standalone\nNode count: 5',
    );
    const found = await rows([member('zookeeper', zookeeper.endpoint)], hostWith(engine));
    expect(found.map(({ component, version, health }) => [component, version.running, health.text])).toEqual([
      ['docker', '24.0.7', '1 of 1 containers run'],
      ['zookeeper', '3.9.3', 'serves'],
    ]);
    expect(found[1]).toMatchObject({ role: 'standalone', container: { name: 'it', since: '2026-01-01T00:00:00Z' } });
  });

  it('goes on on a host without Docker', async () => {
    const found = await rows([member('zookeeper', '127.0.0.1:1')], hostWith());
    expect(found.map(({ health }) => health.text)).toEqual([
      'there is no Docker engine on this host',
      'there is no Docker engine on this host',
    ]);
  });

  it("brings the engine's own words when it does not answer", async () => {
    const folder = hostWith('echo "permission denied while trying to connect" >&2; exit 1');
    const [docker] = await rows([], folder);
    expect(docker?.health).toEqual({
      state: 'ill',
      text: 'the engine does not answer: permission denied while trying to connect',
    });
  });

  it('waits for a program that hangs only once, however much it is asked', async () => {
    const hanging = await serve(undefined);
    const began = performance.now();
    const [, marathon] = await rows([member('marathon', hanging.endpoint)], hostWith(engine));
    expect(marathon?.health.text).toBe(`its container runs, but it does not answer within 4 s (${hanging.endpoint})`);
    expect(hanging.connections()).toBeGreaterThan(1);
    expect(performance.now() - began).toBeLessThan(7500);
  });

  it('takes hostile words of a program as nothing but words', async () => {
    const hostile = await serve("Mode: leader'; touch /tmp/owned; $(reboot)\n\u0007");
    const [, zookeeper] = await rows([member('zookeeper', hostile.endpoint)], hostWith(engine));
    expect(zookeeper?.health.state).toBe('ill');
    expect(zookeeper?.health.text).toContain('$(reboot)');
  });
});
