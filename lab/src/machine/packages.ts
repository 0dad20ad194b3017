import { existsSync, readdirSync } from 'node:fs';
import { run } from './process.js';
import type { Step } from '../step.js';

/** Installs those of the named Debian packages that the machine lacks. Safe to call always; costs nothing when all are there. */
export async function installPackages(names: readonly string[], step: Step): Promise<void> {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const apt = { ...step, onLine: step.say, letFinish: true, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  if (!haveLists()) await run(['apt-get', 'update', '-q'], apt);
  const install = ['install', '-q', '-y', '--no-install-recommends', ...missing];
  try {
    await run(['apt-get', ...install], apt);
  } catch (error) {
    step.signal.throwIfAborted();
    step.say(`trying again with fresh package lists (${String(error).split('\n')[0]})`);
    await run(['apt-get', 'update', '-q'], apt);
    await run(['apt-get', ...install], apt);
  }
}

async function missingPackages(names: readonly string[]): Promise<readonly string[]> {
  const known = await run(['dpkg-query', '--show', '--showformat', '${db:Status-Abbrev} ${Package}\n']);
  const installed = new Set(
    known
      .split('\n')
      .filter((line) => line.startsWith('ii '))
      .map((line) => line.slice(3).trim()),
  );
  return names.filter((name) => !installed.has(name));
}

function haveLists(): boolean {
  const lists = '/var/lib/apt/lists';
  return existsSync(lists) && readdirSync(lists).some((name) => name.includes('_Packages'));
}
