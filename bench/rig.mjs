// One sshd that answers on 127.0.1.1 … 127.0.1.N as so many hosts, and a login with a bare shell (docs/performance.md).
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descendants, end, processes } from './processes.mjs';

const user = 'runner-bench';

/**
 * Starts the rig for `hosts` addresses, on a port that nobody uses; `stop()` ends the sshd with every session it has
 * and removes what was made. `dead` further addresses swallow every packet, as a host does whose cable is out. What a killed bench left behind does not matter: nothing of it is used again.
 */
export async function startRig(hosts, { maxStartups = '500', maxSessions = 100, dead = 0 } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'runner-bench-'));
  const home = join(directory, 'home');
  mkdirSync(home, { recursive: true, mode: 0o755 });
  ensureUser();
  for (const name of ['host_key', 'user_key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name)]);
  copyFileSync(join(directory, 'user_key.pub'), join(directory, 'authorized_keys'));
  execFileSync('chown', ['-R', user, home]);
  execFileSync('chmod', ['755', directory]);
  const hostKey = readFileSync(join(directory, 'host_key.pub'), 'utf8').trim();
  const port = await freePort();
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
      `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
      `PidFile ${join(directory, 'sshd.pid')}`,
      'UsePAM no',
      'PasswordAuthentication no',
      'StrictModes no',
      `MaxStartups ${maxStartups}`,
      `MaxSessions ${maxSessions}`,
      'LogLevel ERROR',
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  );
  mkdirSync('/run/sshd', { recursive: true });
  const hole = ['INPUT', '-p', 'tcp', '-d', '127.0.9.0/24', '--dport', String(port), '-j', 'DROP'];
  if (dead > 0) execFileSync('iptables', ['-w', '-I', ...hole]);
  // A session of its own: Ctrl-C is the bench's to answer.
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-f', join(directory, 'sshd_config')], {
    detached: true,
    stdio: 'inherit',
  });
  const stop = () => {
    for (const pid of descendants(sshd.pid)) end(pid);
    sshd.kill();
    if (dead > 0) execFileSync('iptables', ['-w', '-D', ...hole]);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await listening(port);
  } catch (error) {
    stop();
    throw error;
  }
  return {
    addresses,
    deadAddresses: Array.from({ length: dead }, (_, index) => `127.0.9.${1 + index}`),
    directory,
    port,
    user,
    key: join(directory, 'user_key'),
    knownHosts: join(directory, 'known_hosts'),
    home,
    stop,
  };
}

/** The login: no password (a locked one would make sshd refuse even keys), a home that is always there. */
function ensureUser() {
  const entry = spawnSync('getent', ['passwd', user], { encoding: 'utf8' }).stdout.trim();
  if (entry.split(':')[5] === '/') return;
  if (entry !== '') {
    // An older bench gave it another home, which usermod changes only while nothing runs as it.
    for (const pid of processesOf(Number(entry.split(':')[2]))) end(pid);
    execFileSync('userdel', ['--force', user], { stdio: 'ignore' });
  }
  execFileSync('useradd', ['--no-create-home', '--home-dir', '/', '--password', '*', '--shell', '/bin/sh', user]);
}

function processesOf(uid) {
  return processes()
    .filter((entry) => entry.uid === uid)
    .map((entry) => entry.pid);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '0.0.0.0', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function listening(port) {
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
