import type { z } from 'zod';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { sh } from '../shell/text.js';
import { pathResource } from './promises.js';
import { defineModule, params } from './support/define.js';
import { flag, path } from './support/fields.js';
import { lookAt, pathState, type PathState } from './support/path-state.js';
import { pathWord } from './support/path-word.js';
import { parseReport, tell } from './support/report.js';
import { ModuleFailure, type HostReader } from './types.js';

const fetchParams = params({
  src: path('The file of the host.'),
  dest: path('The folder of the controller, beside the playbook when relative; the file goes to DEST/HOST/SRC.'),
  flat: flag('Puts the file at `dest` itself, or in it when it ends with `/`.').default(false),
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
  async change(host, { found }) {
    const bytes = await host.readFile(found.source);
    if (bytes === undefined) throw new ModuleFailure(`there is no file ${found.source} on the host any more`);
    const temporary = join(
      dirname(found.target),
      `.runner-${process.pid}-${createHash('sha256').update(found.target).digest('hex').slice(0, 12)}`,
    );
    try {
      await mkdir(dirname(found.target), { recursive: true });
      await writeFile(temporary, bytes, { mode: 0o600 });
      await chmod(temporary, 0o644 & ~process.umask());
      await rename(temporary, found.target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw new ModuleFailure(
        `cannot write ${found.target}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    const checksum = createHash('sha256').update(bytes).digest('hex');
    return { values: { src: found.source, dest: found.target, checksum } };
  },
});

async function look(
  host: HostReader,
  options: { readonly params: FetchParams; readonly prepared: Prepared },
): Promise<Found> {
  const { end, stdout, stderr } = await host.query(sh`${tell}
${lookAt}
p=${pathWord(options.params.src)}
tell path "$p"
look_at state "$p" -L
if [ -f "$p" ]; then look_sum sum "$p"; fi
exit 0`);
  const report = parseReport({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
  const source = report.need('path');
  const target = targetOf({ ...options, host: host.name, source });
  const here = await readFile(target).catch(() => undefined);
  return {
    source,
    state: pathState(report, 'state', 'sum'),
    target,
    here: here === undefined ? undefined : createHash('sha256').update(here).digest('hex'),
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
