import { existsSync } from 'node:fs';

/** @throws saying what this machine lacks, before anything on it is touched */
export function checkMachine(): void {
  const lacks: string[] = [];
  if (process.getuid?.() !== 0) lacks.push('root (it starts an engine, builds root file systems and reads apt)');
  if (!existsSync('/usr/bin/apt-get'))
    lacks.push('Debian or a distribution with apt (images are made from Debian packages)');
  if (lacks.length > 0) throw new Error(`the lab needs ${lacks.join(', and ')}`);
}
