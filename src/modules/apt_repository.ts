import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { joinShell, sh, shellSource } from '../shell/text.js';
import { aptGet, runApt } from './support/apt-run.js';
import { keyBytes, signedBy, sourceOf, sourcesName, type SourcesFile } from './support/apt-sources.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, mode as modeField, named, seconds, text } from './support/fields.js';
import { requestFromHost } from './support/http-from-host.js';
import { parseReport, tell } from './support/report.js';
import { ModuleFailure, type Change, type HostWriter } from './types.js';

const repositoryParams = params(
  {
    repo: named(/^\s*deb(?:-src)?\s[^\n]*\S$/, {
      otherwise: 'must be one line like "deb https://… bookworm main"',
      description: "The repository's line, `deb https://… bookworm main`.",
    }),
    state: choice(['present', 'absent'], 'Whether the host shall use it.').default('present'),
    filename: named(/^[A-Za-z0-9_.-]+$/, {
      otherwise: 'is no name of a file',
      description: 'The file in /etc/apt/sources.list.d, without `.list`; without it, made of the address.',
    }).optional(),
    key: text(
      'The key that signs the repository, armoured: it goes to /etc/apt/keyrings and the line names it.',
    ).optional(),
    key_url: named(/^https?:\/\/[^\s]+$/, {
      otherwise: 'must be an http or https address',
      description: 'Where the host gets the key from when it has none yet.',
    }).optional(),
    mode: modeField('Permissions of the file.').default('0644'),
    update_cache: alias(flag('Reads the package lists after a change.').default(true), 'update-cache'),
    lock_timeout: seconds('How long to wait for other package operations.').default(60),
    apt_root: text("Where apt's settings are.").default('/etc/apt'),
  },
  ({ key, key_url: url }) =>
    key !== undefined && url !== undefined ? '`key` and `key_url` exclude each other' : undefined,
);

type RepositoryParams = z.output<typeof repositoryParams>;

interface Found {
  readonly files: readonly SourcesFile[];
  /** SHA-256 of the keyring; undefined when there is none. */
  readonly keyring: string | undefined;
}

/** A repository of packages. */
export const aptRepository = defineModule<RepositoryParams, unknown, Found>({
  name: 'apt_repository',
  summary: 'Adds and removes an apt repository, with the key that signs it, and reads its lists.',
  params: repositoryParams,
  background: 'awaited',
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([
      tell,
      sh`root=${params.apt_root}; keyring=${keyringOf(params)}`,
      shellSource(`command -v apt-get >/dev/null 2>&1 || { echo 'the host has no apt-get' >&2; exit 1; }
for one in "$root/sources.list" "$root/sources.list.d/"*.list; do
  if [ -f "$one" ]; then tell file "$one" "$(cat < "$one")"; fi
done
if [ -f "$keyring" ]; then sum=$(sha256sum < "$keyring") && tell keyring "\${sum%% *}"; fi
exit 0`),
    ]),
    parse(reply) {
      const report = parseReport(reply);
      const files = report.records('file').map(([path = '', content = '']) => ({ path, text: `${content}\n` }));
      return { files, keyring: report.word('keyring') };
    },
  }),
  compare(found, { params }) {
    const changes: Change[] = [];
    const values = { repo: lineOf(params), state: params.state };
    if (params.state === 'present') {
      const wanted = params.key === undefined ? undefined : createHash('sha256').update(armoured(params)).digest('hex');
      if (hasKey(params) && (found.keyring === undefined || (wanted !== undefined && wanted !== found.keyring)))
        changes.push({
          part: 'key',
          ...(found.keyring === undefined ? {} : { before: 'another' }),
          after: keyringOf(params),
        });
    }
    for (const { path, before, after } of edits(found, params))
      changes.push({ part: 'repository', diff: { before, after, beforeName: path, afterName: path } });
    if (changes.length === 0) return { kind: 'same', values };
    return { kind: 'change', changes, values };
  },
  async change(host, { params, found, changes }) {
    if (changes.some(({ part }) => part === 'key')) await writeKey(host, params);
    const files = edits(found, params);
    for (const { path, after } of files) await writeSources(host, { path, text: after, params, found });
    if (params.update_cache) {
      const command = aptGet(params, sh`update`);
      try {
        await runApt(host, {
          steps: [{ doing: 'reading the package lists', command }],
          lockTimeout: params.lock_timeout,
        });
      } catch (error) {
        // A repository that cannot be read would break every later use of apt, and the next run would find nothing to do.
        for (const { path, before } of files) await writeSources(host, { path, text: before, params, found });
        throw error;
      }
    }
    return { values: { repo: lineOf(params), state: params.state } };
  },
});

async function writeSources(
  host: HostWriter,
  options: {
    readonly path: string;
    readonly text: string;
    readonly params: RepositoryParams;
    readonly found: Found;
  },
): Promise<void> {
  const { path, text: content, params, found } = options;
  if (content === '' && path === fileOf(params)) {
    succeeded(await host.run(sh`rm -f -- ${path}`), { host, doing: `cannot remove ${path}` });
    return;
  }
  const mode = found.files.some((file) => file.path === path) ? {} : { mode: params.mode };
  await host.writeFile({ path, source: { kind: 'bytes', bytes: Buffer.from(content, 'utf8') }, ...mode });
}

function hasKey({ key, key_url: url }: RepositoryParams): boolean {
  return key !== undefined || url !== undefined;
}

function baseOf({ filename, repo }: RepositoryParams): string {
  return filename ?? sourcesName(repo);
}

function fileOf(params: RepositoryParams): string {
  return `${params.apt_root}/sources.list.d/${baseOf(params)}.list`;
}

function keyringOf(params: RepositoryParams): string {
  return `${params.apt_root}/keyrings/${baseOf(params)}.gpg`;
}

function lineOf(params: RepositoryParams): string {
  const line = params.repo.trim();
  return hasKey(params) ? signedBy(line, keyringOf(params)) : line;
}

/** The files that must become another text. A line that any file has already is not added twice. */
function edits(
  found: Found,
  params: RepositoryParams,
): readonly { readonly path: string; readonly before: string; readonly after: string }[] {
  const wanted = sourceOf(lineOf(params));
  const plain = sourceOf(params.repo);
  const isIt = (line: string): boolean => [wanted, plain].includes(sourceOf(line)) && sourceOf(line) !== undefined;
  if (params.state === 'absent') {
    return found.files.flatMap(({ path, text: before }) => {
      const after = before
        .split('\n')
        .filter((line) => !isIt(line))
        .join('\n');
      return after === before ? [] : [{ path, before, after: after.trim() === '' ? '' : after }];
    });
  }
  if (found.files.some(({ text: content }) => content.split('\n').some((line) => sourceOf(line) === wanted))) return [];
  const path = fileOf(params);
  const before = found.files.find((file) => file.path === path)?.text ?? '';
  // With a key, the line without it gives way: apt refuses two of them.
  const kept = before.split('\n').filter((line) => line !== '' && !isIt(line));
  return [{ path, before, after: `${[...kept, lineOf(params)].join('\n')}\n` }];
}

function armoured(params: RepositoryParams): Buffer {
  const bytes = keyBytes(Buffer.from(params.key ?? '', 'latin1'));
  if (bytes === undefined) throw new ModuleFailure('`key` is no armoured public key');
  return bytes;
}

async function writeKey(host: HostWriter, params: RepositoryParams): Promise<void> {
  const path = keyringOf(params);
  const folder = path.slice(0, path.lastIndexOf('/'));
  const bytes = params.key_url === undefined ? armoured(params) : await download(host, params.key_url);
  succeeded(await host.run(sh`[ -d ${folder} ] || mkdir -m 0755 -- ${folder}`), {
    host,
    doing: `cannot make ${folder}`,
  });
  await host.writeFile({ path, source: { kind: 'bytes', bytes }, mode: '0644' });
}

async function download(host: HostWriter, url: string): Promise<Buffer> {
  const response = await requestFromHost(host, {
    url,
    method: 'GET',
    headers: {},
    body: undefined,
    credentials: undefined,
    followRedirects: 'safe',
    validateCertificates: true,
    timeoutSeconds: 60,
  });
  const bytes = response.status === 200 ? keyBytes(response.body) : undefined;
  if (bytes === undefined) throw new ModuleFailure(`${url} gives no public key (status ${response.status})`);
  return bytes;
}
