import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type NewerSshd, unpackNewerSshd } from '../rig/newer-sshd.js';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { until } from '../rig/until.js';
import { hundredNames, type Site } from './support/fault-host.js';

let sshd: NewerSshd;
let host: NetworkHost;
let site: Site;

beforeAll(async () => {
  sshd = await unpackNewerSshd();
  // Nothing is said of MaxStartups and PerSourcePenalties: 10:30:100, and on.
  host = await startNetworkHost(sshd.options);
  site = hundredNames(host);
});

afterAll(async () => {
  site.remove();
  await host.stop();
  sshd.remove();
});

/** How many connections the host's kernel accepted so far: sshd does not log each that it drops. */
function connections(): number {
  const [names = [], values = []] = readFileSync(`/proc/${String(host.pid)}/net/snmp`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('PassiveOpens')]);
}

async function hangUp(): Promise<void> {
  const socket = connect(host.port, host.address);
  await once(socket, 'data');
  socket.destroy();
}

/** What a plain ssh client says whose key the host does not know. */
function loginInVain(): Promise<string> {
  const options = `-o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=${host.knownHosts}`.split(' ');
  const login = ['-i', join(host.directory, 'host_ed25519'), '-p', String(host.port)];
  const client = spawn('ssh', ['-F', 'none', '-v', ...options, ...login, `${host.user.name}@${host.address}`, 'true'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return text(client.stderr);
}

describe('F8: MaxStartups and PerSourcePenalties as OpenSSH has them since 9.8', () => {
  it('is tested with such an sshd', () => {
    const [, major, minor] = /^OpenSSH_(\d+)\.(\d+)/.exec(sshd.version) ?? [];
    expect(Number(major) * 100 + Number(minor)).toBeGreaterThanOrEqual(908);
  });

  it('reaches all of 100 names of one sshd at once and earns no penalty', async () => {
    const run = await site.run('exec', 'web', '-f', '100', '--', 'hostname').ended;
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
    expect(run.stdout.trim().split('\n')).toHaveLength(100);
    expect(run.milliseconds).toBeLessThan(30_000);
    expect(
      host
        .log()
        .split('\n')
        .filter((line) => line.startsWith('Accepted publickey')),
    ).toHaveLength(100);
    expect(host.log()).not.toMatch(/penalty/i);
  });

  it('would have been a fault: plain clients that hang up or fail are banned', async () => {
    await hangUp();
    await until(() => /penalty: connections without attempting authentication/.test(host.log()));
    // Each costs 5 s: enough for a ban that outlasts the next test.
    await Promise.all(Array.from({ length: 9 }, loginInVain));
    let said = '';
    for (let tries = 0; tries < 10 && !said.includes('Not allowed at this time'); tries += 1)
      said = await loginInVain();
    expect(said).toContain('Not allowed at this time');
    expect(host.log()).toMatch(/activating ipv4 penalty of \d+ seconds/);
  });

  it('tells of a ban in plain words, and its few tries make it no longer', async () => {
    const before = connections();
    const run = await site.run('exec', 'web', '-f', '100', '--', 'hostname').ended;
    expect(run.code).toBe(3);
    expect(connections() - before).toBeGreaterThanOrEqual(100);
    expect(connections() - before).toBeLessThanOrEqual(400);
    const said = `${run.stdout}${run.stderr}`.split('\n');
    const unreachable = said.filter((line) => line.includes('| unreachable: '));
    expect(unreachable).toHaveLength(100);
    for (const line of unreachable) expect(line).toMatch(/the server turns us away: Not allowed at this time$/);
    expect(said.find((line) => line.includes('| hint: '))).toMatch(/bans this address .*PerSourcePenalties/);
    expect(host.log().match(/activating ipv4 penalty/g)).toHaveLength(1);
  });

  it('has to try again, because such an sshd says the same above MaxStartups', async () => {
    const full = await startNetworkHost({ ...sshd.options, config: [...sshd.options.config, 'MaxStartups 1'] });
    onTestFinished(() => full.stop());
    const first = connect(full.port, full.address);
    onTestFinished(() => void first.destroy());
    await once(first, 'data');
    const second = connect(full.port, full.address);
    expect(await text(second)).toBe('Not allowed at this time\r\n');
    await until(() => /drop connection #1 .* Maxstartups/.test(full.log()));
    expect(full.log()).not.toMatch(/penalty/);
  });
});
