import type { z } from 'zod';
import { isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { sh } from '../shell/text.js';
import { pathResource } from './promises.js';
import { replacementOf, sumOfFile } from './support/controller-file.js';
import { defineModule, params } from './support/define.js';
import { flag, path } from './support/fields.js';
import { lookAt, pathState, type PathState } from './support/path-state.js';
import { pathWord } from './support/path-word.js';
import { parseReport, tell } from './support/report.js';
import { ModuleFailure, type HostReader, type HostWriter, type ModuleResult } from './types.js';

const fetchParams = params({
  src: path('The file of the host.'),
  dest: path('The folder of the controller, beside the playbook when relative; the file goes to DEST/HOST/SRC.'),
  flat: flag('Puts the file at `dest` itself, or in it when it ends with `/`.').default(false),
  validate_checksum: flag(
    'Fails when the file is changed on the host while it is read; off for one that is written to all the time.',
  ).default(true),
  fail_on_missing: flag('Fails when there is no such file.').default(true),
});

type FetchParams = z.output<typeof fetchParams>;

interface Prepared {
  readonly directory: string;
}

interface Found {
  readonly source: string;
  readonly state: PathState | undefined;
  readonly target: string;
  /** SHA-256 of what is at the target, undefined when nothing is. */
  readonly here: string | undefined;
}

/** Copies a file of the host to the controller. */
export const fetch = defineModule<FetchParams, Prepared, Found>({
  name: 'fetch',
  summary: 'Copies a file of the host to the controller.',
  params: fetchParams,
  prepare: async (controller) => ({ directory: controller.playbookDirectory }),
  restsOn: (params) => [pathResource(params.src)],
  look: ({ params, prepared }) => ({ kind: 'procedure', read: (host) => look(host, { params, prepared }) }),
  compare(found, { params, promised }) {
    const { state, source, target } = found;
    const values = { src: source, dest: target };
    if (state === undefined) {
      if (promised?.has(pathResource(source)) === true)
        return { kind: 'unknown', reason: `an earlier task makes ${source}` };
      if (params.fail_on_missing) throw new ModuleFailure(`there is no file ${source} on the host`);
      return { kind: 'same', values };
    }
    if (state.kind !== 'file') throw new ModuleFailure(`${source} is a ${state.kindName}: only a file is fetched`);
    const all = { ...values, checksum: state.sha256 ?? '' };
    if (found.here === state.sha256) return { kind: 'same', values: all };
    const before = found.here === undefined ? {} : { before: 'another' };
    return {
      kind: 'change',
      changes: [{ part: target, ...before, after: `${state.size} bytes` }],
      values: all,
      provides: [],
    };
  },
  change: (host, { params, found }) => bring(host, { params, found }),
});

/** Brings the file in constant memory, checks its sum, and puts it in its place at once. */
async function bring(
  host: HostWriter,
  { params, found }: { readonly params: FetchParams; readonly found: Found },
): Promise<ModuleResult> {
  const { source, target } = found;
  const file = await onController(target, () => replacementOf(target));
  try {
    const isThere = await host.streamFile(source, (chunk) => onController(target, () => file.append(chunk)));
    if (!isThere) throw new ModuleFailure(`there is no file ${source} on the host any more`);
    const checksum = file.sum();
    // A file that was written to since the look is fine when it is whole as it is now.
    const isOther = params.validate_checksum && checksum !== found.state?.sha256;
    if (isOther && checksum !== (await sumOnHost(host, source)))
      throw new ModuleFailure(`${source} was changed on the host while it was read`);
    await onController(target, () => file.keep());
    return { values: { src: source, dest: target, checksum } };
  } finally {
    await file.drop();
  }
}

/** Does something with the controller's disk. Throws ModuleFailure that names the file. */
async function onController<T>(target: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new ModuleFailure(`cannot write ${target}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function sumOnHost(host: HostReader, source: string): Promise<string | undefined> {
  const { end, stdout, stderr } = await host.query(sh`${tell}
${lookAt}
p=${source}
look_sum sum "$p" "$(wc -c < "$p")"
exit 0`);
  return parseReport({ code: end.kind === 'code' ? end.code : 1, stdout, stderr }).word('sum');
}

async function look(
  host: HostReader,
  options: { readonly params: FetchParams; readonly prepared: Prepared },
): Promise<Found> {
  const { end, stdout, stderr } = await host.query(sh`${tell}
${lookAt}
p=${pathWord(options.params.src)}
tell path "$p"
look_at state "$p" -L
if [ -f "$p" ]; then look_sum sum "$p" "$(wc -c < "$p")"; fi
exit 0`);
  const report = parseReport({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
  const source = report.need('path');
  const target = targetOf({ ...options, host: host.name, source });
  return {
    source,
    state: pathState(report, 'state', 'sum'),
    target,
    here: await sumOfFile(target),
  };
}

/** Where a file lands. Neither its path nor the host's name leads out of `dest`, whatever is in them. */
export function targetOf(options: {
  readonly params: Pick<FetchParams, 'dest' | 'flat'>;
  readonly prepared: Prepared;
  readonly host: string;
  readonly source: string;
}): string {
  const { params, prepared, host, source } = options;
  const dest = isAbsolute(params.dest) ? params.dest : resolve(prepared.directory, params.dest);
  const inside = normalize(join('/', source)).slice(1);
  if (params.flat) return params.dest.endsWith('/') ? join(dest, inside.split('/').at(-1) ?? inside) : dest;
  const folder = join(dest, host);
  const isOne = host !== '.' && host !== '..' && !host.includes('/') && !host.includes('\0');
  const target = join(folder, inside);
  if (!isOne || !target.startsWith(folder + sep))
    throw new ModuleFailure(`${host}:${source} would land outside ${dest}`);
  return target;
}
