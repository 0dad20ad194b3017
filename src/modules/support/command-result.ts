import { constants } from 'node:os';
import { UnreachableError } from '../../core/errors.js';
import type { Value } from '../../template/value.js';
import { ModuleFailure, type CommandEnd, type CommandReply, type HostReader } from '../types.js';

/** What a command said, as a registered result holds it; without the newlines at the end. */
export function outputValues(reply: CommandReply): Readonly<Record<string, Value>> {
  const stdout = decodeOutput(reply.stdout);
  const stderr = decodeOutput(reply.stderr);
  return {
    ...(reply.end.kind === 'code' ? { rc: reply.end.code } : {}),
    ...(reply.end.kind === 'signal' ? { rc: -numberOf(reply.end.signal), signal: reply.end.signal } : {}),
    ...(reply.end.kind === 'timeout' ? { timed_out: true } : {}),
    stdout: stdout.text,
    stdout_lines: linesOf(stdout.text),
    stderr: stderr.text,
    stderr_lines: linesOf(stderr.text),
  };
}

/** A signal's number as this machine has it (those that commands die of are the same everywhere); 128 for one nobody knows. */
function numberOf(signal: string): number {
  const name = signal.replace(/^(?:SIG)?/, 'SIG');
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? 128;
}

/** Warnings for output that is not UTF-8: those bytes are shown as U+FFFD. */
export function outputWarnings(reply: CommandReply): readonly string[] {
  return (['stdout', 'stderr'] as const).flatMap((stream) => {
    const { invalid } = decodeOutput(reply[stream]);
    return invalid === 0 ? [] : [`${stream} holds ${invalid} stretches of bytes that are not UTF-8`];
  });
}

/** Why a command did not succeed, in plain words with its own last line; undefined for code 0. Throws when it was lost. */
export function failureOf(reply: CommandReply, host: HostReader): string | undefined {
  const reason = endReason(reply.end, host);
  if (reason === undefined) return undefined;
  const said = lastLine(reply.stderr) ?? lastLine(reply.stdout);
  return said === undefined ? reason : `${reason}: ${said}`;
}

/**
 * What a step of ours on the host said. Throws ModuleFailure, its message the host's own words, when it did not end with
 * code 0; UnreachableError when it was lost.
 */
export function succeeded(reply: CommandReply, options: { readonly host: HostReader; readonly doing: string }): Buffer {
  const reason = endReason(reply.end, options.host);
  if (reason === undefined) return reply.stdout;
  const said = decodeOutput(reply.stderr).text || decodeOutput(reply.stdout).text || reason;
  throw new ModuleFailure(`${options.doing}: ${said}`, outputValues(reply));
}

/** The text of a command's output: invalid UTF-8 becomes U+FFFD and is counted, NUL is kept, newlines at the end go. */
export function decodeOutput(bytes: Buffer): { readonly text: string; readonly invalid: number } {
  const text = bytes.toString('utf8').replace(/[\r\n]+$/, '');
  if (!text.includes('\ufffd')) return { text, invalid: 0 };
  const genuine = countOf(bytes, Buffer.from('\ufffd', 'utf8'));
  return { text, invalid: (text.match(/\ufffd/g)?.length ?? 0) - genuine };
}

export function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(/\r?\n/);
}

function endReason(end: CommandEnd, host: HostReader): string | undefined {
  switch (end.kind) {
    case 'code':
      return end.code === 0 ? undefined : `ended with code ${end.code}`;
    case 'signal':
      return `killed by signal ${end.signal}`;
    case 'timeout':
      return `timed out after ${end.seconds} s`;
    case 'lost':
      throw new UnreachableError({ host: host.name, reason: 'lost', message: end.message });
  }
}

function lastLine(bytes: Buffer): string | undefined {
  const lines = linesOf(decodeOutput(bytes).text).filter((line) => line.trim() !== '');
  return lines.at(-1)?.slice(0, 500);
}

function countOf(bytes: Buffer, part: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(part); at !== -1; at = bytes.indexOf(part, at + part.length)) count += 1;
  return count;
}
