import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { downloadDebs } from '../../lab/src/images/debs.js';
import { withLock } from '../../lab/src/machine/lock.js';
import { readMirror } from '../../lab/src/machine/mirror.js';
import type { SshdOptions } from './sshd.js';

/** The sshd of a Debian that is newer than this machine, with the libraries and the loader it was built for. */
export interface NewerSshd {
  /** "OpenSSH_10.0p2 Debian-7". */
  readonly version: string;
  /** What starts it; its sessions have the users, shells and programs of this machine. */
  readonly options: Required<Pick<SshdOptions, 'daemon' | 'config'>>;
  remove(): void;
}

const suite = 'trixie';

/** openssh-server and what its three programs are linked with. */
const packages = [
  'openssh-server',
  'libaudit1',
  'libc6',
  'libcap-ng0',
  'libcom-err2',
  'libcrypt1',
  'libgssapi-krb5-2',
  'libk5crypto3',
  'libkeyutils1',
  'libkrb5-3',
  'libkrb5support0',
  'libnsl2',
  'libpam0g',
  'libpcre2-8-0',
  'libselinux1',
  'libsqlite3-0',
  'libssl3t64',
  'libtirpc3t64',
  'libwrap0',
  'libwtmpdb0',
  'libzstd1',
  'zlib1g',
];

/**
 * Unpacks OpenSSH of Debian 13 into a folder of its own; nothing of it is installed. The packages are kept where the lab keeps
 * those of its images. Throws when they are not there and cannot be got.
 */
export async function unpackNewerSshd(): Promise<NewerSshd> {
  const debs = await download();
  const root = mkdtempSync(join(tmpdir(), 'rig-newer-sshd-'));
  chmodSync(root, 0o755);
  for (const deb of debs) execFileSync('dpkg-deb', ['--extract', deb, root], { stdio: ['ignore', 'ignore', 'pipe'] });
  const loader = loaderOf(root);
  // Each of them starts the next by its path, and each needs the loader: sshd a listener, sshd-session, sshd-auth.
  const wrapped = (program: string): string => {
    const path = join(root, 'wrapped', basename(program));
    mkdirSync(join(root, 'wrapped'), { recursive: true });
    writeFileSync(path, `#!/bin/sh\nexec ${loader.join(' ')} --argv0 "$0" ${join(root, program)} "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const daemon = wrapped('usr/sbin/sshd');
  return {
    version: execFileSync('sh', ['-c', '"$1" -V 2>&1', 'sh', daemon], { encoding: 'utf8' }).split(',')[0] ?? '',
    options: {
      daemon: [daemon],
      config: [
        `SshdSessionPath ${wrapped('usr/lib/openssh/sshd-session')}`,
        `SshdAuthPath ${wrapped('usr/lib/openssh/sshd-auth')}`,
      ],
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function download(): Promise<readonly string[]> {
  const step = { signal: AbortSignal.timeout(100_000), say: () => undefined, tell: () => undefined };
  try {
    const mirror = await readMirror();
    return await withLock('packages', step, () => downloadDebs({ mirror, suite, names: packages }, step));
  } catch (error) {
    throw new Error(
      `these tests need OpenSSH of Debian 13 (${suite}) from this machine's Debian mirror, and it could not be got`,
      { cause: error },
    );
  }
}

/** ld.so and what makes it load that Debian's libraries and no others. */
function loaderOf(root: string): readonly string[] {
  const libraries = join(root, 'usr/lib');
  for (const folder of readdirSync(libraries).filter((name) => name.includes('-linux-'))) {
    const loader = readdirSync(join(libraries, folder)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    if (loader !== undefined) {
      const path = join(libraries, folder);
      return [join(path, loader), '--library-path', path];
    }
  }
  throw new Error(`libc6 of ${suite} brings no loader`);
}
