import { randomBytes } from 'node:crypto';
import { joinShell, sh } from '../shell/text.js';
import { folderResources, pathResource } from './promises.js';
import { defineModule, params } from './support/define.js';
import { integer, mode, path, text } from './support/fields.js';
import { parseReport, tell } from './support/report.js';
import { ModuleFailure } from './types.js';

interface Found {
  /** Undefined: there is no file. */
  readonly value: string | undefined;
}

const passwordParams = params({
  path: path('The file that keeps the password.'),
  length: integer('Letters and digits of a new password.').default(24),
  mode: mode('Mode of the file.').default('0600'),
  owner: text('Its owner.').optional(),
  group: text('Its group.').optional(),
});

/** A password that is made once on a host and then stays. Use it with `no_log: true`, so that its value is masked. */
export const passwordFile = defineModule({
  name: 'password_file',
  summary: 'Makes a random password on the host once and tells it as `value`; use it with `no_log: true`.',
  params: passwordParams,
  freeForm: 'path',
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([tell, sh`if [ -e ${params.path} ]; then tell body; cat -- ${params.path}; fi`]),
    parse: (reply): Found => ({ value: parseReport(reply).body?.toString('utf8').trim() }),
  }),
  compare(found, { params }) {
    if (found.value === undefined) {
      const provides = [pathResource(params.path), ...folderResources(params.path)];
      return { kind: 'change', changes: [{ part: 'password', after: 'a new random one' }], provides };
    }
    if (found.value === '')
      throw new ModuleFailure(`${params.path} on the host is empty: remove it, and a password is made anew`);
    return { kind: 'same', values: { value: found.value, path: params.path } };
  },
  async change(host, { params }) {
    const value = randomPassword(params.length);
    await host.writeFile({
      path: params.path,
      source: { kind: 'bytes', bytes: Buffer.from(`${value}\n`, 'utf8') },
      mode: params.mode,
      ...(params.owner === undefined ? {} : { owner: params.owner }),
      ...(params.group === undefined ? {} : { group: params.group }),
    });
    return { values: { value, path: params.path } };
  },
});

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** Letters and digits that nobody mistakes for one another, each equally likely. */
function randomPassword(length: number): string {
  const limit = 256 - (256 % letters.length);
  let password = '';
  while (password.length < length) {
    for (const byte of randomBytes(length))
      if (byte < limit && password.length < length) password += letters[byte % letters.length];
  }
  return password;
}
