import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offeredAlgorithms } from '../../../src/transport/algorithms.js';
import { judgeHostKey, type HostKeyQuestion } from '../../../src/transport/host-key.js';
import { appendKnownHost, readKnownHosts } from '../../../src/transport/known-hosts-file.js';
import { fingerprint, keyType, knownHostName, linesFor, parseKnownHosts } from '../../../src/transport/known-hosts.js';
import { makeKey, publicKey } from '../../rig/sshd.js';

let directory: string;
let ed25519: string;
let other: string;
let ecdsa: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'known-hosts-'));
  const make = (name: string, type: 'ed25519' | 'ecdsa'): string => {
    makeKey(join(directory, name), type);
    return publicKey(join(directory, name));
  };
  ed25519 = make('a', 'ed25519');
  other = make('b', 'ed25519');
  ecdsa = make('c', 'ecdsa');
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function keyOf(line: string): Buffer {
  return Buffer.from(line.split(' ')[1] ?? '', 'base64');
}

function matching(text: string, name: string): readonly number[] {
  return linesFor(parseKnownHosts(text, 'f'), name).map((line) => line.line);
}

function judge(text: string, change: Partial<HostKeyQuestion> = {}) {
  const known = parseKnownHosts(text, 'known_hosts');
  return judgeHostKey({ policy: 'strict', name: 'db', key: keyOf(ed25519), known, files: ['known_hosts'], ...change });
}

describe('known_hosts', () => {
  it('finds plain names, lists, wildcards, negations and ports, as ssh-keygen -F does', () => {
    const file = join(directory, 'many');
    const text = [
      '# a comment',
      '',
      `db ${ed25519} comment with words`,
      `web1,web2,10.0.0.7 ${ed25519}`,
      `*.example.com,!secret.example.com ${ed25519}`,
      `[db]:2222 ${ed25519}`,
      `web? ${other}`,
      'broken line',
      `@unknown-marker db ${ed25519}`,
    ].join('\n');
    writeFileSync(file, text);
    expect(matching(text, 'db')).toEqual([3]);
    expect(matching(text, 'web2')).toEqual([4, 7]);
    expect(matching(text, 'a.example.com')).toEqual([5]);
    expect(matching(text, 'secret.example.com')).toEqual([]);
    expect(matching(text, '[db]:2222')).toEqual([6]);
    expect(matching(text, '[db]:2223')).toEqual([]);
    for (const name of ['db', 'web2', 'a.example.com', 'secret.example.com', '[db]:2222']) {
      expect([name, matching(text, name)]).toEqual([name, linesBySshKeygen(file, name)]);
    }
  });

  it('finds hashed names', () => {
    const file = join(directory, 'hashed');
    writeFileSync(file, `db ${ed25519}\n[db]:2222 ${ecdsa}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^\|1\|/);
    expect([matching(text, 'db'), matching(text, '[db]:2222'), matching(text, 'web')]).toEqual([[1], [2], []]);
  });

  it('names a host as known_hosts does', () => {
    expect([knownHostName('DB', 22), knownHostName('db', 2222)]).toEqual(['db', '[db]:2222']);
  });

  it('prints fingerprints as ssh-keygen does', () => {
    const printed = execFileSync('ssh-keygen', ['-lf', join(directory, 'a.pub')], { encoding: 'utf8' });
    expect(printed).toContain(fingerprint(keyOf(ed25519)));
  });

  it('reads any text without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, name) => {
        linesFor(parseKnownHosts(text, 'f'), name);
      }),
      { numRuns: 50 },
    );
    expect(keyType(Buffer.from([0, 0, 0, 200, 1]))).toBe('');
  });

  it('appends 0600, repairs a missing last newline, and keeps what is there', async () => {
    const file = join(directory, 'new', 'known_hosts');
    await appendKnownHost(file, { name: 'db', key: keyOf(ed25519) });
    expect([statSync(file).mode & 0o777, statSync(join(directory, 'new')).mode & 0o777]).toEqual([0o600, 0o700]);
    writeFileSync(file, `old ${other}`);
    await Promise.all(['a', 'b', 'c'].map((name) => appendKnownHost(file, { name, key: keyOf(ecdsa) })));
    const lines = await readKnownHosts([join(directory, 'absent'), file]);
    expect(lines.map((line) => line.hosts).sort()).toEqual(['a', 'b', 'c', 'old']);
    expect(existsSync(join(directory, 'absent'))).toBe(false);
  });
});

describe('the verdict on a host key', () => {
  it('accepts the key that is written down, among several types', () => {
    expect(judge(`db ${ecdsa}\ndb ${ed25519}\n`)).toEqual({ kind: 'accept' });
  });

  it('refuses an unknown host under strict and learns it under accept-new', () => {
    expect(judge('')).toMatchObject({ kind: 'refuse', message: expect.stringContaining(fingerprint(keyOf(ed25519))) });
    expect(judge('', { policy: 'accept-new' })).toEqual({ kind: 'learn' });
    expect(judge('', { policy: 'off' })).toEqual({ kind: 'accept' });
  });

  it.each(['strict', 'accept-new'] as const)(
    'refuses a changed key under %s and says where the old one is',
    (policy) => {
      const verdict = judge(`\ndb ${ecdsa}\ndb ${other}\n`, { policy });
      expect(verdict).toMatchObject({ kind: 'refuse' });
      const { message, hint } = verdict as { message: string; hint: string };
      expect(message).toContain('known_hosts:3');
      expect(message).toContain(fingerprint(keyOf(other)));
      expect(message).toContain(fingerprint(keyOf(ed25519)));
      expect(hint).toContain('ssh-keygen -f known_hosts -R');
    },
  );

  it('refuses a key of another type than those written down', () => {
    expect(judge(`db ${ecdsa}\n`, { policy: 'accept-new' })).toMatchObject({ kind: 'refuse' });
  });

  it('refuses a revoked key even when another line has it', () => {
    const verdict = judge(`db ${ed25519}\n@revoked * ${ed25519}\n`);
    expect(verdict).toMatchObject({ kind: 'refuse', message: expect.stringContaining('revoked by known_hosts:2') });
  });

  it('refuses a host that is known by a certificate authority only, and says so', () => {
    const verdict = judge(`@cert-authority * ${other}\n`, { policy: 'accept-new' });
    expect(verdict).toMatchObject({ kind: 'refuse', message: expect.stringContaining('certificate') });
    expect(judge(`@cert-authority * ${other}\ndb ${ed25519}\n`)).toEqual({ kind: 'accept' });
  });

  it('asks first for the types that are written down', () => {
    const order = (text: string): readonly string[] => {
      const { serverHostKey } = offeredAlgorithms(parseKnownHosts(text, 'f'), { name: 'db', compression: false });
      return Array.isArray(serverHostKey) ? serverHostKey : [];
    };
    expect(order('')[0]).toBe('ssh-ed25519');
    expect(order(`db ${ecdsa}\n`)[0]).toBe('ecdsa-sha2-nistp256');
    expect(order(`db ssh-rsa AAAA\n`).slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
    expect(order(`web ${ecdsa}\n`)[0]).toBe('ssh-ed25519');
  });
});

function linesBySshKeygen(file: string, name: string): readonly number[] {
  try {
    const found = execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8', stdio: 'pipe' });
    return [...found.matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]));
  } catch {
    return [];
  }
}
