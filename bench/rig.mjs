// One sshd that answers on 127.0.1.1 … 127.0.1.N as so many hosts, and a login with a bare shell (docs/performance.md).
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const user = 'runner-bench';
const port = 2222;

/** Starts the rig for `hosts` addresses; `stop()` ends the sshd and removes what was made. */
export async function startRig(hosts) {
  const directory = mkdtempSync(join(tmpdir(), 'runner-bench-'));
  const home = join(directory, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  if (spawnSync('id', [user]).status !== 0) execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', user]);
  // A locked password would make sshd refuse the account even for keys.
  execFileSync('usermod', ['-p', '*', '-d', home, user]);
  for (const name of ['host_key', 'user_key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name)]);
  copyFileSync(join(directory, 'user_key.pub'), join(home, '.ssh/authorized_keys'));
  execFileSync('chown', ['-R', user, home]);
  execFileSync('chmod', ['755', directory]);
  const hostKey = readFileSync(join(directory, 'host_key.pub'), 'utf8').trim();
  const addresses = Array.from(
    { length: hosts },
    (_, index) => `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`,
  );
  writeFileSync(
    join(directory, 'known_hosts'),
    addresses.map((address) => `[${address}]:${port} ${hostKey}\n`).join(''),
  );
  writeFileSync(
    join(directory, 'sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 0.0.0.0',
      `HostKey ${join(directory, 'host_key')}`,
      `PidFile ${join(directory, 'sshd.pid')}`,
      'UsePAM no',
      'PasswordAuthentication no',
      'StrictModes no',
      'MaxStartups 500',
      'MaxSessions 100',
      'LogLevel ERROR',
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  );
  mkdirSync('/run/sshd', { recursive: true });
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-f', join(directory, 'sshd_config')], { stdio: 'inherit' });
  await listening();
  return {
    addresses,
    directory,
    port,
    user,
    key: join(directory, 'user_key'),
    knownHosts: join(directory, 'known_hosts'),
    home,
    stop() {
      sshd.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function listening() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise((resolve) => {
      const socket = createConnection({ host: '127.0.1.1', port }, () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('close', () => socket.destroy());
      setTimeout(() => socket.destroy(), 200);
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the bench's sshd does not listen on port ${port}`);
}
