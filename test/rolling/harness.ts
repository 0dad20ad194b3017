import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { inventory as labInventory, root, type Said } from '../lab/harness.js';

/** Hosts of the lab that the proofs of one file have to themselves: files run side by side. */
export interface Story {
  /** The user's own inventory, which upgrades with `--save` change. */
  readonly inventory: string;
  readonly hosts: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** As many hosts as all stories need together. */
const wholeLab = 10;

/** Hosts as they came, with these images in their registry, and an inventory of them alone. */
export async function freshStory(options: {
  readonly name: string;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly images: readonly string[];
  readonly variables?: Readonly<Record<string, string | number | boolean>>;
  /** Hosts that are made anew; undefined: all. */
  readonly fresh?: readonly string[];
  /** Undefined: as many as all stories need together. */
  readonly labSize?: number;
}): Promise<Story> {
  const { name, groups, images, variables = {}, labSize = wholeLab } = options;
  const hosts = [...new Set(Object.values(groups).flat())];
  await labAlone('up', '--hosts', String(labSize), '--no-images');
  await labAlone('reset', ...(options.fresh ?? hosts));
  if (images.length > 0) await labAlone('images', ...images);
  const path = `lab/.state/story-${name}.yaml`;
  const { all } = parse(readFileSync(join(root, labInventory), 'utf8')) as {
    readonly all: { readonly vars: unknown; readonly hosts: Readonly<Record<string, unknown>> };
  };
  const without = (names: readonly string[]): object => Object.fromEntries(names.map((host) => [host, {}]));
  const children = Object.fromEntries(
    Object.entries(groups).map(([group, names]) => [group, { hosts: without(names) }]),
  );
  const inventory = {
    all: {
      vars: all.vars,
      hosts: Object.fromEntries(hosts.map((host) => [host, all.hosts[host]])),
      // Stronger than what the lab says for all its hosts.
      children: { ...children, story: { hosts: without(hosts), vars: variables } },
    },
  };
  writeFileSync(join(root, path), stringify(inventory));
  return { inventory: path, hosts, groups };
}

/** The lab's own command while no other file gives it one; throws when it fails. */
export function labAlone(...args: readonly string[]): Promise<void> {
  const child = spawn('flock', ['lab/run.sh', 'sh', 'lab/run.sh', ...args], { cwd: root, stdio: 'pipe' });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`lab ${args.join(' ')} ended with ${code}:\n${Buffer.concat(said).toString()}`));
    });
  });
}

/** Runs the program on a terminal of its own, as a person at it does: each answer is given when its question is seen. */
export function runnerOnTerminal(
  args: readonly string[],
  answers: readonly { readonly question: RegExp; readonly answer: string }[],
): Promise<Said> {
  const command = ['node', 'bin/runner.js', ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    cwd: root,
    stdio: 'pipe',
  });
  let stdout = '';
  const left = [...answers];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    const [next] = left;
    if (next === undefined || !next.question.test(stdout)) return;
    left.shift();
    child.stdin.write(`${next.answer}\n`);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      child.stdin.destroy();
      resolve({ code, stdout, stderr: '' });
    });
  });
}

/** The program under way, to be looked at and disturbed while it runs. */
export interface Running {
  /** What it has printed so far. */
  output(): string;
  /** Ends it as a power cut would, without a word. */
  kill(): void;
  /** Lets it stand still until it is resumed. */
  pause(): void;
  resume(): void;
  readonly ended: Promise<Said>;
}

/** Starts the program as a user does, and does not wait for it. */
export function startRunner(...args: readonly string[]): Running {
  const child = spawn('node', ['bin/runner.js', ...args, '--output', 'plain'], { cwd: root, stdio: 'pipe' });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.end();
  const ended = new Promise<Said>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
  return {
    output: () => Buffer.concat([...out, ...err]).toString(),
    kill: () => child.kill('SIGKILL'),
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    ended,
  };
}

/** Prints a figure of a proof, to be read in the log and kept in docs/rolling-upgrades.md. */
export function figure(name: string, value: string | number): void {
  process.stdout.write(`FIGURE ${name}: ${value}\n`);
}
