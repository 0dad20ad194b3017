// Times a command as a whole process: wall clock, CPU of it and its children, and the largest resident set.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs once; throws with the output's end when the command ends with none of `codes`: a failed run has no time. */
export async function measure({ command, environment = {}, codes = [0] }) {
  const directory = mkdtempSync(join(tmpdir(), 'measure-'));
  const file = join(directory, 'time');
  const started = process.hrtime.bigint();
  const output = [];
  const code = await new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/time', ['-o', file, '-f', '%U %S %M', ...command], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', resolve);
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const [user, system, kilobytes] = readFileSync(file, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  rmSync(directory, { recursive: true, force: true });
  if (!codes.includes(code))
    throw new Error(`${command.join(' ')} ended with ${code}:\n${Buffer.concat(output).toString().slice(-3000)}`);
  return { seconds, cpuSeconds: user + system, megabytes: kilobytes / 1024 };
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted.length % 2 === 1
    ? sorted[(sorted.length - 1) / 2]
    : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
}
