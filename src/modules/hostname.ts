import { sh } from '../shell/text.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { named } from './support/fields.js';
import { parseReport, tell } from './support/report.js';
import type { Change } from './types.js';

/** The host's name. */
export const hostname = defineModule({
  name: 'hostname',
  summary: "Sets the host's name, now and at boot.",
  params: params({
    name: named(/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/, {
      otherwise: 'is no name of a host',
      description: 'The name.',
    }),
  }),
  freeForm: 'name',
  look: () => ({
    kind: 'script',
    script: sh`${tell}
tell now "$(cat /proc/sys/kernel/hostname)"
tell boot "$(cat /etc/hostname 2>/dev/null)"`,
    parse(reply) {
      const report = parseReport(reply);
      return { now: report.need('now').trim(), boot: (report.word('boot') ?? '').trim() };
    },
  }),
  compare(found, { params: { name } }) {
    const changes: Change[] = [];
    if (found.now !== name) changes.push({ part: 'name', before: found.now, after: name });
    if (found.boot !== name) changes.push({ part: 'name at boot', before: found.boot, after: name });
    return changes.length === 0
      ? { kind: 'same', values: { name } }
      : { kind: 'change', changes, values: { name }, provides: [] };
  },
  async change(host, { params: { name }, changes }) {
    const doing = 'cannot set the name of the host';
    if (changes.some(({ part }) => part === 'name at boot')) {
      await host.writeFile({
        path: '/etc/hostname',
        source: { kind: 'bytes', bytes: Buffer.from(`${name}\n`, 'utf8') },
        mode: '0644',
      });
    }
    if (changes.some(({ part }) => part === 'name')) succeeded(await host.run(sh`hostname ${name}`), { host, doing });
    return { values: { name } };
  },
});
