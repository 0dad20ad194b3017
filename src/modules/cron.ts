import type { z } from 'zod';
import { sh } from '../shell/text.js';
import { succeeded } from './support/command-result.js';
import { editCrontab, type CronWish } from './support/crontab.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, named, text, word } from './support/fields.js';
import { parseReport, tell } from './support/report.js';
import { ModuleFailure, type Change, type LookReply } from './types.js';

/** A time field: `*`, numbers and ranges within its limits, steps, lists. One wrong line and cron leaves out the whole file. */
function field(
  description: string,
  limits: { readonly lowest: number; readonly highest: number; readonly names?: string },
) {
  const { lowest, highest, names = '' } = limits;
  const known = new Set(names.split(' ').filter(Boolean));
  const isPoint = (word: string): boolean =>
    known.has(word.toLowerCase()) || (/^\d+$/.test(word) && Number(word) >= lowest && Number(word) <= highest);
  const isPart = (part: string): boolean => {
    const [range = '', step, ...more] = part.split('/');
    const ends = range.split('-');
    const isRange = range === '*' || (ends.length <= 2 && ends.every(isPoint));
    return isRange && more.length === 0 && (step === undefined || /^[1-9]\d*$/.test(step));
  };
  return text(description)
    .refine((value) => value.split(',').every(isPart), `is no time field of a crontab (${lowest}-${highest})`)
    .default('*');
}

const cronParams = params(
  {
    name: named(/^[^\n\r]+$/, {
      otherwise: 'must be one line',
      description: 'What the job is known by: the line `#Ansible: NAME` before it. With `env`, the variable.',
    }),
    job: alias(
      named(/^[^\n\r]+$/, {
        otherwise: 'must be one line',
        description: 'The command, or with `env` the value.',
      }).optional(),
      'value',
    ),
    state: choice(['present', 'absent'], 'Whether it shall be there.').default('present'),
    env: flag('Sets a variable of the crontab instead of a job.').default(false),
    minute: field('0-59, `*`, `*/5`, lists and ranges.', { lowest: 0, highest: 59 }),
    hour: field('0-23.', { lowest: 0, highest: 23 }),
    day: alias(field('Day of the month, 1-31.', { lowest: 1, highest: 31 }), 'dom'),
    month: field('1-12, or `jan` to `dec`.', {
      lowest: 1,
      highest: 12,
      names: 'jan feb mar apr may jun jul aug sep oct nov dec',
    }),
    weekday: alias(
      field('0-6, Sunday is 0, or `sun` to `sat`.', { lowest: 0, highest: 7, names: 'sun mon tue wed thu fri sat' }),
      'dow',
    ),
    special_time: choice(
      ['reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'hourly'],
      'A nickname instead of the five fields.',
    ).optional(),
    disabled: flag('Keeps the job but comments it out.').default(false),
    user: named(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/, {
      otherwise: 'is no name of a user',
      description: 'Whose crontab; without it, that of the user the task runs as. With `cron_file`, who runs the job.',
    }).optional(),
    cron_file: word('A file in /etc/cron.d (or an absolute path) instead of a crontab.').optional(),
    insertafter: text('With `env`: after this variable.').optional(),
    insertbefore: text('With `env`: before this variable.').optional(),
  },
  (value) => {
    if (value.state === 'present' && value.job === undefined) return '`job` is required';
    if (value.env && !/^[A-Za-z_]\w*$/.test(value.name)) return '`name` is no name of a variable';
    if (value.cron_file !== undefined && !value.env && value.state === 'present' && value.user === undefined)
      return '`cron_file` needs `user`';
    const times = [value.minute, value.hour, value.day, value.month, value.weekday];
    if (value.special_time !== undefined && times.some((one) => one !== '*'))
      return '`special_time` and the five fields exclude each other';
    return value.cron_file?.split('/').includes('..') === true ? '`cron_file` must not hold ..' : undefined;
  },
);

type CronParams = z.output<typeof cronParams>;

interface Found {
  readonly text: string;
}

/** A job or a variable of a crontab. */
export const cron = defineModule<CronParams, unknown, Found>({
  name: 'cron',
  summary: "Adds, changes and removes jobs and variables of a user's crontab or a file of /etc/cron.d.",
  params: cronParams,
  look: ({ params }) => ({ kind: 'script', script: lookScript(params), parse: parseFound }),
  compare({ text: before }, { params }) {
    const after = editCrontab(before, wishOf(params));
    if (after === before) return { kind: 'same', values: { name: params.name } };
    const name = fileOf(params) ?? `crontab of ${params.user ?? 'the user'}`;
    const change: Change = { part: 'crontab', diff: { before, after, beforeName: name, afterName: name } };
    return { kind: 'change', changes: [change], values: { name: params.name }, provides: [] };
  },
  async change(host, { params, found }) {
    const after = Buffer.from(editCrontab(found.text, wishOf(params)), 'utf8');
    const file = fileOf(params);
    const values = { name: params.name };
    if (file === undefined) {
      // An empty crontab is none; not every crontab takes `-r` for a user without one.
      const of = params.user === undefined ? [] : ['-u', params.user];
      const script = after.length === 0 ? sh`crontab ${of} -r` : sh`crontab ${of} -`;
      succeeded(await host.run(script, { stdin: after }), { host, doing: 'cannot set the crontab' });
    } else if (after.length === 0) {
      succeeded(await host.run(sh`rm -f -- ${file}`), { host, doing: `cannot remove ${file}` });
    } else {
      await host.writeFile({ path: file, source: { kind: 'bytes', bytes: after }, mode: '0644' });
    }
    return { values };
  },
});

function lookScript(params: CronParams): ReturnType<typeof sh> {
  const file = fileOf(params);
  if (file !== undefined)
    return sh`${tell}
if [ -e ${file} ]; then tell body; cat < ${file}; fi`;
  const of = params.user === undefined ? [] : ['-u', params.user];
  return sh`${tell}
command -v crontab >/dev/null 2>&1 || { echo 'the host has no crontab: install cron' >&2; exit 1; }
if text=$(crontab ${of} -l 2>/dev/null && echo x); then tell body; printf '%s' "\${text%x}"
else said=$(crontab ${of} -l 2>&1 >/dev/null)
case $said in *'no crontab'* | *"can't open"*) ;; *) printf '%s\\n' "$said" >&2; exit 1 ;; esac; fi`;
}

function parseFound(reply: LookReply): Found {
  const text = parseReport(reply).body?.toString('utf8') ?? '';
  if (text.includes('\ufffd')) throw new ModuleFailure('the crontab holds bytes that are not UTF-8');
  return { text };
}

function fileOf({ cron_file: file }: CronParams): string | undefined {
  if (file === undefined) return undefined;
  return file.startsWith('/') ? file : `/etc/cron.d/${file}`;
}

function wishOf(params: CronParams): CronWish {
  const { name, state, env, disabled, insertafter, insertbefore, job = '' } = params;
  return { name, state, env, disabled, insertafter, insertbefore, line: env ? `${name}="${job}"` : jobLine(params) };
}

function jobLine(params: CronParams): string {
  const { special_time: special, minute, hour, day, month, weekday, cron_file: file, user, job = '' } = params;
  const times = special === undefined ? [minute, hour, day, month, weekday] : [`@${special}`];
  return [...times, ...(file === undefined || user === undefined ? [] : [user]), job].join(' ');
}
