import type { z } from 'zod';
import { joinShell, sh, type ShellText } from '../shell/text.js';
import { folderResources, treeResource } from './promises.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, flag, integer, named, path, text } from './support/fields.js';
import { pathWord } from './support/path-word.js';
import { parseReport, tell } from './support/report.js';
import { splitWords } from './support/split-words.js';
import { ModuleFailure, type Change, type LookReply } from './types.js';

const notAFlag = { otherwise: 'must not be empty, hold a newline or begin with a dash' };
const plainWord = /^[^-\s][^\n\r]*$/;

const gitParams = params({
  repo: alias(
    named(plainWord, { ...notAFlag, description: 'The repository: an address or a path of the host.' }),
    'name',
  ),
  dest: path('The folder of the checkout.'),
  version: named(/^[^-\s][^\s~^:?*[\\]*$/, {
    otherwise: 'is no branch, tag or commit',
    description: 'A branch, a tag or a whole commit id; `HEAD` is the default branch.',
  }).default('HEAD'),
  remote: named(/^\w[\w.-]*$/, {
    otherwise: 'is no name of a remote',
    description: 'What the repository is called.',
  }).default('origin'),
  update: flag('Brings an existing checkout to the version.').default(true),
  clone: flag('Makes the checkout when there is none.').default(true),
  force: flag('Throws local changes away.').default(false),
  depth: integer('Only so many commits of the history.').optional(),
  recursive: flag('Checks submodules out as well.').default(true),
  key_file: path('The private key on the host that ssh uses.').optional(),
  ssh_opts: text('Further words for ssh, split as a shell does: `-o ConnectTimeout=5`.').optional(),
  single_branch: flag("Ansible's word for what is always so here: only the wanted branch is read.").default(true),
  accept_newhostkey: alias(flag('ssh trusts a server it has not seen before.').default(false), 'accept_hostkey'),
});

type GitParams = z.output<typeof gitParams>;

interface Found {
  readonly dest: string;
  readonly state: 'absent' | 'empty' | 'other' | 'checkout';
  readonly head: string | undefined;
  readonly branch: string | undefined;
  readonly url: string | undefined;
  readonly modified: string | undefined;
  /** What `git ls-remote` prints; undefined when it was not asked. */
  readonly remote: string | undefined;
}

interface Target {
  readonly kind: 'branch' | 'tag' | 'commit';
  readonly name: string;
  readonly commit: string;
}

/** A checkout of a git repository. */
export const git = defineModule<GitParams, unknown, Found>({
  name: 'git',
  summary: 'Checks a version of a git repository out on the host, with the git of the host.',
  params: gitParams,
  background: 'awaited',
  look: ({ params }) => ({ kind: 'script', script: lookScript(params), parse: parseFound }),
  compare(found, { params }) {
    const { dest, head, state } = found;
    const isThere = state === 'checkout';
    const keeps = isThere ? !params.update : !params.clone;
    if (keeps) return { kind: 'same', values: { before: head ?? null, after: head ?? null } };
    if (state === 'other') throw new ModuleFailure(`${dest} is there and is no git checkout`);
    const target = targetOf(found, params);
    const values = {
      before: head ?? null,
      after: target.commit,
      remote_url_changed: isThere && found.url !== params.repo,
    };
    const changes: Change[] = [];
    if (isThere && found.url !== params.repo)
      changes.push({ part: 'remote', ...(found.url === undefined ? {} : { before: found.url }), after: params.repo });
    if (head !== target.commit || (target.kind === 'branch' && found.branch !== target.name)) {
      changes.push({
        part: 'version',
        ...(head === undefined ? {} : { before: nameOf(head, found.branch) }),
        after: nameOf(target.commit, target.name),
      });
    }
    if (found.modified !== undefined && params.force) changes.push({ part: 'local changes', before: found.modified });
    if (changes.length === 0) return { kind: 'same', values };
    if (found.modified !== undefined && !params.force)
      throw new ModuleFailure(
        `${dest} holds local changes (${found.modified}): \`force: true\` throws them away`,
        values,
      );
    return { kind: 'change', changes, values, provides: [treeResource(dest), ...folderResources(dest)] };
  },
  async change(host, { params, found }) {
    const target = targetOf(found, params);
    host.progress(`checking ${nameOf(target.commit, target.name)} of ${params.repo} out`);
    const reply = await host.run(changeScript({ params, found, target }), { ownChannel: true });
    succeeded(reply, { host, doing: `cannot check ${params.repo} out` });
    return { values: { before: found.head ?? null, after: target.commit } };
  },
});

/** git asks nobody: a missing password or key is an error. */
function environment(params: GitParams): ShellText {
  const options = [
    ...(params.accept_newhostkey ? ['-o', 'StrictHostKeyChecking=accept-new'] : []),
    ...(params.key_file === undefined ? [] : ['-o', 'IdentitiesOnly=yes']),
    ...splitWords(params.ssh_opts ?? ''),
  ];
  const key = params.key_file === undefined ? sh`` : sh` -i ${pathWord(params.key_file)}`;
  const command = sh`ssh -o BatchMode=yes ${options}${key}`;
  return sh`command -v git >/dev/null 2>&1 || { echo 'the host has no git' >&2; exit 1; }
GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND=${command.raw}; export GIT_TERMINAL_PROMPT GIT_SSH_COMMAND`;
}

function lookScript(params: GitParams): ShellText {
  const asks = isCommit(params.version)
    ? sh`:`
    : sh`remote=$(git ls-remote --symref -- ${params.repo}) || exit 1
  tell remote "$remote"`;
  return sh`${tell}
${environment(params)}
d=${pathWord(params.dest)}; tell dest "$d"
wanted=${params.clone ? 'yes' : ''}
if [ -e "$d/.git" ]; then
  tell state checkout
  url=$(git -C "$d" config --get ${`remote.${params.remote}.url`}) && tell url "$url"
  git -C "$d" status --porcelain >/dev/null || exit 1
  head=$(git -C "$d" rev-parse -q --verify HEAD) && tell head "$head"
  branch=$(git -C "$d" symbolic-ref -q --short HEAD) && tell branch "$branch"
  modified=$(git -C "$d" status --porcelain --untracked-files=no | head -n 1)
  if [ -n "$modified" ]; then tell modified "$modified"; fi
  wanted=${params.update ? 'yes' : ''}
elif [ ! -e "$d" ]; then tell state absent
elif [ -d "$d" ] && [ -z "$(ls -A -- "$d")" ]; then tell state empty
else tell state other; fi
if [ -n "$wanted" ]; then
  ${asks}
fi
exit 0`;
}

function parseFound(reply: LookReply): Found {
  const report = parseReport(reply);
  const state = report.need('state');
  return {
    dest: report.need('dest'),
    state: state === 'absent' || state === 'empty' || state === 'checkout' ? state : 'other',
    head: report.word('head'),
    branch: report.word('branch'),
    url: report.word('url'),
    modified: report.word('modified')?.trim(),
    remote: report.word('remote'),
  };
}

/** What the version is on the remote: a branch before a tag of the same name, as Ansible has it. */
function targetOf(found: Found, { version, repo }: GitParams): Target {
  if (isCommit(version)) return { kind: 'commit', name: version, commit: version };
  const lines = (found.remote ?? '').split('\n').map((line) => line.split('\t'));
  const commitOf = (ref: string): string | undefined =>
    lines.find(([first, name]) => name === ref && isCommit(first ?? ''))?.[0];
  const head = lines.find(([first, name]) => name === 'HEAD' && first?.startsWith('ref: refs/heads/'))?.[0];
  const name =
    version === 'HEAD'
      ? (head?.slice('ref: refs/heads/'.length) ?? version)
      : version.replace(/^refs\/(?:heads|tags)\//, '');
  const branch = commitOf(`refs/heads/${name}`);
  if (branch !== undefined && !version.startsWith('refs/tags/')) return { kind: 'branch', name, commit: branch };
  const tag = commitOf(`refs/tags/${name}^{}`) ?? commitOf(`refs/tags/${name}`);
  if (tag !== undefined) return { kind: 'tag', name, commit: tag };
  const detached = version === 'HEAD' ? commitOf('HEAD') : undefined;
  if (detached !== undefined) return { kind: 'commit', name: detached, commit: detached };
  throw new ModuleFailure(`${repo} has no branch or tag ${version} (a commit needs its whole id)`);
}

function changeScript(options: {
  readonly params: GitParams;
  readonly found: Found;
  readonly target: Target;
}): ShellText {
  const { params, found, target } = options;
  const { remote, depth, force } = params;
  const shallow = depth === undefined ? [] : [`--depth=${depth}`];
  const tracked = `refs/remotes/${remote}/${target.name}`;
  const fetches = {
    branch: sh`git fetch -q ${shallow} --force ${remote} ${`+refs/heads/${target.name}:${tracked}`}`,
    tag: sh`git fetch -q ${shallow} --force ${remote} ${`+refs/tags/${target.name}:refs/tags/${target.name}`}`,
    // Not every server gives out a commit by its id: then all branches are read.
    commit: sh`{ git cat-file -e ${`${target.commit}^{commit}`} 2>/dev/null || git fetch -q ${shallow} ${remote} ${target.commit} 2>/dev/null || git fetch -q --tags --force ${remote} ${`+refs/heads/*:refs/remotes/${remote}/*`}; }`,
  };
  const start = force ? ['--force'] : [];
  const checkout =
    target.kind === 'branch'
      ? sh`git checkout -q ${start} -B ${target.name} ${target.commit} -- && git branch -q ${`--set-upstream-to=${remote}/${target.name}`}`
      : sh`git checkout -q ${start} --detach ${target.commit} --`;
  const isNew = found.state !== 'checkout';
  const steps = [
    ...(isNew ? [sh`mkdir -p -- "$d" && git init -q -- "$d"`] : []),
    sh`cd -- "$d"`,
    found.url === undefined
      ? sh`git remote add ${remote} ${params.repo}`
      : sh`git remote set-url ${remote} ${params.repo}`,
    fetches[target.kind],
    ...(force && !isNew ? [sh`git reset -q --hard`] : []),
    checkout,
    params.recursive
      ? sh`{ [ ! -f .gitmodules ] || { git submodule -q sync --recursive && git submodule -q update --init --recursive ${start}; }; }`
      : sh`:`,
  ];
  // A failed first fetch leaves nothing behind that the next run would take for a checkout.
  const clean = isNew ? sh`{ code=$?; rm -rf -- "$d/.git"; exit "$code"; }` : sh`exit`;
  return sh`${environment(params)}
d=${found.dest}
${joinShell(steps, ' &&\n')} || ${clean}`;
}

function nameOf(commit: string, name: string | undefined): string {
  return name === undefined || name === commit ? commit : `${name} (${commit.slice(0, 12)})`;
}

function isCommit(version: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(version);
}
