import { joinShell, sh, type ShellText } from '../../shell/text.js';
import { defineModule, params } from '../../modules/support/define.js';
import { text, texts, word } from '../../modules/support/fields.js';
import { decodeOutput } from '../../modules/support/command-result.js';
import { parseReport, tell } from '../../modules/support/report.js';
import { ModuleFailure, type Comparison, type HostWriter } from '../../modules/types.js';
import { askFunction, splitEndpoint, type Endpoint } from '../probe/ask.js';
import { dataOf, sessionAnswers, sessionBytes, type Answered, type Operation } from './client-protocol.js';

/** A write that goes through one member and is read through another. */
interface Probe {
  readonly first: Endpoint;
  readonly last: Endpoint;
  readonly znode: string;
  readonly data: string;
}

/** Writes a znode through one member and reads it through another. */
export const zookeeperProbe = defineModule({
  name: 'zookeeper_probe',
  summary: 'Proves that what is written on one member of ZooKeeper is read on another; leaves nothing behind.',
  params: params({
    members: texts('Members that serve, as host:port: written on the first, read on the last.'),
    container: word("A container of this host that holds ZooKeeper's own client."),
    client: text(
      'That client: it is asked where a member does not take a plain session (it may want a login).',
    ).default('zkCli.sh'),
  }),
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { preview }): Comparison =>
    preview ? { kind: 'same' } : { kind: 'act', summary: 'write and read a znode' },
  async change(host, { params }) {
    const [first] = params.members;
    const last = params.members.at(-1);
    if (first === undefined || last === undefined) throw new ModuleFailure('no member serves');
    const znode = `/runner-probe-${Date.now()}`;
    const probe: Probe = { first, last, znode, data: `written-${znode}` };
    if (!(await proveItself(host, probe))) await proveByClient(host, { probe, ...params });
    return { changed: false, values: { written_on: first, read_on: last } };
  },
});

/** Speaks ZooKeeper's protocol from the host; whether the proof came of it. */
async function proveItself(host: HostWriter, { first, last, znode: path, data }: Probe): Promise<boolean> {
  const written = session('first', { endpoint: first, operations: [{ kind: 'create', path, data }] });
  const read = session('last', {
    endpoint: last,
    operations: [
      { kind: 'sync', path },
      { kind: 'get', path },
      { kind: 'delete', path },
    ],
  });
  const answers = await answersTo(host, [written, read]);
  const [, got, deleted] = answers('last');
  const created = answers('first')[0]?.error === 0;
  if (created && deleted?.error !== 0) {
    const again = session('again', { endpoint: first, operations: [{ kind: 'delete', path }] });
    await answersTo(host, [again]);
  }
  return created && dataOf(got) === data;
}

async function answersTo(
  host: HostWriter,
  sessions: readonly ShellText[],
): Promise<(key: string) => readonly Answered[]> {
  const reply = await host.run(joinShell([tell, askFunction, ...sessions]), { timeoutSeconds: 60 });
  if (reply.end.kind !== 'code' || reply.end.code !== 0) return () => [];
  const report = parseReport({ code: 0, stdout: reply.stdout, stderr: reply.stderr });
  return (key) => sessionAnswers(Buffer.from(report.word(key) ?? '', 'base64'));
}

function session(
  key: string,
  of: { readonly endpoint: Endpoint; readonly operations: readonly Operation[] },
): ShellText {
  const { host, port } = splitEndpoint(of.endpoint);
  const octal = [...sessionBytes(of.operations)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return sh`tell ${key} "$(printf ${octal} | tcp_ask ${host} ${port} | base64)"`;
}

/** By the program's own client, whose words are told when nothing comes of it. Throws ModuleFailure. */
async function proveByClient(
  host: HostWriter,
  by: { readonly probe: Probe; readonly container: string; readonly client: string },
): Promise<void> {
  const { first, last, znode, data } = by.probe;
  const client = sh`timeout 30 docker exec ${by.container} ${by.client} -server`;
  const reply = await host.run(
    sh`${client} ${first} create ${znode} ${data} >/dev/null 2>&1
said=$(${client} ${last} get ${znode} 2>&1)
${client} ${first} delete ${znode} >/dev/null 2>&1
printf '%s\n' "$said"`,
    { timeoutSeconds: 120 },
  );
  const said = decodeOutput(reply.stdout).text;
  if (!said.includes(data))
    throw new ModuleFailure(`${last} does not give back what was written on ${first}: ${said.slice(-1000)}`);
}
