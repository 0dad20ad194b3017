import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionSettings } from '../../../src/inventory/types.js';
import { shellSource } from '../../../src/shell/text.js';
import { SessionPool } from '../../../src/transport/pool.js';
import { cuttableRelay } from '../../rig/relay.js';
import { settingsFor } from '../../rig/settings.js';
import { makeKey, publicKey, startSshd } from '../../rig/sshd.js';
import { until } from '../../rig/until.js';

let rig: Awaited<ReturnType<typeof startSshd>>;
let gate: Awaited<ReturnType<typeof startSshd>>;
let pool: SessionPool;

beforeAll(async () => {
  [rig, gate] = await Promise.all([startSshd(), startSshd()]);
});

afterAll(async () => {
  await Promise.all([rig.stop(), gate.stop()]);
});

beforeEach(() => {
  pool = new SessionPool();
});

afterEach(async () => {
  await pool.closeAll();
});

function settings(change: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return settingsFor(rig, rig.user.name, change);
}

/** A hop on the second sshd; its address makes it a host of its own. */
function hop(address: string, change: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return settingsFor(gate, gate.user.name, { address, ...change });
}

function logins(log: string): number {
  return log.split('\n').filter((line) => line.startsWith('Accepted publickey')).length;
}

async function output(address: string, change: Partial<ConnectionSettings>): Promise<string> {
  const session = await pool.session({ host: address, settings: settings({ address, ...change }) });
  return (await session.exec({ script: shellSource('echo "$SSH_CONNECTION"') })).stdout.toString();
}

describe('the connections of a run', () => {
  it('are one a host, however many tasks ask at once', async () => {
    const before = logins(rig.log());
    const sessions = await Promise.all(
      Array.from({ length: 20 }, () => pool.session({ host: 'a', settings: settings() })),
    );
    expect(new Set(sessions).size).toBe(1);
    expect(logins(rig.log()) - before).toBe(1);
  });

  it('come back for the next task after a loss, and what was lost is not run again', async () => {
    const relay = await cuttableRelay(rig.port);
    const knownHosts = join(rig.directory, 'relay');
    writeFileSync(knownHosts, `[127.0.0.1]:${String(relay.port)} ${rig.hostKeys[0] ?? ''}\n`);
    const target = settings({ port: relay.port, knownHosts: [knownHosts], keepaliveSeconds: 1 });
    const first = await pool.session({ host: 'a', settings: target });
    const counter = join(rig.user.home, 'counter');
    const running = first.exec({
      script: shellSource(`echo run >>${counter}; echo; sleep 60`),
      onLines: () => relay.cut(),
    });
    expect((await running).end.kind).toBe('lost');
    relay.heal();
    await first.closed;
    const second = await pool.session({ host: 'a', settings: target });
    expect(second).not.toBe(first);
    expect((await second.read({ path: counter })) as { bytes: Buffer }).toMatchObject({ bytes: Buffer.from('run\n') });
    relay.stop();
  });

  it('survive a network that is gone for less than the keepalive allows', async () => {
    const relay = await cuttableRelay(rig.port);
    const knownHosts = join(rig.directory, 'relay-short');
    writeFileSync(knownHosts, `[127.0.0.1]:${String(relay.port)} ${rig.hostKeys[0] ?? ''}\n`);
    const target = settings({ port: relay.port, knownHosts: [knownHosts], keepaliveSeconds: 3 });
    const session = await pool.session({ host: 'a', settings: target });
    relay.cut();
    const running = session.exec({ script: shellSource('echo done') });
    setTimeout(() => relay.heal(), 3400);
    expect((await running).stdout.toString()).toBe('done\n');
    await pool.closeAll();
    relay.stop();
  });

  it('may be asked for again after a failure', async () => {
    const broken = settings({ keys: [join(rig.directory, 'no-key')] });
    await expect(pool.session({ host: 'a', settings: broken })).rejects.toMatchObject({ reason: 'authentication' });
    await expect(pool.session({ host: 'a', settings: broken })).rejects.toMatchObject({ reason: 'authentication' });
    await pool.session({ host: 'a', settings: settings() });
  });

  it('share one tunnel to a jump host, even 30 hosts behind it at once', async () => {
    const before = logins(gate.log());
    const jump = [hop('127.0.0.1')];
    const addresses = Array.from({ length: 30 }, (_, index) => `127.0.1.${String(index + 1)}`);
    const outputs = await Promise.all(addresses.map((address) => output(address, { jump })));
    expect(outputs.map((text) => text.split(' ')[2])).toEqual(addresses);
    expect(logins(gate.log()) - before).toBe(1);
  });

  it('go through several hops, each opened once for all chains that begin so', async () => {
    const before = logins(gate.log());
    const [one, two] = [hop('127.0.0.1'), hop('127.0.1.7')];
    expect(await output('127.0.1.1', { jump: [one, two] })).toContain('127.0.1.1');
    expect(await output('127.0.1.2', { jump: [one] })).toContain('127.0.1.2');
    expect(logins(gate.log()) - before).toBe(2);
  });

  it('check the key of every hop', async () => {
    makeKey(join(gate.directory, 'stranger'), 'ed25519');
    const knownHosts = join(gate.directory, 'wrong');
    writeFileSync(knownHosts, `[127.0.1.9]:${String(gate.port)} ${publicKey(join(gate.directory, 'stranger'))}\n`);
    const jump = [hop('127.0.0.1'), hop('127.0.1.9', { knownHosts: [knownHosts] })];
    await expect(pool.session({ host: 'a', settings: settings({ jump }) })).rejects.toMatchObject({
      host: 'a',
      reason: 'jump-host',
      message: expect.stringMatching(/127\.0\.1\.9.*host key .* has changed/),
    });
  });

  it('say that the jump host cannot reach a target, or is itself not reachable', async () => {
    const closed = settings({ jump: [hop('127.0.0.1')], port: 1 });
    await expect(pool.session({ host: 'a', settings: closed })).rejects.toMatchObject({
      reason: 'jump-host',
      message: expect.stringContaining('cannot reach 127.0.0.1:1'),
    });
    const dead = settings({ jump: [hop('127.0.0.1', { port: 1 })] });
    await expect(pool.session({ host: 'b', settings: dead })).rejects.toMatchObject({
      reason: 'jump-host',
      message: expect.stringContaining('refused'),
    });
  });

  it('go through a ProxyCommand, whose own words are told when it fails', async () => {
    const relay = `exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3`;
    const proxyCommand = `/bin/bash -c '${relay}'`;
    expect(await output('127.0.1.3', { proxyCommand })).toContain('127.0.1.3');
    await expect(
      pool.session({ host: 'b', settings: settings({ proxyCommand: 'sh -c "echo no way through >&2; exit 1"' }) }),
    ).rejects.toMatchObject({ message: expect.stringContaining('no way through') });
  });

  it('end with the run: nothing stays on the far side, and nothing new is opened', async () => {
    const own = new SessionPool();
    const session = await own.session({ host: 'a', settings: settings({ jump: [hop('127.0.0.1')] }) });
    const running = session.exec({ script: shellSource('sleep 3456') });
    await until(
      async () =>
        (
          await session.script({ script: shellSource('pgrep -u "$(id -u)" -cf "sleep 3456"; true') })
        ).stdout.toString() !== '0\n',
    );
    await own.closeAll();
    expect((await running).end.kind).toBe('lost');
    const watcher = await pool.session({ host: 'w', settings: settings() });
    await until(
      async () =>
        (await watcher.script({ script: shellSource('pgrep -u "$(id -u)" -f "^sleep 3456"; true') })).stdout.length ===
        0,
    );
    await expect(own.session({ host: 'b', settings: settings() })).rejects.toThrow('cancelled');
  });
});
