import type { z } from 'zod';
import { sh, type ShellText } from '../shell/text.js';
import { folderResources, pathResource, treeResource } from './promises.js';
import {
  archiveKind,
  lookAtArchive,
  parseArchive,
  type ArchiveFound,
  type ArchiveWords,
} from './support/archive-look.js';
import { decodeOutput, succeeded } from './support/command-result.js';
import { decryptField, plainBytes } from './support/decrypt.js';
import { defineModule, params } from './support/define.js';
import { flag, path, texts } from './support/fields.js';
import { lookAt } from './support/path-state.js';
import { lookAtOwners, ownershipChanges, ownershipFields, requireOwners } from './support/ownership.js';
import { globWord, pathWord } from './support/path-word.js';
import { parseReport, tell, type Report } from './support/report.js';
import {
  ModuleFailure,
  type Change,
  type Comparison,
  type FileSource,
  type HostReader,
  type HostWriter,
  type ModuleResult,
} from './types.js';

/** Where it is unpacked, and from where, have parameters of their own; a look goes by them. */
const placeWord = /^(?:-[Cf]|--directory|--file|-P|--absolute-names)(?:=|$)/;

const unarchiveParams = params(
  {
    src: path('The archive: tar, with any compression the host knows, or zip where the host has unzip.'),
    dest: path('The folder to unpack into; it must exist.'),
    decrypt: decryptField,
    remote_src: flag('`src` is a file of the host.').default(false),
    creates: path('A path or glob pattern on the host: when it exists, nothing is done.').optional(),
    exclude: texts('Members to leave out; shell patterns.').default([]),
    include: texts('Members to unpack, and nothing else; a folder with all that is in it.').default([]),
    extra_opts: texts(
      'Further words for tar or unzip, each an item of the list: `--strip-components=1`, `--transform=s/^x/y/`, `--no-same-owner`; tar has to be GNU tar.',
    ).default([]),
    list_files: flag('Tells the names of the members.').default(false),
    ...ownershipFields,
  },
  ({ include, exclude, extra_opts: extra }) => {
    if (include.length > 0 && exclude.length > 0) return 'give either `include` or `exclude`';
    const odd = extra.find((one) => placeWord.test(one));
    return odd === undefined ? undefined : `\`${odd}\` is not for \`extra_opts\`: \`src\` and \`dest\` say where`;
  },
);

type UnarchiveParams = z.output<typeof unarchiveParams>;

interface Found {
  readonly dest: string;
  readonly state: 'skipped' | 'no source' | 'no folder' | 'open' | 'seen';
  readonly report: Report;
  /** Of an archive of the host. */
  readonly archive?: ArchiveFound;
}

/** An archive, unpacked. */
export const unarchive = defineModule<UnarchiveParams, FileSource | undefined, Found>({
  name: 'unarchive',
  summary: 'Unpacks an archive of the controller or of the host into a folder of the host.',
  params: unarchiveParams,
  background: 'awaited',
  async prepare(controller, { src, remote_src: remote, decrypt }) {
    if (/^\w+:\/\//.test(src)) throw new ModuleFailure('`src` is an address: download it with get_url first');
    if (remote) return undefined;
    const found = await controller.find(src, 'files');
    const plain = await plainBytes(controller, { path: found, decrypt });
    if (plain !== undefined) return { kind: 'bytes', bytes: plain };
    return { kind: 'file', path: found, ...(await controller.fingerprint(found)) };
  },
  restsOn: ({ src, remote_src: remote }) => (remote ? [pathResource(src)] : []),
  look: ({ params }) => ({ kind: 'procedure', read: (host) => look(host, params) }),
  compare(found, { params, promised }) {
    const { dest, state } = found;
    const values = { dest, src: params.src };
    if (state === 'skipped') return { kind: 'same', values };
    requireOwners(found.report, { wanted: params, promised });
    if (state === 'no source') {
      if (promised?.has(pathResource(params.src)) === true)
        return { kind: 'unknown', reason: `an earlier task makes ${params.src}` };
      throw new ModuleFailure(`there is no file ${params.src} on the host`);
    }
    if (state === 'no folder') {
      if (promised?.has(pathResource(dest)) !== true) throw new ModuleFailure(`${dest} is no folder of the host`);
      return { kind: 'change', changes: [{ part: 'content', after: params.src }], values, provides: provides(dest) };
    }
    if (found.archive === undefined) return { kind: 'act', summary: `unpacks ${params.src} where it differs` };
    return comparison(found.archive, { params, dest });
  },
  change: (host, { params, prepared, found }) => unpack(host, { params, source: prepared, found }),
});

function wordsOf({ include, exclude, extra_opts: extra }: UnarchiveParams): ArchiveWords {
  return { include, exclude, extra };
}

function provides(dest: string): readonly string[] {
  return [treeResource(dest), ...folderResources(dest)];
}

async function look(host: HostReader, params: UnarchiveParams): Promise<Found> {
  const { creates, src, remote_src: remote } = params;
  const reply = await host.query(sh`${tell}
${lookAt}
d=${pathWord(params.dest)}; own_way "$d"; tell dest "$d"
${creates === undefined ? sh`:` : sh`for one in ${globWord(creates)}; do if [ -e "$one" ] || [ -L "$one" ]; then tell skipped; exit 0; fi; done`}
${lookAtOwners(params)}
${remote ? sh`a=${pathWord(src)}; [ -f "$a" ] || tell nosource; tell archive "$a"` : sh`:`}
[ -d "$d" ] || tell nofolder
exit 0`);
  const report = parseReport({ ...reply, code: reply.end.kind === 'code' ? reply.end.code : 1 });
  const dest = report.need('dest');
  const told = (key: string): boolean => report.records(key).length > 0;
  if (told('skipped')) return { dest, state: 'skipped', report };
  if (told('nosource')) return { dest, state: 'no source', report };
  if (told('nofolder')) return { dest, state: 'no folder', report };
  if (!remote) return { dest, state: 'open', report };
  const archive = await lookInside(host, { archive: report.need('archive'), dest, params });
  return { dest, state: 'seen', report, archive };
}

async function lookInside(
  host: HostReader,
  options: { readonly archive: string; readonly dest: string; readonly params: UnarchiveParams },
): Promise<ArchiveFound> {
  const { archive, dest, params } = options;
  const { end, stdout, stderr } = await host.query(sh`a=${archive}; d=${dest}
${lookAtArchive({ ...wordsOf(params), mode: params.mode !== undefined })}`);
  return parseArchive({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
}

function comparison(
  archive: ArchiveFound,
  options: { readonly params: UnarchiveParams; readonly dest: string },
): Exclude<Comparison, { kind: 'act' }> {
  const { params, dest } = options;
  const values = { dest, src: params.src, ...(params.list_files ? { files: [...archive.names] } : {}) };
  const changes: Change[] = [];
  if (archive.differing !== undefined) changes.push({ part: 'content', before: archive.differing, after: params.src });
  const owned = archive.names.find((_name, index) => {
    const state = archive.states[index];
    return state !== undefined && ownershipChanges(state, params).length > 0;
  });
  if (owned !== undefined) changes.push({ part: 'ownership', before: `that of ${owned} differs` });
  if (changes.length === 0) return { kind: 'same', values };
  return { kind: 'change', changes, values, provides: provides(dest) };
}

async function unpack(
  host: HostWriter,
  options: { readonly params: UnarchiveParams; readonly source: FileSource | undefined; readonly found: Found },
): Promise<ModuleResult> {
  const { params, source, found } = options;
  if (source === undefined) {
    const archive = found.report.need('archive');
    const inside = found.archive ?? (await lookInside(host, { archive, dest: found.dest, params }));
    return unpackFrom(host, { archive, inside, dest: found.dest, params });
  }
  const made = await host.run(sh`umask 077; mktemp -d "\${TMPDIR:-/tmp}/runner.XXXXXXXXXX"`);
  const folder = decodeOutput(succeeded(made, { host, doing: 'cannot make a temporary folder' })).text;
  const archive = `${folder}/archive`;
  try {
    host.progress(`copying ${params.src}`);
    await host.writeFile({ path: archive, source, mode: '0600' });
    const inside = await lookInside(host, { archive, dest: found.dest, params });
    return await unpackFrom(host, { archive, inside, dest: found.dest, params });
  } finally {
    await host.run(sh`rm -rf -- ${folder}`);
  }
}

async function unpackFrom(
  host: HostWriter,
  options: {
    readonly archive: string;
    readonly inside: ArchiveFound;
    readonly dest: string;
    readonly params: UnarchiveParams;
  },
): Promise<ModuleResult> {
  const { archive, inside, dest, params } = options;
  const judged = comparison(inside, { params, dest });
  const values = judged.kind === 'change' || judged.kind === 'same' ? { ...judged.values, handler: inside.kind } : {};
  if (judged.kind === 'same') return { changed: false, values };
  const doing = `cannot unpack ${params.src}`;
  if (inside.differing !== undefined) {
    host.progress(`unpacking ${params.src}`);
    succeeded(await host.run(extraction({ archive, dest, params }), { ownChannel: true }), { host, doing });
  }
  const now = inside.differing === undefined ? inside : await lookInside(host, { archive, dest, params });
  for (const { command, names } of ownership(now, params)) {
    const script = sh`cd ${dest} && xargs -0 ${command}`;
    const stdin = Buffer.from(names.map((name) => `${name}\0`).join(''), 'utf8');
    succeeded(await host.run(script, { stdin }), { host, doing });
  }
  return { values };
}

function extraction(options: {
  readonly archive: string;
  readonly dest: string;
  readonly params: UnarchiveParams;
}): ShellText {
  const { archive, dest, params } = options;
  const { include, exclude, extra } = wordsOf(params);
  const members = include.length === 0 ? [] : ['--', ...include];
  const zipped = [...include, ...(exclude.length === 0 ? [] : ['-x', ...exclude])];
  return sh`a=${archive}; d=${dest}
${archiveKind}
if [ "$kind" = zip ]; then unzip -o -q ${extra} -d "$d" "$a" ${zipped}
else tar $tar -x -p -f "$a" -C "$d" ${extra} ${exclude.map((one) => `--exclude=${one}`)} ${members}; fi`;
}

/** What sets owner, group and mode of the members: as few commands as there are different ones, chown first as it drops setuid. */
function ownership(
  archive: ArchiveFound,
  params: UnarchiveParams,
): readonly { readonly command: ShellText; readonly names: readonly string[] }[] {
  const commands = new Map<string, { readonly command: ShellText; readonly names: string[] }>();
  for (const part of ['owner', 'group', 'mode']) {
    for (const [index, name] of archive.names.entries()) {
      const state = archive.states[index];
      if (state === undefined) continue;
      const change = ownershipChanges(state, params).find((one) => one.part === part);
      if (typeof change?.after !== 'string') continue;
      const program = { owner: ['chown', '-h'], group: ['chgrp', '-h'] }[part] ?? ['chmod'];
      const command = sh`${program} -- ${change.after}`;
      const known = commands.get(command.raw);
      if (known) known.names.push(name);
      else commands.set(command.raw, { command, names: [name] });
    }
  }
  return [...commands.values()];
}
