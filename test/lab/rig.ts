import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const ownToEachCheckout = new Set(['.state', 'dist']);

export interface LabSaid {
  readonly code: number | null;
  readonly output: string;
}

/** A second checkout of the lab on this machine. */
export interface Checkout {
  readonly folder: string;
  /** Runs the lab's command there. With `interruptAt`, it is sent SIGINT as soon as its output holds that text. */
  lab(args: readonly string[], options?: { readonly interruptAt?: string }): Promise<LabSaid>;
  /** Takes its lab away and removes the folder. */
  remove(): Promise<void>;
}

export function makeCheckout(): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'runner-checkout-'));
  cpSync(join(root, 'lab'), join(folder, 'lab'), {
    recursive: true,
    filter: (path) => !ownToEachCheckout.has(basename(path)),
  });
  for (const file of ['tsconfig.json', 'package.json']) cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const lab: Checkout['lab'] = (args, options = {}) => runLab(folder, args, options.interruptAt);
  return {
    folder,
    lab,
    remove: async () => {
      await lab(['down']);
      rmSync(folder, { recursive: true });
    },
  };
}

async function runLab(folder: string, args: readonly string[], interruptAt: string | undefined): Promise<LabSaid> {
  const child = spawn('sh', ['lab/run.sh', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let interrupted = false;
  const listen = (chunk: Buffer): void => {
    output += chunk.toString();
    if (interrupted || interruptAt === undefined || !output.includes(interruptAt)) return;
    interrupted = true;
    child.kill('SIGINT');
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
