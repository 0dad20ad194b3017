import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import type { Step } from '../step.js';
import { rememberMachine, restoreMachine } from './footprint.js';
import { installPackages } from './packages.js';
import { engineDirectory, imagesDirectory, runDirectory } from './places.js';
import { run } from './process.js';

/** The Docker engine the lab's hosts run on: the machine's own where it has one, else one that the lab started for itself. */
export interface Engine {
  readonly docker: Docker;
  readonly socket: string;
  readonly ours: boolean;
}

const ourSocket = join(runDirectory, 'docker.sock');
const pidFile = join(runDirectory, 'docker.pid');
export const engineLog = join(engineDirectory, 'dockerd.log');

/** The engine if one answers, ours or the machine's. */
export async function findEngine(): Promise<Engine | undefined> {
  const ours = await answering(ourSocket, true);
  if (ours !== undefined) return ours;
  const host = process.env['DOCKER_HOST'];
  const socket = host?.startsWith('unix://') === true ? host.slice('unix://'.length) : '/var/run/docker.sock';
  return answering(socket, false);
}

async function answering(socket: string, ours: boolean): Promise<Engine | undefined> {
  if (!existsSync(socket)) return undefined;
  const docker = new Docker({ socketPath: socket });
  try {
    await docker.ping();
    return { docker, socket, ours };
  } catch {
    return undefined;
  }
}

/** Finds the engine or starts one. Call it under the lock "engine". */
export async function ensureEngine(step: Step): Promise<Engine> {
  const found = await findEngine();
  if (found !== undefined) return found;
  await installPackages(['docker.io', 'iptables'], step);
  // Where systemd runs, Debian's package has just started the machine's own engine: that one serves.
  const installed = await findEngine();
  if (installed !== undefined) return installed;
  step.say('starting dockerd');
  await rememberMachine();
  startDaemon();
  return waitForDaemon(step);
}

function startDaemon(): void {
  mkdirSync(engineDirectory, { recursive: true });
  mkdirSync(runDirectory, { recursive: true });
  const settings = join(engineDirectory, 'daemon.json');
  writeFileSync(settings, '{}');
  const log = openSync(engineLog, 'w');
  const daemon = spawn(
    'dockerd',
    [
      `--data-root=${join(engineDirectory, 'data')}`,
      `--exec-root=${join(runDirectory, 'exec')}`,
      `--host=unix://${ourSocket}`,
      `--pidfile=${pidFile}`,
      // No default bridge: its addresses could be somebody's, and labs have networks of their own.
      // And none of the settings that the machine may keep for an engine of its own.
      '--bridge=none',
      `--config-file=${settings}`,
      ...runtimeArguments(),
    ],
    { detached: true, stdio: ['ignore', log, log] },
  );
  daemon.unref();
}

/** Some sandboxes lack CAP_SYS_RESOURCE; only there a wrapper goes in front of runc (see the file itself). */
function runtimeArguments(): readonly string[] {
  const capSysResource = 24n;
  const bounding = /^CapBnd:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  if ((BigInt(`0x${bounding}`) >> capSysResource) & 1n) return [];
  const wrapper = join(engineDirectory, 'runc');
  // A copy, since the engine may outlive the checkout that started it.
  copyFileSync(join(imagesDirectory, 'host', 'files', 'usr', 'local', 'sbin', 'runc'), wrapper);
  return [`--add-runtime=lab=${wrapper}`, '--default-runtime=lab'];
}

async function waitForDaemon(step: Step): Promise<Engine> {
  for (let tries = 0; tries < 300; tries += 1) {
    const engine = await answering(ourSocket, true);
    if (engine !== undefined) return engine;
    await delay(100, undefined, { signal: step.signal });
  }
  throw new Error(`dockerd did not answer within 30 s; its last words are in ${engineLog}`);
}

/** Stops the engine the lab started, if it did, and takes back what it set on the machine. Call it under the lock "engine". */
export async function stopEngine(step: Pick<Step, 'say'>): Promise<void> {
  const pid = daemonPid();
  if (pid !== undefined) {
    step.say('stopping dockerd');
    process.kill(pid, 'SIGTERM');
    for (let tries = 0; tries < 300 && daemonPid() === pid; tries += 1) await delay(100);
    if (daemonPid() === pid) throw new Error(`dockerd (pid ${pid}) does not stop; its last words are in ${engineLog}`);
  }
  await unmountBelow(runDirectory);
  await unmountBelow(engineDirectory);
  rmSync(runDirectory, { recursive: true, force: true });
  await restoreMachine();
}

/** dockerd leaves mounts behind (of network namespaces always, of more when it was killed). */
async function unmountBelow(directory: string): Promise<void> {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => point.startsWith(`${directory}/`));
  for (const point of points.toReversed()) await unmount(point);
}

/** What dockerd started (containerd, its shims) may hold its folders for a moment longer than it lives itself. */
async function unmount(point: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await run(['umount', point]);
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await delay(100);
    }
  }
}

/** A pid file alone proves nothing after a crash: the process must be a dockerd on our socket. */
function daemonPid(): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8').trim());
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(ourSocket) ? pid : undefined;
  } catch {
    return undefined;
  }
}
