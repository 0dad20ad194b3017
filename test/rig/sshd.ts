import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.js';
import { claim, sweep, unclaim } from './leftovers.js';
import { until } from './until.js';

/** A real sshd of our own on the loopback addresses, with users of its own. Nothing of the system's sshd is touched. */
export interface SshdRig {
  readonly port: number;
  /** A directory of the rig: keys, known_hosts, whatever a test wants to put there. 0755. */
  readonly directory: string;
  /** Private key that may log in as every user of the rig. */
  readonly key: string;
  /** known_hosts file that has the host keys for 127.0.1.1 … 127.0.1.250 and 127.0.0.1. */
  readonly knownHosts: string;
  /** Public host key lines ("ssh-ed25519 AAAA…"), in the order of `hostKeyTypes`. */
  readonly hostKeys: readonly string[];
  readonly pid: number;
  /** What sshd logged so far. */
  log(): string;
  /** Makes a user whose login shell is `shell`; removed by `stop`. Its key and password (if any) work at once. */
  addUser(user: RigUser): RigUserAccount;
  stop(): Promise<void>;
}

export interface RigUser {
  readonly name: string;
  readonly shell?: string;
  readonly password?: string;
  /** Lines of /etc/sudoers.d for this user, without the user: "ALL=(ALL) NOPASSWD: ALL". */
  readonly sudo?: readonly string[];
}

export interface RigUserAccount {
  readonly name: string;
  readonly home: string;
}

export interface SshdOptions {
  /** Lines put before ours in sshd_config: the first word for a keyword wins. */
  readonly config?: readonly string[];
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  /** The daemon's program and the words that it needs to run; this machine's own sshd when it is left out. */
  readonly daemon?: readonly string[];
  /** Words before the daemon's own: a namespace to start it in. */
  readonly within?: readonly string[];
  /** Further names for known_hosts. */
  readonly addresses?: readonly string[];
  /** Where the rig's own folder is made, for hosts that see another /tmp. */
  readonly parent?: string;
}

/** Starts an sshd and a first user `rig…` with a bare /bin/sh. Needs root. */
export async function startSshd(options: SshdOptions = {}): Promise<SshdRig & { readonly user: RigUserAccount }> {
  sweep('user', removeUser);
  const directory = mkdtempSync(join(options.parent ?? tmpdir(), 'rig-sshd-'));
  chmodSync(directory, 0o755);
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const port = await freePort();
  const key = join(directory, 'id');
  makeKey(key, 'ed25519');
  const types = options.hostKeyTypes ?? ['ed25519'];
  const hostKeyFiles = types.map((type) => join(directory, `host_${type}`));
  hostKeyFiles.forEach((file, index) => makeKey(file, types[index] ?? 'ed25519'));
  const hostKeys = hostKeyFiles.map((file) => publicKey(file));
  const knownHosts = join(directory, 'known_hosts');
  const names = [
    '127.0.0.1',
    ...(options.addresses ?? []),
    ...Array.from({ length: 250 }, (_, index) => `127.0.1.${String(index + 1)}`),
  ];
  const nameList = names.map((name) => `[${name}]:${String(port)}`).join(',');
  writeFileSync(knownHosts, hostKeys.map((line) => `${nameList} ${line}\n`).join(''));
  writeFileSync(join(directory, 'authorized_keys'), `${publicKey(key)}\n`);
  const config = join(directory, 'sshd_config');
  writeFileSync(
    config,
    [
      ...(options.config ?? []),
      `Port ${String(port)}`,
      'ListenAddress 0.0.0.0',
      ...hostKeyFiles.map((file) => `HostKey ${file}`),
      `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
      `PidFile ${join(directory, 'pid')}`,
      'UsePAM no',
      'StrictModes no',
      'PasswordAuthentication yes',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin no',
      'PrintMotd no',
      'LogLevel VERBOSE',
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  );
  const process = await startDaemon({
    command: [
      ...(options.within ?? []),
      ...(options.daemon ?? ['/usr/sbin/sshd']),
      '-D',
      '-f',
      config,
      '-E',
      join(directory, 'log'),
    ],
    log: join(directory, 'log'),
  });
  const users: string[] = [];
  const addUser = (user: RigUser): RigUserAccount => {
    users.push(user.name);
    return makeUser(user);
  };
  const rig = {
    port,
    directory,
    key,
    knownHosts,
    hostKeys,
    pid: process.pid ?? 0,
    log: () => readFileSync(join(directory, 'log'), 'utf8'),
    addUser,
    stop: async () => {
      await stopDaemon(process);
      for (const user of users) removeUser(user);
      // Of a run that was killed: whoever gets the port next would find it.
      rmSync(`/tmp/runner.${String(port)}.lock`, { force: true });
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return { ...rig, user: addUser({ name: `rig${String(port)}` }) };
}

/** The numbers of a user. */
export function idsOf(name: string): { readonly uid: number; readonly gid: number } {
  const number = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

/** Makes a key pair without a passphrase unless one is given. */
export function makeKey(file: string, type: 'ed25519' | 'ecdsa' | 'rsa', passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', `rig-${type}`, '-f', file]);
}

/** The public half of a key file as "type base64". */
export function publicKey(file: string): string {
  return readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ');
}

async function startDaemon(options: {
  readonly command: readonly string[];
  readonly log: string;
}): Promise<ChildProcess> {
  const [program = '', ...args] = options.command;
  const child = spawn(program, args, { stdio: 'ignore' });
  try {
    await until(() => {
      if (child.exitCode !== null) throw new Error(`sshd ended: ${readFileSync(options.log, 'utf8')}`);
      // The log, not a connection: sshd counts every connection that is dropped against its source.
      return existsSync(options.log) && readFileSync(options.log, 'utf8').includes('Server listening');
    });
  } catch (error) {
    child.kill();
    throw error;
  }
  return child;
}

/** Ends the daemon and the sessions it has. */
async function stopDaemon(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  for (const pid of childrenOf(child.pid ?? -1)) kill(pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** The processes whose parent is this one. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
    return text.trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Kills a process if it is still there. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function makeUser(user: RigUser): RigUserAccount {
  claim('user', user.name);
  locked('useradd', ['-m', '-s', user.shell ?? '/bin/sh', user.name]);
  const home = `/home/${user.name}`;
  for (const file of ['.bashrc', '.profile', '.bash_logout']) rmSync(join(home, file), { force: true });
  // Without PAM sshd refuses the locked account that useradd makes, even for keys.
  if (user.password === undefined) locked('usermod', ['-p', '*', user.name]);
  else locked('chpasswd', [], `${user.name}:${user.password}\n`);
  if (user.sudo !== undefined) {
    const text = user.sudo.map((line) => (line.startsWith('Defaults') ? line : `${user.name} ${line}`)).join('\n');
    writeFileSync(`/etc/sudoers.d/${user.name}`, `${text}\n`, { mode: 0o440 });
  }
  return { name: user.name, home };
}

/** The tools that edit /etc/passwd fail at once when another is at it; test files run side by side. */
function locked(command: string, args: readonly string[], input = ''): void {
  execFileSync('flock', ['/run/rig-users.lock', command, ...args], { input, stdio: ['pipe', 'ignore', 'ignore'] });
}

function removeUser(name: string): void {
  rmSync(`/etc/sudoers.d/${name}`, { force: true });
  try {
    for (const pid of execFileSync('ps', ['-o', 'pid=', '-u', name], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)) {
      kill(Number(pid));
    }
  } catch {
    // ps ends with 1 when the user has no process.
  }
  try {
    locked('userdel', ['-r', '-f', name]);
  } catch {
    // Removed by somebody else.
  }
  unclaim('user', name);
}
