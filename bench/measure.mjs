// Times a command as a whole process: wall clock, CPU of it and its children, and the largest resident set.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descendants, end } from './processes.mjs';

/** Milliseconds a command that is interrupted has to tidy up. */
const patience = 1000;

/**
 * Runs once; throws with the output's end when the command ends with none of `codes`: a failed run has no time. It and
 * all below it are ended when `signal` is aborted.
 */
export async function measure({ command, environment = {}, codes = [0] }, signal) {
  if (signal.aborted) throw new Error('interrupted');
  const directory = mkdtempSync(join(tmpdir(), 'measure-'));
  const file = join(directory, 'time');
  const started = process.hrtime.bigint();
  const output = [];
  const code = await new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/time', ['-o', file, '-f', '%U %S %M', ...command], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A session of its own: a terminal's Ctrl-C is answered here, once.
      detached: true,
    });
    const giveUp = () => endAll(child);
    signal.addEventListener('abort', giveUp, { once: true });
    child.on('exit', () => signal.removeEventListener('abort', giveUp));
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (signal.aborted) {
    rmSync(directory, { recursive: true, force: true });
    throw new Error('interrupted');
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const [user, system, kilobytes] = readFileSync(file, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  rmSync(directory, { recursive: true, force: true });
  if (!codes.includes(code))
    throw new Error(`${command.join(' ')} ended with ${code}:\n${Buffer.concat(output).toString().slice(-3000)}`);
  return { seconds, cpuSeconds: user + system, megabytes: kilobytes / 1024 };
}

/** Asks all that a measured command started to end, and ends what has not a moment later. */
function endAll(child) {
  const asked = descendants(child.pid);
  for (const pid of asked) end(pid, 'SIGTERM');
  const timer = setTimeout(() => {
    for (const pid of new Set([...asked, ...descendants(child.pid), child.pid])) end(pid);
    // What left the tree may still hold them open.
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  }, patience);
  child.on('close', () => clearTimeout(timer));
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted.length % 2 === 1
    ? sorted[(sorted.length - 1) / 2]
    : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
}
