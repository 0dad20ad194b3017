import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnreachableError } from '../../../src/core/errors.js';
import type { ConnectionSettings } from '../../../src/inventory/types.js';
import { connect } from '../../../src/transport/connect.js';
import { cuttableRelay } from '../../rig/relay.js';
import { settingsFor } from '../../rig/settings.js';
import { makeKey, publicKey, startSshd } from '../../rig/sshd.js';

let rig: Awaited<ReturnType<typeof startSshd>>;
let strangerKey: string;

beforeAll(async () => {
  rig = await startSshd({ hostKeyTypes: ['rsa', 'ecdsa', 'ed25519'] });
  makeKey(join(rig.directory, 'stranger'), 'ed25519');
  strangerKey = publicKey(join(rig.directory, 'stranger'));
});

afterAll(async () => {
  await rig.stop();
});

function file(name: string, text: string): string {
  const path = join(rig.directory, name);
  writeFileSync(path, text);
  return path;
}

function place(): string {
  return `[127.0.0.1]:${String(rig.port)}`;
}

async function outcome(change: Partial<ConnectionSettings>): Promise<UnreachableError | 'connected'> {
  try {
    const session = await connect(settingsFor(rig, rig.user.name, change), { host: 'h' });
    await session.close();
    return 'connected';
  } catch (error) {
    expect(error).toBeInstanceOf(UnreachableError);
    return error as UnreachableError;
  }
}

describe('the host key of a real sshd', () => {
  it.each([0, 1, 2])('is checked with the one type that known_hosts has (key %i of three)', async (index) => {
    const knownHosts = [file(`one${String(index)}`, `${place()} ${rig.hostKeys[index] ?? ''}\n`)];
    expect(await outcome({ knownHosts })).toBe('connected');
  });

  it('is learned under accept-new, told of, and then passes under strict', async () => {
    const path = join(rig.directory, 'learned', 'known_hosts');
    const notices: string[] = [];
    const settings = settingsFor(rig, rig.user.name, { hostKey: 'accept-new', knownHosts: [path] });
    const session = await connect(settings, { host: 'h', onNotice: (notice) => notices.push(notice) });
    await session.close();
    expect(notices).toEqual([expect.stringContaining('SHA256:')]);
    expect(readFileSync(path, 'utf8')).toBe(`${place()} ${rig.hostKeys[2] ?? ''}\n`);
    expect(await outcome({ knownHosts: [path] })).toBe('connected');
  });

  it.each(['strict', 'accept-new'] as const)(
    'is refused under %s when it changed: one connection, no retry, known_hosts untouched',
    async (hostKey) => {
      const relay = await cuttableRelay(rig.port);
      const text = `[127.0.0.1]:${String(relay.port)} ${strangerKey}\n`;
      const path = file(`changed-${hostKey}`, text);
      const error = await outcome({ hostKey, knownHosts: [path], port: relay.port });
      relay.stop();
      expect(error).toMatchObject({ reason: 'host-key', message: expect.stringContaining(`${path}:1`) });
      expect([relay.count(), readFileSync(path, 'utf8')]).toEqual([1, text]);
    },
  );

  it('is refused when revoked', async () => {
    const lines = rig.hostKeys.map((line) => `${place()} ${line}\n@revoked ${place()} ${line}\n`);
    expect(await outcome({ knownHosts: [file('revoked', lines.join(''))] })).toMatchObject({ reason: 'host-key' });
  });

  it('is looked up by the alias when there is one', async () => {
    const knownHosts = [file('alias', `cluster-node ${rig.hostKeys[2] ?? ''}\n`)];
    expect(await outcome({ knownHosts, hostKeyAlias: 'cluster-node' })).toBe('connected');
    expect(await outcome({ knownHosts })).toMatchObject({ reason: 'host-key' });
  });
});
