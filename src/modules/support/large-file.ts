import { sh } from '../../shell/text.js';
import { ModuleFailure, type CommandReply, type HostReader, type LookReply } from '../types.js';
import { failureOf } from './command-result.js';
import { lookAt } from './path-state.js';
import { parseReport, tell } from './report.js';
import { lookAtTarget, parseTarget, type TargetFound, type TargetRequest } from './target-file.js';

/** From so many bytes on a file is summed only where that can tell something. */
export const largeFile = 16 * 1024 * 1024;

/** What a look found where a large file is to go: both sums, or none where the sizes tell enough. */
export interface LargeFound {
  readonly target: TargetFound;
  /** The SHA-256 of the controller's file. */
  readonly sha256: string | undefined;
}

/**
 * Looks where a large file is to go. A file of another size differs, whatever its sum: nothing is read. One of the same
 * size is summed on both ends at the same time.
 */
export async function lookAtLarge(
  host: HostReader,
  large: {
    readonly request: TargetRequest;
    readonly size: number;
    /** Whether an existing file is left alone: then only ours is told. */
    readonly keeps: boolean;
    readonly sum: () => Promise<string>;
  },
): Promise<LargeFound> {
  const { request, size, keeps, sum } = large;
  const target = parseTarget(replyOf(await host.query(lookAtTarget(request, 'unsummed')), host));
  const { state, path } = target;
  if (state === undefined || (!keeps && (state.kind !== 'file' || state.size !== size)))
    return { target, sha256: undefined };
  if (keeps) return { target, sha256: await sum() };
  const [sha256, theirs] = await Promise.all([
    sum(),
    host.query(sh`${tell}
${lookAt}
look_sum sum ${path} ${size}`),
  ]);
  const summed = parseReport(replyOf(theirs, host)).need('sum');
  return { target: { ...target, state: { ...state, sha256: summed } }, sha256 };
}

/** Throws ModuleFailure for a look that did not end by itself. */
function replyOf(reply: CommandReply, host: HostReader): LookReply {
  const { end, stdout, stderr } = reply;
  if (end.kind === 'code') return { code: end.code, stdout, stderr };
  throw new ModuleFailure(`cannot look at the file: ${failureOf(reply, host) ?? end.kind}`);
}
