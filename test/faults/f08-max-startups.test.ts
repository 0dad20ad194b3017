import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { hundredNames, type Site } from './support/fault-host.js';

let host: NetworkHost;
let site: Site;

beforeAll(async () => {
  host = await startNetworkHost({ config: ['MaxStartups 10:30:100'] });
  site = hundredNames(host);
});

afterAll(async () => {
  site.remove();
  await host.stop();
});

describe('F8: MaxStartups at its default', () => {
  it('loses none of 100 connections to one sshd at once, within 15 s and a few more on a busy machine', async () => {
    const run = await site.run('exec', 'web', '-f', '100', '--', 'hostname').ended;
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
    expect(run.stdout.trim().split('\n')).toHaveLength(100);
    expect(run.milliseconds).toBeLessThan(30_000);
    const log = host.log();
    expect(log.split('\n').filter((line) => line.startsWith('Accepted publickey'))).toHaveLength(100);
    expect(log).not.toMatch(/penalty/i);
  });

  it('would have been a fault: a hundred plain ssh clients at once lose some', () => {
    const script = `for i in $(seq 60); do ssh -F none -i "$1" -p "$2" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$3@$4" true || echo lost & done 2>&1; wait`;
    const said = execFileSync('sh', ['-c', script, 'sh', host.key, String(host.port), host.user.name, host.address], {
      encoding: 'utf8',
    });
    expect(said).toContain('lost');
  });
});
