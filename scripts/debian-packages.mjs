// The Debian packages that the tests run as real parts. Installed where they are missing; no service of theirs is started.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const policy = '/usr/sbin/policy-rc.d';

function isInstalled(name) {
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f=${db:Status-Status}', name], { encoding: 'utf8' });
  return status === 0 && stdout === 'installed';
}

/** Installs what is missing of `names`; throws with apt's own words when that fails. */
export function ensureDebianPackages(names) {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new Error(`these tests need root to install: ${missing.join(' ')}`);
  process.stdout.write(`Installing Debian packages: ${missing.join(' ')}\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const ours = !existsSync(policy);
  // Debian's way to say that a package's daemon must not be started on installation.
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    execFileSync('apt-get', ['-qq', 'update'], { env: environment, stdio: 'inherit' });
    execFileSync('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...missing], {
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}
