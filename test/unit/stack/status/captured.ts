import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LookReply } from '../../../../src/modules/types.js';
import { hostRows } from '../../../../src/stack/status/host-look.js';
import { membersOf } from '../../../../src/stack/status/members.js';
import type { ComponentName, Member, Row } from '../../../../src/stack/status/types.js';

export type Records = readonly (readonly string[])[];

/** Answers of real hosts of the lab, as records of words; `test/unit/stack/status/captured` has them by what they show. */
export function captured(name: string): Records {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'captured', `${name}.json`), 'utf8')) as Records;
}

/** What a script that tells these records prints. */
export function replyOf(records: Records): LookReply {
  const words = records.flatMap((record) => [String(record.length), ...record]);
  return { code: 0, stdout: Buffer.from(words.map((word) => `${word}\0`).join(''), 'utf8'), stderr: Buffer.alloc(0) };
}

const groups: Readonly<Record<string, readonly string[]>> = {
  node1: ['zookeeper', 'mesos_master', 'marathon'],
  node2: ['zookeeper', 'mesos_master', 'marathon'],
  node3: ['zookeeper', 'mesos_master', 'marathon'],
  node4: ['mesos_slave', 'bamboo'],
  node5: ['mesos_slave', 'bamboo'],
};
const addresses = { node1: '43', node2: '44', node3: '45', node4: '46', node5: '47' };

/** The hosts of the lab the answers came from. */
export const lab: readonly Member[] = Object.entries(addresses).flatMap(([host, last]) =>
  membersOf({ host, address: `198.18.0.${last}`, groups: groups[host] ?? [], read: () => undefined }),
);

/** The rows of one host of the lab from its answer. */
export function rowsOf(host: string, records: Records): readonly Row[] {
  return hostRows(replyOf(records), {
    host,
    members: lab.filter((member) => member.host === host),
    hostAt: (endpoint) => lab.find((member) => member.endpoint === endpoint)?.host ?? endpoint,
  });
}

/** The row of one component; the captured answer with some records changed. */
export function rowOf<Component extends ComponentName>(
  component: Component,
  options: { readonly host: string; readonly records: Records },
): Extract<Row, { readonly component: Component }> {
  const found = rowsOf(options.host, options.records).find((row) => row.component === component);
  if (found === undefined) throw new RangeError(`${options.host} has no ${component}`);
  return found as Extract<Row, { readonly component: Component }>;
}

/** The records with the answer to one question replaced; no text: silence that ended with `code`. */
export function withAnswer(
  records: Records,
  answer: { readonly key: string; readonly text?: string; readonly code?: string },
): Records {
  const { key, text = '', code = '0' } = answer;
  return records.map((record) => (record[0] === 'answer' && record[1] === key ? ['answer', key, code, text] : record));
}

/** An HTTP answer with a body of JSON. */
export function json(data: unknown): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(data)}`;
}
