import { spawnSync } from 'node:child_process';
import { hostname, release } from 'node:os';
import { describe, expect, test } from 'vitest';
import { parseFacts } from '../../../src/run/facts.js';
import { factsScript } from '../../../src/run/facts-script.js';

describe.each([
  ['sh', ['sh']],
  ['busybox', ['busybox', 'sh']],
] as const)('facts read by a real %s', (_name, [program, ...args]) => {
  const reply = spawnSync(program, args, { input: factsScript.raw, encoding: 'utf8' });
  const facts = parseFacts(reply.stdout);

  test('say what this machine is', () => {
    expect(reply.stderr).toBe('');
    expect(facts).toMatchObject({ hostname: hostname(), kernel: release(), system: 'Linux', user: 'root', uid: 0 });
    expect(facts['cpus']).toBeGreaterThan(0);
    expect(facts['memory_mb']).toBeGreaterThan(100);
    expect(facts['os']).toMatchObject({ id: 'debian', family: 'debian' });
    expect(facts['package_manager']).toBe('apt-get');
    expect(facts['epoch']).toBeGreaterThan(1_600_000_000);
  });
});

const text = [
  'hostname\tnode1',
  'machine\tx86_64',
  'os_ID\t"rocky"',
  'os_ID_LIKE\t"rhel centos fedora"',
  'os_PRETTY_NAME\t"Rocky Linux 9 (Blue Onyx)"',
  'MemTotal\t2048000',
  'address\tlo inet 127.0.0.1/8',
  'address\teth0 inet 10.0.0.5/24',
  'address\teth1 inet 192.168.7.1/16',
  'address\teth0 inet6 fe80::1/64',
  'address\teth0 inet6 2001:db8::5/64',
  'default_route\tdefault via 10.0.0.1 dev eth1 proto dhcp',
  'mount\t/ /dev/sda1 10240000 5120000',
].join('\n');

test('facts are parsed into numbers, lists and maps; what a host does not say is null', () => {
  expect(parseFacts(text)).toMatchObject({
    hostname: 'node1',
    fqdn: 'node1',
    architecture: 'amd64',
    os: { id: 'rocky', family: 'redhat', pretty_name: 'Rocky Linux 9 (Blue Onyx)', version: null },
    memory_mb: 2000,
    ipv4_addresses: ['10.0.0.5', '192.168.7.1'],
    ipv6_addresses: ['2001:db8::5'],
    default_route: { via: '10.0.0.1', interface: 'eth1' },
    default_address: '192.168.7.1',
    python: null,
    mounts: [{ path: '/', device: '/dev/sda1', size_mb: 10000, available_mb: 5000 }],
  });
});

test('a host that answers nonsense, or names of our own, gives data and nothing else', () => {
  const facts = parseFacts('no tab here\n__proto__\tevil\nmachine\tconstructor\nbecome_user\tevil\ncpus\t9e99\n\tx\n');
  expect(facts['architecture']).toBe('constructor');
  expect(facts['cpus']).toBeNull();
  expect(facts).not.toHaveProperty('become_user');
  expect(Object.getPrototypeOf(facts)).toBe(Object.prototype);
});
