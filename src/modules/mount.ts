import type { z } from 'zod';
import { joinShell, sh, type ShellText } from '../shell/text.js';
import { folderResources, treeResource } from './promises.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, named, path, text, word } from './support/fields.js';
import { parseEntry, withEntry, withoutPath, type FstabEntry } from './support/fstab.js';
import { parseReport, tell } from './support/report.js';
import { ModuleFailure, type Change } from './types.js';

const mountParams = params(
  {
    path: alias(
      named(/^\/[^\n]*$/, { otherwise: 'must be an absolute path', description: 'Where it is mounted.' }),
      'name',
    ),
    src: word('What is mounted: a device, `UUID=…`, `server:/export`, `tmpfs`.').optional(),
    fstype: word('The kind of file system.').optional(),
    opts: word('Its options.').default('defaults'),
    state: choice(
      ['mounted', 'unmounted', 'present', 'absent', 'remounted'],
      '`mounted`: now and at boot; `present`: at boot; `unmounted`: not now; `absent`: neither, and the empty folder goes; `remounted`: mounted anew.',
    ),
    dump: text('The fifth field of fstab.').default('0'),
    passno: text('The sixth field of fstab: the order of checks at boot.').default('0'),
    fstab: path('The file that is read at boot.').default('/etc/fstab'),
    backup: flag('Keeps the old file beside the new one.').default(false),
  },
  ({ state, src, fstype }) =>
    (state === 'mounted' || state === 'present') && (src === undefined || fstype === undefined)
      ? `\`state: ${state}\` needs \`src\` and \`fstype\``
      : undefined,
);

type MountParams = z.output<typeof mountParams>;

interface Found {
  readonly fstab: string;
  /** What is mounted at the path. */
  readonly live: FstabEntry | undefined;
  readonly folder: boolean;
}

/** A file system in its place. */
export const mount = defineModule<MountParams, unknown, Found>({
  name: 'mount',
  summary: 'Mounts and unmounts a file system, now and at boot.',
  params: mountParams,
  background: 'awaited',
  look: ({ params }) => ({
    kind: 'script',
    script: sh`${tell}
if [ -d ${params.path} ]; then tell folder; fi
tell live "$(cat /proc/self/mounts)"
if [ -f ${params.fstab} ]; then tell body; cat < ${params.fstab}; fi`,
    parse(reply) {
      const report = parseReport(reply);
      return {
        fstab: report.body?.toString('utf8') ?? '',
        live: lastAt(report.need('live'), params.path),
        folder: report.records('folder').length > 0,
      };
    },
  }),
  compare(found, { params }) {
    const { state, fstab: name, path: target } = params;
    if (found.fstab.includes('\ufffd')) throw new ModuleFailure(`${name} holds bytes that are not UTF-8`);
    const values = { path: target, src: params.src ?? null, fstype: params.fstype ?? null, opts: params.opts };
    const after = fstabAfter(found.fstab, params);
    const changes: Change[] = [];
    if (after !== found.fstab)
      changes.push({ part: 'fstab', diff: { before: found.fstab, after, beforeName: name, afterName: name } });
    const isMounted = found.live !== undefined;
    if (state === 'mounted' && !isMounted) changes.push({ part: 'mounted', before: false, after: true });
    if (state === 'mounted' && isMounted && after !== found.fstab)
      changes.push({ part: 'remounted', after: params.opts });
    if ((state === 'unmounted' || state === 'absent') && isMounted)
      changes.push({ part: 'mounted', before: true, after: false });
    if (state === 'absent' && found.folder) changes.push({ part: 'folder', before: 'directory', after: 'absent' });
    if (state === 'remounted') {
      if (!isMounted) throw new ModuleFailure(`nothing is mounted at ${target}`);
      changes.push({ part: 'remounted' });
    }
    if (changes.length === 0) return { kind: 'same', values };
    return { kind: 'change', changes, values, provides: [treeResource(target), ...folderResources(target)] };
  },
  async change(host, { params, found, changes }) {
    const doing = `cannot change what is mounted at ${params.path}`;
    const after = fstabAfter(found.fstab, params);
    const steps = stepsOf(params, { found, changes });
    // First the mount: a line that does not work would stop the host at its next boot.
    if (steps.length > 0) succeeded(await host.run(joinShell(steps, ' && '), { ownChannel: true }), { host, doing });
    if (after === found.fstab) return { values: { path: params.path } };
    const { backup } = await host.writeFile({
      path: params.fstab,
      source: { kind: 'bytes', bytes: Buffer.from(after, 'utf8') },
      ...(params.backup && found.fstab !== '' ? { backup: true } : {}),
    });
    return { values: { path: params.path, ...(backup === undefined ? {} : { backup_file: backup }) } };
  },
});

function lastAt(mounts: string, target: string): FstabEntry | undefined {
  const wanted = target.replace(/(?<=.)\/+$/, '');
  return mounts
    .split('\n')
    .flatMap((line) => parseEntry(line) ?? [])
    .findLast((entry) => entry.path === wanted);
}

function fstabAfter(before: string, params: MountParams): string {
  const { state, path: target, src, fstype, opts, dump, passno } = params;
  if (state === 'absent') return withoutPath(before, target);
  if ((state !== 'mounted' && state !== 'present') || src === undefined || fstype === undefined) return before;
  return withEntry(before, { src, path: target, fstype, opts, dump, passno });
}

function stepsOf(
  params: MountParams,
  options: { readonly found: Found; readonly changes: readonly Change[] },
): readonly ShellText[] {
  const { path: target, src = '', fstype = '', opts, state } = params;
  const { found, changes } = options;
  const has = (part: string): boolean => changes.some((change) => change.part === part);
  const fresh = sh`mount -t ${fstype} -o ${opts} ${src} ${target}`;
  const steps: ShellText[] = [];
  if (state === 'mounted') {
    if (!found.folder) steps.push(sh`mkdir -p -- ${target}`);
    if (has('mounted')) steps.push(fresh);
    else if (has('remounted')) {
      // Only options can be changed in place; a device named otherwise (UUID=…) may be the one that is mounted.
      const old = found.fstab.split('\n').flatMap((line) => parseEntry(line) ?? []);
      const before = old.findLast((entry) => entry.path === target);
      const isSame = before === undefined ? found.live?.src === src : before.src === src;
      steps.push(isSame ? sh`mount -o ${`remount,${opts}`} ${target}` : sh`umount ${target} && ${fresh}`);
    }
  }
  if (state === 'remounted') steps.push(sh`mount -o remount ${target}`);
  if ((state === 'unmounted' || state === 'absent') && has('mounted')) steps.push(sh`umount ${target}`);
  if (has('folder')) steps.push(sh`rmdir -- ${target}`);
  return steps;
}
