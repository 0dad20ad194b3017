import type { z } from 'zod';
import { sh } from '../shell/text.js';
import { accountLines } from './support/account-state.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, integer, named } from './support/fields.js';
import { parseReport, tell } from './support/report.js';
import type { Change } from './types.js';

const groupParams = params({
  name: alias(
    named(/^[A-Za-z_][A-Za-z0-9_.-]*$/, { otherwise: 'is no name of a group', description: "The group's name." }),
    'group',
  ),
  state: choice(['present', 'absent'], 'Whether there shall be such a group.').default('present'),
  gid: integer('The number.').optional(),
  system: flag('Makes it a system group.').default(false),
});

type GroupParams = z.output<typeof groupParams>;

interface Found {
  readonly gid: number | undefined;
  readonly busybox: boolean;
}

/** Groups of users. */
export const group = defineModule<GroupParams, unknown, Found>({
  name: 'group',
  summary: 'Makes, changes and removes groups.',
  params: groupParams,
  freeForm: 'name',
  look: ({ params }) => ({
    kind: 'script',
    script: sh`${tell}
${accountLines}
tell line "$(account group ${params.name} | head -n 1)"
command -v groupadd >/dev/null 2>&1 || tell busybox
exit 0`,
    parse(reply) {
      const report = parseReport(reply);
      const gid = report.need('line').split(':')[2];
      return { gid: gid === undefined ? undefined : Number(gid), busybox: report.records('busybox').length > 0 };
    },
  }),
  compare(found, { params }) {
    const { name, state } = params;
    const changes = groupChanges(found.gid, params);
    const values = { name, state, ...(found.gid === undefined ? {} : { gid: found.gid }) };
    if (changes.length === 0) return { kind: 'same', values };
    return { kind: 'change', changes, values, provides: state === 'present' ? [`group:${name}`] : [] };
  },
  async change(host, { params, found }) {
    const { name, gid, system } = params;
    const number = gid === undefined ? [] : ['-g', String(gid)];
    const commands = {
      add: found.busybox
        ? sh`addgroup ${[...number, ...(system ? ['-S'] : [])]} -- ${name}`
        : sh`groupadd ${[...number, ...(system ? ['-r'] : [])]} -- ${name}`,
      change: sh`groupmod ${number} -- ${name}`,
      remove: found.busybox ? sh`delgroup ${name}` : sh`groupdel -- ${name}`,
    };
    const kind = found.gid === undefined ? 'add' : 'change';
    const command = commands[params.state === 'absent' ? 'remove' : kind];
    succeeded(await host.run(command), { host, doing: `cannot change the group ${name}` });
    return { values: { name, state: params.state } };
  },
});

function groupChanges(found: number | undefined, { state, gid }: GroupParams): readonly Change[] {
  if (state === 'absent') return found === undefined ? [] : [{ part: 'state', before: 'present', after: 'absent' }];
  if (found === undefined)
    return [
      { part: 'state', before: 'absent', after: 'present' },
      ...(gid === undefined ? [] : [{ part: 'gid', after: gid }]),
    ];
  return gid === undefined || gid === found ? [] : [{ part: 'gid', before: found, after: gid }];
}
