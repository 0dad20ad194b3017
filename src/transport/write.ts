import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path/posix';
import { Readable } from 'node:stream';
import { printfFormat } from './bootstrap.js';
import { runCommand } from './exec.js';
import type { Launcher } from './launch.js';
import type { ShellRoster } from './shell-roster.js';
import type { ExecResult, WriteRequest, WriteResult } from './types.js';
import { sendSumming } from './send-summing.js';
import { operand, temporaryPath, writeScript } from './write-script.js';
import { placeInShell } from '../shell/words-of-shell.js';

/** Contents up to here go in one round trip through the long-lived shell; above it on a channel of their own. */
const smallContent = 48 * 1024;
/** Bytes read at once from a file of the controller. */
export const readSize = 256 * 1024;

export interface Writer {
  readonly launcher: Launcher;
  readonly shells: ShellRoster;
  readonly runId: string;
  /** Directories whose left-overs were removed in this session, per user. */
  readonly swept: Set<string>;
}

type Content =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly size: number; readonly sha256: string }
  | { readonly kind: 'file'; readonly path: string; readonly size: number; readonly sha256: string | undefined };

/** Writes one file whole or not at all; see `writeScript`. Throws what `launch` throws, and CancelledError. */
export async function write(writer: Writer, request: WriteRequest): Promise<WriteResult> {
  const content = await contentOf(request);
  if (typeof content === 'string') return { kind: 'failed', stage: 'write', message: content };
  const backup = request.backup === true ? backupName(request.path) : undefined;
  const place = JSON.stringify([request.become?.user ?? '', dirname(operand(request.path))]);
  const shared = {
    request,
    size: content.size,
    sha256: content.sha256,
    runId: writer.runId,
    random: randomBytes(8).toString('hex'),
    backup,
    sweep: !writer.swept.has(place),
  };
  writer.swept.add(place);
  const { become, timeoutSeconds, signal } = request;
  const options = { become, timeoutSeconds, signal };
  const outcome = { backup, hide: temporaryPath(shared), path: request.path, validate: request.validate };
  let result: ExecResult;
  if (content.kind === 'file' && content.sha256 === undefined) {
    const sent = await sendSumming(writer, { options: { ...shared, content: { kind: 'stdin' } }, source: content });
    const written = 'result' in sent ? resultOf({ ...outcome, result: sent.result }) : sent;
    return written.kind === 'written' && 'sha256' in sent ? { ...written, sha256: sent.sha256 } : written;
  }
  if (content.kind === 'bytes' && content.size <= smallContent) {
    const print = `printf '${printfFormat(content.bytes).toString('latin1').replaceAll("'", "'\\''")}'`;
    const script = writeScript({ ...shared, content: { kind: 'printed', source: print } });
    result = await writer.shells.run({ ...options, script });
  } else {
    const script = writeScript({ ...shared, content: { kind: 'stdin' } });
    result = await runCommand(writer.launcher, {
      ...options,
      script,
      environment: { LC_ALL: 'C' },
      stdin: { size: content.size, stream: streamOf(content) },
    });
  }
  return resultOf({ ...outcome, result });
}

function resultOf(options: {
  readonly result: ExecResult;
  readonly backup: string | undefined;
  readonly hide: string;
  readonly path: string;
  readonly validate: string | undefined;
}): WriteResult {
  const { result, backup } = options;
  const { end } = result;
  const words = result.stderr
    .toString('utf8')
    .replaceAll(options.hide, () => options.path)
    .replaceAll(placeInShell, '')
    .trim();
  switch (end.kind) {
    case 'lost':
      return { kind: 'lost', message: end.message };
    case 'timeout':
      return { kind: 'failed', stage: 'write', message: `timed out after ${String(end.seconds)} s` };
    case 'signal':
      return { kind: 'failed', stage: 'write', message: `ended by ${end.signal}${words === '' ? '' : `: ${words}`}` };
    case 'code':
      if (end.code === 0) {
        const copied = backup !== undefined && result.stdout.toString('latin1') === 'backup';
        return { kind: 'written', ...(copied ? { backup } : {}) };
      }
      return failureOf(result.stdout.toString('latin1'), { words, validate: options.validate });
  }
}

/** A validator may refuse without a word: its command and exit code are told in any case. */
function failureOf(
  said: string,
  { words, validate }: { readonly words: string; readonly validate: string | undefined },
): WriteResult {
  const [stage = '', code] = said.split(' ');
  if (code === undefined || validate === undefined) return { kind: 'failed', stage: stageOf(stage), message: words };
  const ended = `\`${validate}\` ended with code ${code}`;
  return { kind: 'failed', stage: 'validate', message: words === '' ? ended : `${ended}: ${words}` };
}

function stageOf(text: string): 'write' | 'check' | 'validate' | 'owner' | 'rename' {
  switch (text) {
    case 'check':
    case 'validate':
    case 'owner':
    case 'rename':
      return text;
    default:
      return 'write';
  }
}

/** The content with its size and sum; a sentence when the controller's file cannot be read. */
async function contentOf(request: WriteRequest): Promise<Content | string> {
  const { source } = request;
  if (source.kind === 'bytes') {
    const sha256 = createHash('sha256').update(source.bytes).digest('hex');
    return { kind: 'bytes', bytes: source.bytes, size: source.bytes.length, sha256 };
  }
  if (source.size > smallContent) return { ...source, sha256: source.sha256 };
  try {
    const bytes = await readFile(source.path);
    const sha256 = source.sha256 ?? createHash('sha256').update(bytes).digest('hex');
    return { kind: 'bytes', bytes, size: source.size, sha256 };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function streamOf(content: Content): Readable {
  if (content.kind === 'bytes') return Readable.from([content.bytes]);
  return createReadStream(content.path, { highWaterMark: readSize, end: content.size - 1 });
}

function backupName(path: string): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${operand(path)}.${time}.${randomBytes(6).toString('hex')}.bak`;
}
