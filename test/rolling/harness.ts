import { spawn } from 'node:child_process';
import { lab, root, type Said } from '../lab/harness.js';

/** Hosts as they came, with these images in their registry. */
export async function freshLab(options: { readonly hosts: number; readonly images: readonly string[] }): Promise<void> {
  await lab('up', '--hosts', String(options.hosts), '--no-images');
  await lab('reset');
  await lab('images', ...options.images);
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
    ended,
  };
}

/** Prints a figure of a proof, to be read in the log and kept in docs/rolling-upgrades.md. */
export function figure(name: string, value: string | number): void {
  process.stdout.write(`FIGURE ${name}: ${value}\n`);
}
