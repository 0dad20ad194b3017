import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmod, chown, copyFile, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { Duplex } from 'node:stream';
import { sh, type ShellText } from '../../../src/shell/text.js';
import {
  ModuleFailure,
  type CommandReply,
  type HostWriter,
  type RunOptions,
  type WriteFileRequest,
} from '../../../src/modules/types.js';

/** A shell of this machine that stands for a host's. */
export interface LocalShell {
  readonly name: string;
  readonly command: readonly string[];
  readonly path: string;
}

/** The machine's own sh, and busybox with nothing but its own applets when it is installed. */
export function localShells(): readonly LocalShell[] {
  const own: LocalShell = {
    name: 'sh',
    command: ['/bin/sh'],
    path: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
  };
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file));
  if (busybox === undefined) return [own];
  const applets = mkdtempSync(join(tmpdir(), 'runner-test-busybox-'));
  afterAll(() => rmSync(applets, { recursive: true, force: true }));
  execFileSync(busybox, ['--install', '-s', applets]);
  return [own, { name: 'busybox', command: [busybox, 'sh'], path: applets }];
}

/** Whether this machine has a program. */
export function isThere(program: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'command -v "$0"', program]).status === 0;
}

/** This machine's sh with a PATH of nothing but the named programs: for what a host has or lacks. */
export function shellWith(programs: readonly string[]): LocalShell {
  const path = mkdtempSync(join(tmpdir(), 'runner-test-path-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  for (const program of programs) {
    const found = execFileSync('/bin/sh', ['-c', 'command -v "$0"', program], { encoding: 'utf8' }).trim();
    symlinkSync(found, join(path, program));
  }
  return { name: programs.at(-1) ?? 'sh', command: ['/bin/sh'], path };
}

/** A host that is this machine: everything runs in a child process of its own. */
export function localHost(shell: LocalShell): HostWriter {
  const run = (script: ShellText, options: RunOptions = {}): Promise<CommandReply> =>
    runScript(shell, { script, options });
  const host: HostWriter = {
    name: 'local',
    address: '127.0.0.1',
    signal: new AbortController().signal,
    progress() {},
    reconnect() {},
    query: run,
    run,
    async readFile(path) {
      try {
        return await readFile(path);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw new ModuleFailure(String(error));
      }
    },
    async streamFile(path, take) {
      const bytes = await host.readFile(path);
      if (bytes !== undefined) await take(bytes);
      return bytes !== undefined;
    },
    writeFile: (request) => writeBeside(host, request),
    open(): Promise<Duplex> {
      throw new Error('this host has no streams');
    },
  };
  return host;
}

async function runScript(
  shell: LocalShell,
  request: { readonly script: ShellText; readonly options: RunOptions },
): Promise<CommandReply> {
  const { script, options } = request;
  const folder = await mkdtemp(join(tmpdir(), 'runner-script-'));
  const file = join(folder, 'script');
  await writeFile(file, script.raw);
  try {
    return await new Promise((resolve, reject) => {
      const [program = '/bin/sh', ...args] = shell.command;
      const child = spawn(program, [...args, file], {
        cwd: options.directory ?? '/',
        env: { PATH: shell.path, HOME: folder, ...options.environment },
        ...(options.timeoutSeconds === undefined ? {} : { timeout: options.timeoutSeconds * 1000 }),
      });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
      child.on('error', reject);
      child.on('close', (code, signal) => {
        const end = code === null ? { kind: 'signal' as const, signal: signal ?? '' } : { kind: 'code' as const, code };
        resolve({ end, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
      });
      // A script may end without reading all of its input.
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.stdin ?? '');
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeBeside(host: HostWriter, request: WriteFileRequest): Promise<{ readonly backup?: string }> {
  const { path, source } = request;
  const temporary = join(dirname(path), `.runner-${basename(path)}`);
  const old = await stat(path).catch(() => undefined);
  try {
    await writeFile(temporary, source.kind === 'bytes' ? source.bytes : await readFile(source.path), { mode: 0o600 });
    await chmod(
      temporary,
      request.mode === undefined ? (old?.mode ?? 0o644) & 0o7777 : Number.parseInt(request.mode, 8),
    );
    if (old !== undefined) await chown(temporary, old.uid, old.gid);
    for (const [tool, name] of [
      ['chown', request.owner],
      ['chgrp', request.group],
    ] as const) {
      if (name !== undefined) await mustRun(host, sh`${tool} -- ${name} ${temporary}`);
    }
    if (request.validate !== undefined) {
      await mustRun(host, sh`sh -c ${request.validate.replaceAll('%s', temporary)}`);
    }
    const backup = request.backup === true && old !== undefined ? `${path}.1~` : undefined;
    if (backup !== undefined) await copyFile(path, backup);
    await rename(temporary, path);
    return backup === undefined ? {} : { backup };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error instanceof ModuleFailure ? error : new ModuleFailure(String(error));
  }
}

async function mustRun(host: HostWriter, script: ShellText): Promise<void> {
  const { end, stderr } = await host.run(script);
  if (end.kind !== 'code' || end.code !== 0) throw new ModuleFailure(stderr.toString('utf8').trim());
}
