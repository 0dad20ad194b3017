import type { z } from 'zod';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, named, text } from './support/fields.js';
import {
  bytesContent,
  compareTarget,
  lookAtTarget,
  parseTarget,
  writeTarget,
  type TargetFound,
  type WantedContent,
} from './support/target-file.js';
import { sh } from '../shell/text.js';

const unitParams = params(
  {
    name: named(/^[A-Za-z0-9:_.\\@-]+\.(?:service|socket|timer|mount|path|target|slice)$/, {
      otherwise: 'must be a unit with its ending, such as `app.service`',
      description: 'The unit with its ending, such as `app.service`.',
    }),
    content: alias(text('The unit file.').optional(), 'block'),
    state: choice(['present', 'absent'], 'Whether the unit file shall be there.').default('present'),
    validate: flag('Has `systemd-analyze verify` accept the file first.').default(false),
  },
  ({ state, content }) => (state === 'present' && content === undefined ? '`content` is required' : undefined),
);

type UnitParams = z.output<typeof unitParams>;

const folder = '/etc/systemd/system';

/** A unit file of the host's own. */
export const systemdUnit = defineModule<UnitParams, WantedContent & { readonly sha256: string }, TargetFound>({
  name: 'systemd_unit',
  summary: 'Writes or removes a unit file in /etc/systemd/system and has systemd read it.',
  params: unitParams,
  prepare: async (_controller, params) => bytesContent(Buffer.from(params.content ?? '', 'utf8')),
  look: ({ params, prepared }) => ({
    kind: 'script',
    script: lookAtTarget(requestOf(params), prepared),
    parse: parseTarget,
  }),
  compare(found, { params, prepared, promised }) {
    const provides = [`service:${params.name}`, `service:${params.name.replace(/\.service$/, '')}`];
    if (params.state === 'absent') {
      if (found.state === undefined) return { kind: 'same' };
      return { kind: 'change', changes: [{ part: 'state', before: 'present', after: 'absent' }], provides };
    }
    const comparison = compareTarget(found, { request: requestOf(params), wanted: prepared, force: true, promised });
    return comparison.kind === 'change'
      ? { ...comparison, provides: [...(comparison.provides ?? []), ...provides] }
      : comparison;
  },
  async change(host, { params, prepared, found, changes }) {
    const doing = `cannot change the unit ${params.name}`;
    if (params.state === 'absent') succeeded(await host.run(sh`rm -f -- ${found.path}`), { host, doing });
    else await writeTarget(host, { request: requestOf(params), wanted: prepared, found, changes });
    succeeded(await host.run(sh`if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi`), { host, doing });
    return { values: { name: params.name, path: found.path } };
  },
});

function requestOf(params: UnitParams) {
  // verify judges a unit by its name, so the new text is given that name in a folder of its own.
  const verify =
    'd=$(mktemp -d) && cp -- %s "$d/$unit" && systemd-analyze verify "$d/$unit"; code=$?; rm -rf -- "$d"; exit $code';
  const validate = params.validate ? `unit=${params.name}; ${verify}` : undefined;
  return { dest: `${folder}/${params.name}`, follow: false, mode: '0644', validate };
}
