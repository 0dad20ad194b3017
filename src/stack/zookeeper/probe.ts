import { sh } from '../../shell/text.js';
import { defineModule, params } from '../../modules/support/define.js';
import { text, texts, word } from '../../modules/support/fields.js';
import { decodeOutput } from '../../modules/support/command-result.js';
import { ModuleFailure, type Comparison } from '../../modules/types.js';

/** Writes a znode through one member and reads it through another, with the program's own client. */
export const zookeeperProbe = defineModule({
  name: 'zookeeper_probe',
  summary:
    "Proves with ZooKeeper's own client that what is written on one member is read on another; leaves nothing behind.",
  params: params({
    members: texts('Members that serve, as host:port: written on the first, read on the last.'),
    container: word('A container of this host that holds the client.'),
    client: text('The client inside it.').default('zkCli.sh'),
  }),
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { preview }): Comparison =>
    preview ? { kind: 'same' } : { kind: 'act', summary: 'write and read a znode' },
  async change(host, { params }) {
    const [first] = params.members;
    const last = params.members.at(-1);
    if (first === undefined || last === undefined) throw new ModuleFailure('no member serves');
    const znode = `/runner-probe-${Date.now()}`;
    const client = sh`timeout 30 docker exec ${params.container} ${params.client} -server`;
    const reply = await host.run(
      sh`${client} ${first} create ${znode} ${`written-${znode}`} >/dev/null 2>&1
said=$(${client} ${last} get ${znode} 2>&1)
${client} ${first} delete ${znode} >/dev/null 2>&1
printf '%s\n' "$said"`,
      { timeoutSeconds: 120 },
    );
    const said = decodeOutput(reply.stdout).text;
    if (!said.includes(`written-${znode}`)) {
      throw new ModuleFailure(`${last} does not give back what was written on ${first}: ${said.slice(-1000)}`);
    }
    return { changed: false, values: { written_on: first, read_on: last } };
  },
});
