import { createHmac, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { sh } from '../shell/text.js';
import { succeeded } from './support/command-result.js';
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
import { ModuleFailure } from './types.js';

const knownHostsParams = params(
  {
    name: alias(
      named(/^[^\s,#|@]+$/, {
        otherwise: 'is no name of a host',
        description: 'The host: a name or address, `[name]:port` for another port than 22.',
      }),
      'host',
    ),
    key: text(
      'Its public keys, one a line, as ssh-keyscan prints them; the name before a key may be left out.',
    ).optional(),
    path: path('The file.').default('~/.ssh/known_hosts'),
    hash_host: flag('Writes the name as a hash.').default(false),
    state: choice(['present', 'absent'], 'Whether the keys shall be known.').default('present'),
  },
  ({ key, state }) => (state === 'present' && key === undefined ? '`key` is required' : undefined),
);

type KnownHostsParams = z.output<typeof knownHostsParams>;

/** Keys of servers that ssh of the host trusts. */
export const knownHosts = defineModule<KnownHostsParams, unknown, EditFound>({
  name: 'known_hosts',
  summary: 'Adds, replaces and removes the keys of a server in a known_hosts file of the host.',
  params: knownHostsParams,
  look: ({ params }) => ({ kind: 'script', script: lookAtEdited(editOf(params)), parse: parseEdited }),
  compare: (found, { params, promised }) =>
    // The folder is made by the change when it is missing.
    compareEdited({ ...found, parent: true }, { params: editOf(params), promised, edit: editorOf(params) }),
  async change(host, { params, found, changes }) {
    const folder = found.path.replace(/\/+[^/]*$/, '') || '/';
    if (!found.parent) {
      succeeded(await host.run(sh`mkdir -p -m 0700 -- ${folder}`), { host, doing: `cannot make the folder ${folder}` });
    }
    return writeEdited(host, { params: editOf(params), found, changes, edit: editorOf(params) });
  },
});

function editOf(params: KnownHostsParams): Parameters<typeof lookAtEdited>[0] {
  return { path: params.path, create: true, backup: false };
}

function editorOf(params: KnownHostsParams): Editor {
  return (file) => ({ text: editKnownHosts(file, params), values: { name: params.name } });
}

/**
 * The file with the keys of a host put in or taken out. A key replaces another of the same kind; without `key`, absent
 * removes all. Lines with a marker (`@revoked`) and names for several hosts keep what is not asked for.
 */
export function editKnownHosts(
  file: string,
  wish: Pick<KnownHostsParams, 'name' | 'key' | 'state' | 'hash_host'>,
): string {
  const { name, state } = wish;
  const wanted = keysOf(wish.key ?? '', name);
  const lines = file === '' ? [] : file.replace(/\n$/, '').split('\n');
  const pending = new Set(wanted);
  const kept = lines.flatMap((line) => {
    const [names = '', kind = '', body = ''] = line.trim().split(/\s+/);
    if (names.startsWith('#') || names.startsWith('@') || !namesHost(names, name)) return [line];
    const key = `${kind} ${body}`;
    if (state === 'absent') return wanted.length === 0 || wanted.includes(key) ? without(line, name) : [line];
    if (wanted.includes(key) && pending.delete(key)) return [line];
    return wanted.includes(key) || wanted.some((one) => one.startsWith(`${kind} `)) ? without(line, name) : [line];
  });
  const shown = wish.hash_host ? hashed(name) : name;
  const added = state === 'absent' ? [] : [...pending].map((key) => `${shown} ${key}`);
  const result = [...kept, ...added];
  return result.length === 0 ? '' : `${result.join('\n')}\n`;
}

/** "kind base64" of each line of a task's `key`. */
function keysOf(text: string, name: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, before, key] =
        /^(?:(\S+)\s+)?((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+\s+[A-Za-z0-9+/]{16,}={0,3})(?:\s|$)/.exec(line) ?? [];
      if (key === undefined) throw new ModuleFailure(`this is no public key of a host: ${line.slice(0, 60)}`);
      if (before !== undefined && !namesHost(before, name))
        throw new ModuleFailure(`this is a key of ${before}, not of ${name}`);
      return key.replace(/\s+/, ' ');
    });
}

/** Whether the first field of a line names a host: in its list, or as its hash (HMAC-SHA1 by the salt in it, sshd(8)). */
function namesHost(names: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|(.+)$/.exec(names) ?? [];
  if (salt === undefined || hash === undefined) return names.split(',').includes(name);
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** A line without one of its names; no line when it was the only one. */
function without(line: string, name: string): readonly string[] {
  const [names = '', ...rest] = line.trim().split(/\s+/);
  const others = names.split(',').filter((one) => one !== name);
  return names.startsWith('|') || others.length === 0 ? [] : [[others.join(','), ...rest].join(' ')];
}
