import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';
import { linesFor, type KnownHostLine } from './known-hosts.js';

/** From the strongest habit of OpenSSH down; ssh-rsa (SHA-1) and DSA are left out. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/**
 * What is offered to a server: no SHA-1, no CBC, no 3DES. Neither chacha20-poly1305 nor encrypt-then-MAC: with a
 * server that lacks strict key exchange these two are open to prefix truncation (Terrapin, CVE-2023-48795), and GCM
 * and CTR serve every server since OpenSSH 6.2. Compression only
 * where it is asked for: it takes more time than it saves on all but slow lines. Host key types that known_hosts has for this host come
 * first, so that a host with several keys shows one that can be checked.
 */
export function offeredAlgorithms(
  known: readonly KnownHostLine[],
  host: { readonly name: string; readonly compression: boolean },
): Algorithms {
  const { name, compression } = host;
  const types = new Set(linesFor(known, name).map((line) => (line.type === 'ssh-rsa' ? 'rsa' : line.type)));
  const isKnown = (algorithm: string): boolean => types.has(algorithm.startsWith('rsa-') ? 'rsa' : algorithm);
  return {
    kex: [
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
      'ecdh-sha2-nistp256',
      'ecdh-sha2-nistp384',
      'ecdh-sha2-nistp521',
      'diffie-hellman-group-exchange-sha256',
      'diffie-hellman-group16-sha512',
      'diffie-hellman-group18-sha512',
      'diffie-hellman-group14-sha256',
    ],
    serverHostKey: [
      ...hostKeyAlgorithms.filter((algorithm) => isKnown(algorithm)),
      ...hostKeyAlgorithms.filter((algorithm) => !isKnown(algorithm)),
    ],
    cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
    hmac: ['hmac-sha2-256', 'hmac-sha2-512'],
    compress: compression ? ['zlib@openssh.com', 'none'] : ['none'],
  };
}
