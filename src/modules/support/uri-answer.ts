import { ModuleFailure, type Comparison, type HostWriter } from '../types.js';
import { lastName } from './http-message.js';
import type { Ownership } from './ownership.js';
import { bytesContent, compareTarget, lookAtTarget, parseTarget, writeTarget } from './target-file.js';

/** Writes the body of an answer to a file of the host, unless it holds just that. Throws ModuleFailure. */
export async function keepAnswer(
  host: HostWriter,
  options: { readonly params: Ownership & { readonly dest: string }; readonly url: string; readonly body: Buffer },
): Promise<{ readonly changed: boolean; readonly path: string }> {
  const { params, url, body } = options;
  const { dest, mode, owner, group } = params;
  const request = { dest, mode, owner, group, name: lastName(url), follow: false };
  const wanted = bytesContent(body);
  const { end, stdout, stderr } = await host.query(lookAtTarget(request, wanted));
  const found = parseTarget({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
  const comparison: Comparison = compareTarget(found, { request, wanted, force: true });
  if (comparison.kind === 'failed') throw new ModuleFailure(comparison.message);
  if (comparison.kind !== 'change') return { changed: false, path: found.path };
  await writeTarget(host, { request, wanted, found, changes: comparison.changes });
  return { changed: true, path: found.path };
}
