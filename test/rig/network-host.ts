import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { claim, isAlive, sweep, unclaim } from './leftovers.js';
import { childrenOf, kill, startSshd, type RigUserAccount, type SshdOptions, type SshdRig } from './sshd.js';

/** A real sshd in a network namespace of its own, behind a wire that can be cut. Needs root. */
export interface NetworkHost extends SshdRig {
  readonly user: RigUserAccount;
  readonly address: string;
  /** The interface of this machine that the wire ends at. */
  readonly wire: string;
  /** From now on every packet is dropped both ways: a black hole, not a closed port. */
  cut(): void;
  heal(): void;
  /** Packets dropped since `cut`: proves that the black hole swallowed something. */
  dropped(): number;
  /** Mounts what only this host sees: sshd has a mount namespace of its own, and what it starts is in it. */
  mount(...args: readonly string[]): void;
  /** Processes of sshd's sessions. */
  sessions(): readonly number[];
  /** Ends every session of the host at once, as a crash would. Gives how many processes it ended. */
  killSessions(): number;
}

/** The wires' ends: 198.18.0.201/202, .205/206 … Labs use the addresses below. */
const slots = Array.from({ length: 14 }, (_, index) => index);
const slotFolder = '/run/runner-rig-slots';

export async function startNetworkHost(options: SshdOptions = {}): Promise<NetworkHost> {
  sweep('namespace', removeNamespace);
  const slot = takeSlot();
  const name = `rig${String(process.pid)}s${String(slot)}`;
  const [outer, inner] = [`rg${String(slot)}o`, `rg${String(slot)}i`];
  const address = `198.18.0.${String(200 + 4 * slot + 2)}`;
  claim('namespace', `${name}.${String(slot)}`);
  ip('netns', 'add', name);
  ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name);
  ip('address', 'add', `198.18.0.${String(200 + 4 * slot + 1)}/30`, 'dev', outer);
  ip('link', 'set', outer, 'up');
  ip('-n', name, 'address', 'add', `${address}/30`, 'dev', inner);
  ip('-n', name, 'link', 'set', inner, 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const sshd = await startSshd({ ...options, addresses: [address], within: ['ip', 'netns', 'exec', name] });
  const filter = (...args: readonly string[]): void => {
    for (const chain of ['INPUT', 'OUTPUT'])
      execFileSync('ip', ['netns', 'exec', name, 'iptables', '-w', ...args.map((arg) => (arg === '@' ? chain : arg))]);
  };
  const sessions = (): readonly number[] => descendantsOf(sshd.pid);
  return {
    ...sshd,
    address,
    wire: outer,
    cut: () => filter('-I', '@', '-j', 'DROP'),
    heal: () => filter('-F', '@'),
    dropped: () => droppedIn(name),
    mount: (...args) => {
      execFileSync('nsenter', ['-t', String(sshd.pid), '-m', 'mount', ...args]);
    },
    sessions,
    killSessions: () => {
      const pids = sessions();
      for (const pid of pids) if (isSession(pid)) kill(pid);
      return pids.length;
    },
    stop: async () => {
      await sshd.stop();
      removeNamespace(`${name}.${String(slot)}`);
    },
  };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function takeSlot(): number {
  mkdirSync(slotFolder, { recursive: true });
  for (const slot of slots) {
    const path = `${slotFolder}/${String(slot)}`;
    try {
      freeIfDead(path);
      const file = openSync(path, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      return slot;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  throw new Error(`no free addresses: all of ${slotFolder} is taken`);
}

/** A slot whose process was killed before it wrote down what it made. */
function freeIfDead(path: string): void {
  if (existsSync(path) && !isAlive(Number(readFileSync(path, 'utf8')))) rmSync(path, { force: true });
}

/** `name.slot`: ends what runs in it; its wire goes with it. */
function removeNamespace(entry: string): void {
  const [name = '', slot = ''] = entry.split('.');
  try {
    const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    for (const pid of pids.split('\n').filter(Boolean)) kill(Number(pid));
    ip('netns', 'delete', name);
    // A namespace lives on for a moment after its name is gone, and the wire with it.
    execFileSync('ip', ['link', 'delete', `rg${slot}o`], { stdio: 'ignore' });
  } catch {
    // Gone already.
  }
  rmSync(`${slotFolder}/${slot}`, { force: true });
  unclaim('namespace', entry);
}

function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** sshd's own processes of a session, whatever it is doing: `sshd: user [priv]`, `sshd: user@notty`, `sshd: user@pts/0`. */
function isSession(pid: number): boolean {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').startsWith('sshd:');
  } catch {
    return false;
  }
}

function droppedIn(name: string): number {
  const text = execFileSync('ip', ['netns', 'exec', name, 'iptables', '-w', '-nvxL'], { encoding: 'utf8' });
  return [...text.matchAll(/^\s*(\d+)\s+\d+\s+DROP/gm)].reduce((sum, match) => sum + Number(match[1]), 0);
}
