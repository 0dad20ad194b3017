import type { z } from 'zod';
import { sh } from '../shell/text.js';
import { pathResource } from './promises.js';
import { failureOf, succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import {
  compareEdited,
  lookAtEdited,
  parseEdited,
  writeEdited,
  type EditFound,
  type Editor,
} from './support/edited-file.js';
import { alias, choice, flag, named, path, text } from './support/fields.js';
import type { Change, Comparison } from './types.js';

const sysctlParams = params(
  {
    name: alias(
      named(/^[A-Za-z0-9_][\w./*:@-]*$/, {
        otherwise: 'is no name of a setting',
        description: 'The setting, `vm.swappiness`.',
      }),
      'key',
    ),
    value: alias(text('Its value.').optional(), 'val'),
    state: choice(['present', 'absent'], 'Whether it shall be in the file.').default('present'),
    sysctl_file: path('The file.').default('/etc/sysctl.conf'),
    sysctl_set: flag('Looks at the value of the running kernel, and sets it, as well.').default(false),
    reload: flag('Has the kernel read the file (`sysctl -p`) when it was changed.').default(true),
    ignoreerrors: flag('Does not fail for settings that the kernel does not know.').default(false),
  },
  ({ name, value, state }) => {
    if (name.split(/[./]/).includes('')) return '`name` is no name of a setting';
    return state === 'present' && (value === undefined || value.trim() === '') ? '`value` is required' : undefined;
  },
);

type SysctlParams = z.output<typeof sysctlParams>;

/** A setting of the kernel. */
export const sysctl = defineModule<SysctlParams, unknown, EditFound>({
  name: 'sysctl',
  summary: 'Sets a value of the kernel in a file that is read at boot, and now.',
  params: sysctlParams,
  restsOn: (params) => [pathResource(params.sysctl_file)],
  look: ({ params }) => ({
    kind: 'script',
    script: params.sysctl_set
      ? sh`${lookAtLive(params.name)}
${lookAtEdited(editOf(params))}`
      : lookAtEdited(editOf(params)),
    parse: parseEdited,
  }),
  compare(found, { params, promised }) {
    const inFile = compareEdited(found, { params: editOf(params), promised, edit: editorOf(params) });
    if (!params.sysctl_set || params.state === 'absent' || inFile.kind === 'unknown') return inFile;
    return withLive(inFile, { live: found.report.word('live'), params });
  },
  async change(host, { params, found, changes }) {
    const ignore = params.ignoreerrors ? ['-e'] : [];
    const isFile = changes.some(({ part }) => part === 'content');
    const values = { name: params.name };
    if (isFile) await writeEdited(host, { params: editOf(params), found, changes, edit: editorOf(params) });
    if (changes.some(({ part }) => part === 'live value')) {
      const reply = await host.run(sh`sysctl -q ${ignore} -w ${`${params.name}=${params.value}`}`);
      if (!params.ignoreerrors) succeeded(reply, { host, doing: `cannot set ${params.name}` });
    }
    if (!isFile || !params.reload) return { values };
    const failed = failureOf(await host.run(sh`sysctl -q ${ignore} -p ${found.path}`), host);
    if (failed === undefined || params.ignoreerrors) return { values };
    return { values, failed: `${found.path} is written, but the kernel did not take it: ${failed}` };
  },
});

/** The kernel's file of a setting; a `/` in the name stands for a `.` in a part of it, as sysctl(8) has it. */
function lookAtLive(name: string): ReturnType<typeof sh> {
  const separator = /[./]/.exec(name)?.[0];
  const file = separator === '/' ? name : name.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.'));
  return sh`tell() { printf '%s\\0' "$#" "$@"; }
if live=$(cat ${`/proc/sys/${file}`} 2>/dev/null); then tell live "$live"; fi`;
}

function withLive(
  inFile: Comparison,
  options: { readonly live: string | undefined; readonly params: SysctlParams },
): Comparison {
  const { live, params } = options;
  if (live !== undefined && plain(live) === plain(params.value ?? '')) return inFile;
  if (live === undefined && params.ignoreerrors) return inFile;
  const change: Change = {
    part: 'live value',
    ...(live === undefined ? {} : { before: plain(live) }),
    after: params.value ?? '',
  };
  if (inFile.kind === 'change') return { ...inFile, changes: [...inFile.changes, change] };
  return { kind: 'change', changes: [change], values: { name: params.name }, provides: [] };
}

function editOf(params: SysctlParams): Parameters<typeof lookAtEdited>[0] {
  return { path: params.sysctl_file, create: params.state === 'present', backup: false };
}

function editorOf(params: SysctlParams): Editor {
  return (file) => ({ text: editSysctl(file, params), values: { name: params.name } });
}

/** The file with the setting in its last place, or without it. White space around name and value does not count. */
export function editSysctl(file: string, wish: Pick<SysctlParams, 'name' | 'value' | 'state'>): string {
  const lines = file === '' ? [] : file.replace(/\n$/, '').split('\n');
  const nameOf = (line: string): string | undefined => /^\s*-?\s*([^#;=\s][^=]*?)\s*=/.exec(line)?.[1];
  const valueOf = (line: string): string => plain(line.slice(line.indexOf('=') + 1));
  const last = lines.findLastIndex((line) => nameOf(line) === wish.name);
  const others = lines.filter((line, index) => index === last || nameOf(line) !== wish.name);
  const at = others.findIndex((line) => nameOf(line) === wish.name);
  const value = plain(wish.value ?? '');
  const isSo = at !== -1 && valueOf(others[at] ?? '') === value;
  const fresh = wish.state === 'absent' ? [] : [isSo ? (others[at] ?? '') : `${wish.name}=${value}`];
  const result = at === -1 ? [...others, ...fresh] : others.toSpliced(at, 1, ...fresh);
  if (result.join('\n') === lines.join('\n')) return file;
  return result.length === 0 ? '' : `${result.join('\n')}\n`;
}

function plain(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}
