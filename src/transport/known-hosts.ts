import { createHash, createHmac } from 'node:crypto';

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostLine {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly hosts: string;
  readonly type: string;
  /** The key as it goes over the wire. */
  readonly key: Buffer;
}

/** Reads the text of a known_hosts file; lines that are no entries are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHostLine[] {
  return text.split('\n').flatMap((source, index) => {
    const line = source.trim();
    if (line === '' || line.startsWith('#')) return [];
    const fields = line.split(/[ \t]+/);
    const marker = markerOf(fields[0] ?? '');
    if (marker === undefined) return [];
    if (marker !== 'none') fields.shift();
    const [hosts, type, encoded] = fields;
    if (hosts === undefined || type === undefined || encoded === undefined) return [];
    const key = Buffer.from(encoded, 'base64');
    return key.length === 0 ? [] : [{ file, line: index + 1, marker, hosts, type, key }];
  });
}

function markerOf(field: string): KnownHostLine['marker'] | undefined {
  if (!field.startsWith('@')) return 'none';
  if (field === '@revoked') return 'revoked';
  return field === '@cert-authority' ? 'cert-authority' : undefined;
}

/** The name that known_hosts files have for a host: `name` on port 22, else `[name]:port`. */
export function knownHostName(name: string, port: number): string {
  return port === 22 ? name.toLowerCase() : `[${name.toLowerCase()}]:${String(port)}`;
}

/** The lines that speak of a host, by the name of `knownHostName`. */
export function linesFor(lines: readonly KnownHostLine[], name: string): readonly KnownHostLine[] {
  return lines.filter((line) => matches(line.hosts, name));
}

function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return matchesHash(hosts, name);
  let found = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), name)) return false;
    } else if (matchesPattern(pattern, name)) {
      found = true;
    }
  }
  return found;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, keyed by the salt. */
function matchesHash(hosts: string, name: string): boolean {
  const [, , salt, hash] = hosts.split('|');
  if (salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` is any run of characters and `?` any one. Walks by hand: no pattern can make it slow. */
function matchesPattern(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let mark = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** The fingerprint as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type a key names in its own first field; empty when it is no key. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
}
