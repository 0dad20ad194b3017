import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { addressOf, onHost, runner, type Said } from '../lab/harness.js';
import { freshStory, type Story } from './harness.js';

const minutes = 60_000;
const playbook = 'playbooks/docker.yaml';
const [first, second] = ['node9', 'node10'] as const;
let story: Story;

function apply(variables: Readonly<Record<string, unknown>>, ...flags: readonly string[]): Promise<Said> {
  const extra = ['-e', JSON.stringify(variables)];
  return runner('apply', playbook, '-i', story.inventory, '--output', 'plain', ...extra, ...flags);
}

/** The machine as the lab's hosts reach it: the first address of their part of the network. */
function machineAddress(): string {
  const [one = '', two = '', three = '', four = ''] = addressOf('node1').split('.');
  return [one, two, three, String(Number(four) - 10)].join('.');
}

/** Serves a script as get.docker.com does; it installs the distribution's engine. */
async function serveScript(): Promise<{ readonly url: string; readonly server: Server }> {
  const script = `#!/bin/sh
set -e
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends docker.io iptables ca-certificates
touch /root/installed-by-script
`;
  const server = createServer((_request, response) => response.end(script));
  server.listen(0, machineAddress());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { url: `http://${machineAddress()}:${address.port}/`, server };
}

describe('the Docker engine under everything', () => {
  beforeAll(async () => {
    story = await freshStory({ name: 'docker', groups: { engines: [first, second] }, images: [] });
  }, 5 * minutes);

  it(
    'is installed by a script from an address, and left alone from then on',
    async () => {
      const { url, server } = await serveScript();
      const installed = await apply({ docker_install: 'get-docker', docker_script_url: url });
      server.close();
      expect(installed.code, installed.stdout).toBe(0);
      for (const host of [first, second])
        expect(await onHost(host, 'ls /root/installed-by-script; docker version --format up')).toContain('up');
      const again = await apply({ docker_install: 'get-docker', docker_script_url: url });
      expect(again.stdout).toContain('Nothing to change');
    },
    5 * minutes,
  );

  it(
    'takes a setting that restarts it one host at a time, with proof between',
    async () => {
      const said = await apply({ docker_daemon_options: { mtu: 1400 } });
      expect(said.code, said.stdout).toBe(0);
      const steps = said.stdout.split('\n').filter((line) => line.startsWith('→') || line.startsWith('✓'));
      expect(steps.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
        `→ ${first}`,
        '✓ gate',
        `→ ${second}`,
        '✓ gate',
      ]);
    },
    3 * minutes,
  );

  it(
    'gets its settings back on the first host where it does not start, and the second is not touched',
    async () => {
      const before = await onHost(first, 'cat /etc/docker/daemon.json');
      const started = await onHost(second, 'systemctl show docker --property MainPID');
      const said = await apply({ docker_daemon_options: { mtu: 1400, 'no-such-option': true } });
      expect(said.code).toBe(1);
      expect(said.stdout).toContain(`${first} was rolled back`);
      expect(await onHost(first, 'cat /etc/docker/daemon.json')).toBe(before);
      expect(await onHost(first, 'systemctl is-active docker')).toBe('active\n');
      expect(await onHost(second, 'systemctl show docker --property MainPID')).toBe(started);
    },
    3 * minutes,
  );
});
