import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exitCode } from '../../core/exit-code.js';
import { envelopeHeader } from '../../secrets/envelope.js';
import { keyring } from '../../secrets/keyring.js';
import { printError } from '../terminal.js';
import { mistake, openFile, replaceFile } from './secrets.js';

/** TMPFS_MAGIC of statfs(2): such a file system is in memory and gone with the power. */
const memoryFileSystem = 0x01021994;
/** Ending these ends the editor; it gets a Ctrl-C of the terminal itself. */
const endings = ['SIGTERM', 'SIGHUP'] as const;

/**
 * `runner secrets edit FILE`: what it holds in the user's editor, then encrypted again under the same password. The plain
 * text is only ever in a folder of its own (0700) in memory. Throws InputError.
 */
export async function editFile(file: string): Promise<number> {
  const plain = openFile(file);
  const text = readFileSync(file, 'latin1');
  if (!text.startsWith(envelopeHeader))
    throw mistake(
      `${file} is of ansible-vault, whose form is read and not written`,
      'edit it with ansible-vault, or let `runner secrets rekey` encrypt it in the form of runner first',
    );
  const folder = makeFolder();
  try {
    const path = join(folder, basename(file));
    writeFileSync(path, plain, { mode: 0o600, flag: 'wx' });
    const ended = await edit(path);
    if (ended !== 0) {
      printError(`the editor ended with ${String(ended)}: ${file} is as it was`);
      return exitCode.hostFailed;
    }
    const edited = readFileSync(path);
    if (edited.equals(plain)) {
      printError(`${file} is as it was: nothing was changed`);
      return exitCode.done;
    }
    if (readFileSync(file, 'latin1') !== text)
      throw mistake(`${file} was changed by somebody else meanwhile, and is as they left it`, 'edit it once more');
    const sealed = keyring.sealAgain(text, edited);
    if (sealed === undefined) throw mistake(`no password given opens ${file}`);
    replaceFile(file, sealed);
    return exitCode.done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeFolder(): string {
  const places = ['/dev/shm', process.env['XDG_RUNTIME_DIR'] ?? ''].filter((place) => place !== '');
  const place = places.find(isInMemory);
  if (place === undefined)
    throw mistake(
      'there is no folder in memory to edit in: the plain text would be left on a disk',
      `mount a tmpfs at ${places.join(' or ')}, or use \`runner secrets decrypt\` where that is no harm`,
    );
  removeLeftovers(place);
  const folder = mkdtempSync(join(place, `runner-edit-${String(process.pid)}-`));
  chmodSync(folder, 0o700);
  return folder;
}

function isInMemory(place: string): boolean {
  try {
    return statfsSync(place).type === memoryFileSystem;
  } catch {
    return false;
  }
}

/** What an edit that was killed could not take away. */
function removeLeftovers(place: string): void {
  for (const name of readdirSync(place)) {
    const [, pid] = /^runner-edit-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(place, name), { recursive: true, force: true });
    } catch {
      // Another user's, who will remove it.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Runs $VISUAL, $EDITOR or vi, words and all, as git does. Gives its exit code, or the signal that ended it. */
async function edit(path: string): Promise<number | NodeJS.Signals> {
  const editor =
    [process.env['VISUAL'], process.env['EDITOR']].find((word) => word !== undefined && word !== '') ?? 'vi';
  const child = spawn('/bin/sh', ['-c', `umask 077; ${editor} "$@"`, editor, path], { stdio: 'inherit' });
  const ignore = (): void => undefined;
  const end = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', ignore);
  for (const signal of endings) process.on(signal, end);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
    });
  } finally {
    process.off('SIGINT', ignore);
    for (const signal of endings) process.off(signal, end);
  }
}
