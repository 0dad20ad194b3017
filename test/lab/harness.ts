import { spawn, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(import.meta.dirname, '../..');
export const inventory = 'lab/.state/inventory.yaml';

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly input?: string } = {},
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'pipe', ...options });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
    child.stdin?.end(options.input ?? '');
  });
}

/** The program as a user runs it. */
export function runner(...args: readonly string[]): Promise<Said> {
  return run('node', ['bin/runner.js', ...args]);
}

/** The lab's own command; throws when it fails, because a test without its lab proves nothing. */
export async function lab(...args: readonly string[]): Promise<string> {
  const said = await run('sh', ['lab/run.sh', ...args]);
  if (said.code !== 0) throw new Error(`lab ${args.join(' ')} ended with ${said.code}:\n${said.stdout}${said.stderr}`);
  return said.stdout;
}

/** Runs a script as root on a host by plain ssh: a witness that is not our program. */
export async function onHost(host: string, script: string): Promise<string> {
  const said = await run('ssh', [...sshOptions(host), 'sudo', 'sh', '-s'], { input: script });
  if (said.code !== 0) throw new Error(`on ${host}: exit ${said.code}\n${said.stdout}${said.stderr}`);
  return said.stdout;
}

interface LabInventory {
  readonly all: {
    readonly vars: { readonly ssh: { readonly key: string; readonly known_hosts: string; readonly user: string } };
    readonly hosts: Readonly<Record<string, { readonly ssh: { readonly host: string } }>>;
    readonly children: Readonly<Record<string, { readonly hosts: Readonly<Record<string, unknown>> }>>;
  };
}

function readInventory(): LabInventory {
  return parse(readFileSync(join(root, inventory), 'utf8')) as LabInventory;
}

export function addressOf(host: string): string {
  const address = readInventory().all.hosts[host]?.ssh.host;
  if (address === undefined) throw new Error(`the lab has no host ${host}`);
  return address;
}

/** Where the lab's images are pulled from. */
export function registryAddress(): string {
  const variables = parse(readFileSync(join(root, 'lab/.state/group_vars/all.yaml'), 'utf8')) as {
    readonly lab_registry?: string;
  };
  if (variables.lab_registry === undefined) throw new Error('the lab has no registry');
  return variables.lab_registry;
}

export function hostsOf(group: string): readonly string[] {
  return Object.keys(readInventory().all.children[group]?.hosts ?? {});
}

export function allHosts(): readonly string[] {
  return Object.keys(readInventory().all.hosts);
}

function sshOptions(host: string): readonly string[] {
  const { ssh } = readInventory().all.vars;
  return [
    '-i',
    ssh.key,
    '-o',
    `UserKnownHostsFile=${ssh.known_hosts}`,
    '-o',
    'BatchMode=yes',
    '-o',
    'ConnectTimeout=5',
    `${ssh.user}@${addressOf(host)}`,
  ];
}

/**
 * A checksum of everything on a host's disk that a write would show in: names, kinds, modes, owners, link targets, sizes
 * and contents. Left out is what a login itself writes (logs, utmp, run directories) and the kernel's own trees.
 */
export function diskChecksum(host: string): Promise<string> {
  return onHost(
    host,
    `find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/log -o -path /var/lib/systemd -o -path /var/lib/sudo -o -path /var/lib/docker \\) -prune -o ! -type s -printf '%y %m %U %G %s %l %p\\n' | LC_ALL=C sort | sha256sum
find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/log -o -path /var/lib/systemd -o -path /var/lib/sudo -o -path /var/lib/docker \\) -prune -o -type f -size -4M -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
ls -laR /tmp | grep -v '^total' | awk '{print $1, $9}' | sha256sum`,
  );
}

/** Waits until a condition holds, asking four times a second; throws what was last seen when the time is over. */
export async function eventually<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = 'not so yet';
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${what}: not within ${seconds} s (${String(last)})`);
}

/** An HTTP request from the controller to the lab, with a time limit. */
export async function http(
  url: string,
  options: RequestInit = {},
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(5000) });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The recap rows of a plain report, by host. */
export function recapOf(stdout: string): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const lines = stdout.split('\n');
  const head = lines.findIndex((line) => /^host\s+(ok|same)\s/.test(line));
  if (head < 0) throw new Error(`no recap in:\n${stdout}`);
  const names = (lines[head] ?? '').trim().split(/\s+/).slice(1, -1);
  const rows: Record<string, Record<string, number>> = {};
  for (const line of lines.slice(head + 1)) {
    const words = line.trim().split(/\s+/);
    if (words.length < 2) break;
    rows[words[0] ?? ''] = Object.fromEntries(names.map((name, index) => [name, Number(words[index + 1])]));
  }
  return rows;
}
