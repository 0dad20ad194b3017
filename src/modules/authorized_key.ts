import type { z } from 'zod';
import { joinShell, sh } from '../shell/text.js';
import { succeeded } from './support/command-result.js';
import { accountLines } from './support/account-state.js';
import { defineModule, params } from './support/define.js';
import { choice, flag, named, path, text, word } from './support/fields.js';
import { parseReport, tell } from './support/report.js';
import { ModuleFailure, type Change } from './types.js';

const keyParams = params({
  user: named(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/, { otherwise: 'is no name of a user', description: 'Whose keys.' }),
  key: word('The public key, or several, one a line.'),
  state: choice(['present', 'absent'], 'Whether the keys shall be there.').default('present'),
  exclusive: flag('Removes all other keys.').default(false),
  key_options: text('Options before the key, such as `no-pty`.').optional(),
  path: path('The file, when it is not ~/.ssh/authorized_keys of the user.').optional(),
});

type KeyParams = z.output<typeof keyParams>;

interface Found {
  readonly user: boolean;
  readonly file: string;
  readonly text: string;
}

/** Keys that may log in as a user. */
export const authorizedKey = defineModule<KeyParams, unknown, Found>({
  name: 'authorized_key',
  summary: 'Adds and removes public keys that may log in as a user.',
  params: keyParams,
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([
      tell,
      accountLines,
      sh`home=$(account passwd ${params.user} | head -n 1 | cut -d: -f6)
if [ -n "$home" ]; then tell user; fi
file=${params.path ?? ''}
[ -n "$file" ] || file=$home/.ssh/authorized_keys
tell file "$file"
if [ -f "$file" ]; then tell body; cat < "$file" || exit 1; fi
exit 0`,
    ]),
    parse(reply) {
      const report = parseReport(reply);
      const isThere = report.records('user').length > 0;
      return { user: isThere, file: report.need('file'), text: report.body?.toString('utf8') ?? '' };
    },
  }),
  compare(found, { params, promised }) {
    if (!found.user) {
      if (promised?.has(`user:${params.user}`) !== true)
        throw new ModuleFailure(`there is no user ${params.user} on the host`);
      return { kind: 'change', changes: [{ part: 'keys', after: 'added' }], provides: [] };
    }
    const after = editKeys(found.text, params);
    if (after === found.text) return { kind: 'same', values: { keyfile: found.file } };
    const change: Change = {
      part: 'keys',
      diff: { before: found.text, after, beforeName: found.file, afterName: found.file },
    };
    return { kind: 'change', changes: [change], values: { keyfile: found.file }, provides: [] };
  },
  async change(host, { params, found }) {
    const doing = `cannot change the keys of ${params.user}`;
    if (params.path === undefined) {
      // As the user: the folder is theirs, and a link they put there leads nowhere they may not write.
      const script = sh`d=${found.file.replace(/\/[^/]*$/, '')}; user=${params.user}
[ ! -L "$d" ] || { echo "$d is a link" >&2; exit 1; }
[ -d "$d" ] || { mkdir -m 0700 -- "$d" && chown -h -- "$user:$(id -g "$user")" "$d"; }
id -g "$user"`;
      const group = succeeded(await host.run(script), { host, doing })
        .toString('utf8')
        .trim();
      await write(host, { params, found, group });
    } else await write(host, { params, found, group: undefined });
    return { values: { keyfile: found.file } };
  },
});

async function write(
  host: Parameters<typeof authorizedKey.change>[0],
  options: { readonly params: KeyParams; readonly found: Found; readonly group: string | undefined },
): Promise<void> {
  const { params, found, group } = options;
  await host.writeFile({
    path: found.file,
    source: { kind: 'bytes', bytes: Buffer.from(editKeys(found.text, params), 'utf8') },
    mode: '0600',
    ...(group === undefined ? {} : { owner: params.user, group }),
  });
}

/** The file with the keys put in or taken out. A key is known by its kind and its base64 body; comments do not count. */
export function editKeys(file: string, wish: Pick<KeyParams, 'key' | 'state' | 'exclusive' | 'key_options'>): string {
  const lines = file.split('\n').filter((line, index, all) => line !== '' || index < all.length - 1);
  const keys = wish.key
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const wanted = new Map(keys.map((line) => [bodyOf(line), wish.key_options ? `${wish.key_options} ${line}` : line]));
  const bad = keys.find((line) => bodyOf(line) === undefined);
  if (bad !== undefined) throw new ModuleFailure(`this is no public key: ${bad.slice(0, 60)}`);
  const kept = lines.flatMap((line) => {
    const body = bodyOf(line);
    if (body === undefined)
      return wish.exclusive && wish.state === 'present' && line.trim() !== '' && !line.startsWith('#') ? [] : [line];
    const replacement = wanted.get(body);
    if (replacement === undefined) return wish.exclusive && wish.state === 'present' ? [] : [line];
    wanted.delete(body);
    if (wish.state === 'absent') return [];
    return wish.key_options === undefined ? [line] : [replacement];
  });
  const added = wish.state === 'absent' ? [] : [...wanted.values()];
  const result = [...kept, ...added];
  return result.length === 0 ? '' : `${result.join('\n')}\n`;
}

function bodyOf(line: string): string | undefined {
  return /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+ [A-Za-z0-9+/]{16,}={0,3})(?:\s|$)/.exec(line)?.[1];
}
