import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const policy = '/usr/sbin/policy-rc.d';

/** Has a Debian package installed (its service never started) when `file` is not there: the machines that test this are Debian and root. */
export function ensurePackage(name: string, file: string): void {
  if (existsSync(file)) return;
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-q'], { env, stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', name], { env, stdio: 'ignore' });
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}
