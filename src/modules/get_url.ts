import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { joinShell, sh } from '../shell/text.js';
import { pathResource } from './promises.js';
import { failureOf, succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { flag, named, path, seconds, textMap } from './support/fields.js';
import { checkHttpFields, credentialsOf, curlQuoted, curlWay, headersOf, httpFields } from './support/http-fields.js';
import { lastName } from './support/http-message.js';
import { lookAtOwners, ownershipChanges, ownershipFields, ownershipSteps, requireOwners } from './support/ownership.js';
import { lookAt, pathState, type PathState } from './support/path-state.js';
import { pathWord } from './support/path-word.js';
import { parseReport, tell, type Report } from './support/report.js';
import { checksumForm, sumTool, wantedSum } from './support/wanted-sum.js';
import { ModuleFailure, type Change, type HostWriter, type ModuleResult } from './types.js';

const getUrlParams = params(
  {
    url: named(/^https?:\/\/[^\s]+$/, { otherwise: 'must be an http or https address', description: 'The address.' }),
    dest: path('The file; in a folder it gets the last name of the address.'),
    checksum: named(checksumForm, {
      otherwise: 'must be like "sha256:…"',
      description:
        'What the file must be, like `sha256:…`, or `sha256:https://…/SHA256SUMS` for a file of sums; a file that already is so is not asked for again.',
    }).optional(),
    force: flag('Asks again without a checksum when the file exists.').default(false),
    headers: textMap('Further headers.').default({}),
    timeout: seconds('How long the whole download may take.').default(300),
    validate_certs: flag("Checks the server's certificate.").default(true),
    backup: flag('Keeps the old file beside the new one.').default(false),
    ...httpFields,
    ...ownershipFields,
  },
  checkHttpFields,
);

type GetUrlParams = z.output<typeof getUrlParams>;

interface Found {
  readonly path: string;
  readonly state: PathState | undefined;
  readonly parent: boolean;
  /** Whether the file has the wanted checksum. */
  readonly matches: boolean;
  readonly report: Report;
}

/** Downloads a file to the host. */
export const getUrl = defineModule<GetUrlParams, unknown, Found>({
  name: 'get_url',
  summary: 'Downloads a file to the host (curl or wget), checks it and puts it in place whole.',
  params: getUrlParams,
  background: 'awaited',
  secrets: ['url_password'],
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([
      tell,
      lookAt,
      sh`p=${pathWord(params.dest)}
[ -d "$p" ] && p="\${p%/}"/${lastName(params.url)}
tell path "$p"
look_above "$p"
look_at state "$p" -L`,
      lookAtOwners(params),
      params.checksum === undefined
        ? sh`:`
        : sh`${wantedSum({ ...params, checksum: params.checksum })}
if [ -f "$p" ]; then seen=$(${sumTool(params.checksum)} < "$p") && [ "\${seen%% *}" = "$wanted" ] && tell matches; fi`,
      sh`exit 0`,
    ]),
    parse(reply) {
      const report = parseReport(reply);
      const told = (key: string): boolean => report.records(key).length > 0;
      return {
        path: report.need('path'),
        state: pathState(report, 'state'),
        parent: told('parent'),
        matches: told('matches'),
        report,
      };
    },
  }),
  compare(found, { params, promised }) {
    const { path: target, state } = found;
    requireOwners(found.report, { wanted: params, promised });
    if (state !== undefined && state.kind !== 'file')
      throw new ModuleFailure(`${target} is a ${state.kindName}, not a file`);
    const parent = target.replace(/\/+[^/]*$/, '') || '/';
    if (target.endsWith('/')) throw new ModuleFailure(`the folder ${target} does not exist on the host`);
    if (!found.parent && promised?.has(pathResource(parent)) !== true)
      throw new ModuleFailure(`the folder ${parent} does not exist on the host`);
    const keeps = state !== undefined && (params.checksum === undefined ? !params.force : found.matches);
    const content: readonly Change[] = keeps
      ? []
      : [{ part: 'content', ...(state ? { before: `${state.size} bytes` } : {}), after: params.url }];
    const changes = [...content, ...ownershipChanges(state, params)];
    const values = { dest: target, url: params.url };
    if (changes.length === 0) return { kind: 'same', values };
    return { kind: 'change', changes, values, provides: [pathResource(target)] };
  },
  change: (host, { params, found, changes }) => download(host, { params, found, changes }),
});

async function download(
  host: HostWriter,
  options: { readonly params: GetUrlParams; readonly found: Found; readonly changes: readonly Change[] },
): Promise<ModuleResult> {
  const { params, found, changes } = options;
  const target = sh`${found.path}`;
  const values = { dest: found.path, url: params.url };
  if (!changes.some(({ part }) => part === 'content')) {
    const steps = joinShell(ownershipSteps(target, changes), ' && ');
    succeeded(await host.run(steps), { host, doing: `cannot set the ownership of ${found.path}` });
    return { values };
  }
  const { checksum } = params;
  const mode = changes.some(({ part }) => part === 'mode')
    ? []
    : [sh`chmod -- ${found.state === undefined ? '0644' : found.state.mode.toString(8)} "$t"`];
  const check =
    checksum === undefined
      ? sh`:`
      : sh`seen=$(${sumTool(checksum)} < "$t") && seen=\${seen%% *} && { [ "$seen" = "$wanted" ] || { echo "the checksum is $seen, not $wanted" >&2; false; }; }`;
  const sum = checksum === undefined ? sh`:` : wantedSum({ ...params, checksum });
  const headers = headersOf(params);
  const credentials = credentialsOf(params);
  const way = Object.entries(curlWay(params));
  const needsCurl =
    Object.keys(headers).length > 0 || credentials !== undefined || way.some(([name]) => name !== 'noproxy');
  const backup =
    params.backup && found.state !== undefined
      ? `${found.path}.${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}.${randomBytes(6).toString('hex')}.bak`
      : undefined;
  const keep = backup === undefined ? sh`:` : sh`cp -p -- "$p" ${backup}`;
  host.progress(`downloading ${params.url}`);
  // Into a file beside the target that only this user can read, checked before the rename: the old file stays until then.
  const script = sh`p=${target}
t=$(mktemp "\${p%/*}/.runner.XXXXXX") || exit 1
trap 'rm -f -- "$t"' EXIT
config=$(cat)
${sum}
if command -v curl >/dev/null 2>&1; then
  printf '%s\\n' "$config" | curl -q -fsSL --globoff --proto =http,https --proto-redir =http,https --max-time ${params.timeout} ${params.validate_certs ? [] : ['--insecure']} -o "$t" -K - || exit 1
elif command -v wget >/dev/null 2>&1; then
  ${needsCurl ? sh`echo 'headers, users and certificates need curl on the host' >&2; exit 1` : sh`:`}
  wget -q -T ${params.timeout} ${params.validate_certs ? [] : ['--no-check-certificate']} ${params.use_proxy ? [] : ['--no-proxy']} -O "$t" -- ${params.url} || { echo "wget ended with code $?" >&2; exit 1; }
else echo 'the host has neither curl nor wget' >&2; exit 1; fi
${changes.length > 1 ? sh`:` : sh`if cmp -s -- "$t" "$p" 2>/dev/null; then ${check} && echo same; exit; fi`}
${joinShell([check, ...mode, ...ownershipSteps(sh`"$t"`, changes), keep, sh`mv -f -- "$t" "$p"`], ' && ')}`;
  const config = [
    ['url', params.url],
    ...Object.entries(headers).map(([name, value]) => ['header', `${name}: ${value}`]),
    ...(credentials === undefined ? [] : [['user', `${credentials.user}:${credentials.password}`]]),
    ...way,
  ].map(([name = '', value = '']) => `${name} = ${curlQuoted(value)}`);
  const reply = await host.run(script, { ownChannel: true, stdin: Buffer.from(config.join('\n'), 'utf8') });
  const failure = failureOf(reply, host);
  if (failure !== undefined) throw new ModuleFailure(`${params.url}: ${failure}`);
  if (reply.stdout.toString('utf8').trim() === 'same') return { changed: false, values };
  return { values: { ...values, ...(backup === undefined ? {} : { backup_file: backup }) } };
}
