import { spawn } from 'node:child_process';
import type { Log } from '../shared/log.js';

/** Runs a command with `sh -c` and waits, as Go's CombinedOutput does, until its output is closed too. Resolves to what went wrong, or undefined. */
export function runCommand(command: string, log: Log): Promise<string | undefined> {
  log(`Exec cmd: ${command}`);
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(undefined);
      log(`Output:\n${output}`);
      resolve(signal === null ? `exit status ${code ?? 0}` : `signal: ${signal}`);
    });
  });
}
