import { UnreachableError } from '../core/errors.js';
import { ModuleFailure } from '../modules/types.js';
import type { Value, ValueMap } from '../template/value.js';
import type { Session } from '../transport/types.js';
import { factsScript } from './facts-script.js';

const timeoutSeconds = 30;

/** More of anything than this is a host that wants to fill our memory. */
const largestReply = 1_000_000;

/** Reads a host's facts in one round trip. Throws UnreachableError when the host is lost, ModuleFailure when it answers nonsense. */
export async function readFacts(session: Session): Promise<ValueMap> {
  const reply = await session.script({ script: factsScript, timeoutSeconds });
  if (reply.end.kind === 'lost')
    throw new UnreachableError({ host: session.host, reason: 'lost', message: reply.end.message });
  if (reply.end.kind === 'timeout') throw new ModuleFailure(`reading facts took longer than ${timeoutSeconds} s`);
  if (reply.stdout.length === 0)
    throw new ModuleFailure(`reading facts gave no answer: ${reply.stderr.toString('utf8').slice(0, 500)}`);
  return parseFacts(reply.stdout.subarray(0, largestReply).toString('utf8'));
}

/** Facts from what the script printed: data, whatever the host says. */
export function parseFacts(text: string): ValueMap {
  const lines = text.split('\n').flatMap((line) => {
    const tab = line.indexOf('\t');
    return tab > 0 ? [{ key: line.slice(0, tab), value: line.slice(tab + 1) }] : [];
  });
  const one = (key: string): string | null => lines.find((line) => line.key === key)?.value ?? null;
  const all = (key: string): readonly string[] => lines.filter((line) => line.key === key).map((line) => line.value);
  const number = (key: string): number | null => numberOf(one(key));
  return {
    hostname: one('hostname'),
    fqdn: one('fqdn') ?? one('hostname'),
    kernel: one('kernel'),
    system: one('system'),
    architecture: architectureOf(one('machine')),
    machine: one('machine'),
    os: {
      id: unquoted(one('os_ID')),
      like: (unquoted(one('os_ID_LIKE')) ?? '').split(' ').filter((word) => word !== ''),
      name: unquoted(one('os_NAME')),
      pretty_name: unquoted(one('os_PRETTY_NAME')),
      version: unquoted(one('os_VERSION_ID')),
      codename: unquoted(one('os_VERSION_CODENAME')),
      family: familyOf(unquoted(one('os_ID')), unquoted(one('os_ID_LIKE'))),
    },
    cpus: number('cpus'),
    memory_mb: megabytes(number('MemTotal')),
    memory_available_mb: megabytes(number('MemAvailable')),
    swap_mb: megabytes(number('SwapTotal')),
    interfaces: interfacesOf(all('address')),
    ...addressesOf(all('address')),
    default_route: defaultRouteOf(one('default_route')),
    default_address: defaultAddressOf(one('default_route'), all('address')),
    init: one('init'),
    service_manager: one('service_manager'),
    package_manager: one('package_manager'),
    python: one('python'),
    user: one('user'),
    uid: number('uid'),
    home: one('home'),
    date: one('date'),
    epoch: number('epoch'),
    timezone: one('timezone'),
    uptime_seconds: number('uptime'),
    boot_id: one('boot_id'),
    virtualization: one('virtualization'),
    mounts: all('mount').map(mountOf),
  };
}

interface Address {
  readonly name: string;
  readonly family: string;
  readonly address: string;
  readonly prefix: number | null;
}

function addressOf(text: string): Address {
  const [name = '', family = '', cidr = ''] = text.split(' ');
  const [address = '', prefix] = cidr.split('/');
  return { name, family, address, prefix: numberOf(prefix ?? null) };
}

function interfacesOf(texts: readonly string[]): Value {
  return texts.map(addressOf).map(({ name, family, address, prefix }) => ({
    name,
    family: family === 'inet6' ? 'ipv6' : 'ipv4',
    address,
    prefix,
  }));
}

/** Every address but the loopback's and the link-local ones. */
function addressesOf(texts: readonly string[]): { readonly ipv4_addresses: Value; readonly ipv6_addresses: Value } {
  const addresses = texts.map(addressOf).filter(({ name }) => name !== 'lo');
  return {
    ipv4_addresses: addresses.filter(({ family }) => family === 'inet').map(({ address }) => address),
    ipv6_addresses: addresses
      .filter(({ family, address }) => family === 'inet6' && !address.startsWith('fe80'))
      .map(({ address }) => address),
  };
}

function defaultRouteOf(route: string | null): Value {
  if (route === null) return null;
  return { via: /\bvia (\S+)/.exec(route)?.[1] ?? null, interface: /\bdev (\S+)/.exec(route)?.[1] ?? null };
}

/** The address a host uses towards the world: the default route's source, or its interface's first IPv4 address. */
function defaultAddressOf(route: string | null, texts: readonly string[]): string | null {
  const source = /\bsrc (\S+)/.exec(route ?? '')?.[1];
  if (source !== undefined) return source;
  const device = /\bdev (\S+)/.exec(route ?? '')?.[1];
  const addresses = texts.map(addressOf).filter(({ family, name }) => family === 'inet' && name !== 'lo');
  return (addresses.find(({ name }) => name === device) ?? addresses[0])?.address ?? null;
}

function mountOf(text: string): Value {
  const [path = '', device = '', size = null, available = null] = text.split(' ');
  return { path, device, size_mb: megabytes(numberOf(size)), available_mb: megabytes(numberOf(available)) };
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function megabytes(kilobytes: number | null): number | null {
  return kilobytes === null ? null : Math.floor(kilobytes / 1024);
}

function unquoted(text: string | null): string | null {
  return text?.replace(/^(['"])(.*)\1$/, '$2') ?? null;
}

/** The names image and package builders use. */
function architectureOf(machine: string | null): string | null {
  const names: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386' };
  return machine === null ? null : Object.hasOwn(names, machine) ? names[machine]! : machine;
}

function familyOf(id: string | null, like: string | null): string | null {
  const words = [id ?? '', ...(like ?? '').split(' ')];
  if (words.includes('debian')) return 'debian';
  if (words.some((word) => ['rhel', 'fedora', 'centos'].includes(word))) return 'redhat';
  if (words.includes('suse')) return 'suse';
  return id;
}
