import type Docker from 'dockerode';
import { ModuleFailure, type HostWriter } from '../types.js';

/** One message of the engine's progress stream (pull, build, load). */
interface ProgressMessage {
  readonly status?: string;
  readonly id?: string;
  readonly stream?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** Lines of a build that are kept for its failure. */
const keptLines = 20;

/**
 * Follows a pull, build or load to its end and shows what it does. Gives every line it said. Throws ModuleFailure with
 * the engine's words when the engine reports an error in the stream.
 */
export async function followProgress(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  options: { readonly host: HostWriter; readonly doing: string },
): Promise<readonly string[]> {
  const { host, doing } = options;
  const layers = new Map<string, string>();
  const said: string[] = [];
  const fail = (words: string): ModuleFailure =>
    new ModuleFailure([`${doing}: ${words}`, ...said.slice(-keptLines)].join('\n'));
  const messages = await new Promise<readonly ProgressMessage[]>((resolve, reject) => {
    stream.once('close', () => {
      if (host.signal.aborted) reject(fail('cancelled'));
    });
    docker.modem.followProgress(
      stream,
      (error: Error | null, all: readonly ProgressMessage[] | null) => {
        if (error === null) resolve(all ?? []);
        else reject(fail(error.message));
      },
      (message: ProgressMessage) => {
        const line = progressLine(message, layers);
        if (message.stream !== undefined && line !== undefined) said.push(line);
        if (line !== undefined) host.progress(`${doing}: ${line}`);
      },
    );
  });
  const error = messages.find((message) => message.error !== undefined || message.errorDetail !== undefined);
  if (error !== undefined) throw fail(error.errorDetail?.message ?? error.error ?? 'failed');
  return messages.flatMap((message) => message.stream ?? message.status ?? []).map((line) => line.trim());
}

const doneWords = new Set(['Pull complete', 'Already exists', 'Loaded', 'Download complete']);

/** A pull is told as layers done; everything else in the engine's words. */
function progressLine(message: ProgressMessage, layers: Map<string, string>): string | undefined {
  if (message.stream !== undefined) return message.stream.trim() || undefined;
  if (message.status === undefined) return undefined;
  const isLayer = message.id !== undefined && /^[0-9a-f]{12}$/.test(message.id);
  if (!isLayer) return [message.id, message.status].filter((word) => word !== undefined).join(': ');
  layers.set(message.id ?? '', message.status);
  const done = [...layers.values()].filter((status) => doneWords.has(status)).length;
  const { current, total } = message.progressDetail ?? {};
  const share =
    current !== undefined && total !== undefined && total > 0 ? ` ${Math.floor((100 * current) / total)} %` : '';
  return `${done}/${layers.size} layers, ${message.status.toLowerCase()}${share}`;
}
