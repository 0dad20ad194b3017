import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isAlive } from './leftovers.js';

/** One file a port that a test took, with the process that took it. */
const taken = '/run/runner-rig-ports';

/**
 * A port that nobody listens on, and that no other test is given while this process lives: between the choice and the
 * moment its program binds it there may be seconds. Below Linux's range for outgoing connections (32768 on): a port of
 * that range may go to any connection before the program it is meant for has bound it.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(10_000, 32_000);
    if (reserve(port) && (await isFree(port))) return port;
  }
  throw new Error('no free port after 100 tries');
}

function reserve(port: number): boolean {
  mkdirSync(taken, { recursive: true });
  const file = join(taken, String(port));
  try {
    if (!isAlive(Number(readFileSync(file, 'utf8')))) rmSync(file, { force: true });
  } catch {
    // Nobody has it.
  }
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
