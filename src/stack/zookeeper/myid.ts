import { joinShell, sh } from '../../shell/text.js';
import { defineModule, params } from '../../modules/support/define.js';
import { integer, path, text } from '../../modules/support/fields.js';
import { parseReport, tell } from '../../modules/support/report.js';
import { pathResource } from '../../modules/promises.js';

interface Found {
  /** Undefined: the host has no identity yet. */
  readonly myid: string | undefined;
}

/** The identity of a ZooKeeper server: written once, never changed. */
export const zookeeperMyid = defineModule({
  name: 'zookeeper_myid',
  summary: 'Writes the id of a ZooKeeper server into its data folder once; another id later is refused.',
  params: params({
    path: path('The file myid in the data folder.'),
    id: integer('The id, 1 to 255.'),
    owner: text('Owner and group of the file, by number.').optional(),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([tell, sh`if [ -e ${params.path} ]; then tell body; cat -- ${params.path}; fi`]),
    parse: (reply): Found => ({ myid: parseReport(reply).body?.toString('utf8') }),
  }),
  compare(found, { params }) {
    const wanted = `${params.id}\n`;
    const values = { id: params.id };
    if (found.myid === wanted) return { kind: 'same', values };
    const known = found.myid?.trim();
    if (known !== undefined && known !== '' && known !== String(params.id)) {
      const message =
        `this server is number ${known} of the ensemble (${params.path}), and the playbook would make it number ${params.id}: ` +
        `a server that changes its number loses its votes and its data's history. Set \`zookeeper_myid: ${known}\` for this host`;
      return { kind: 'failed', message, values: { id: known } };
    }
    const change = {
      part: 'myid',
      ...(known === undefined ? {} : { before: found.myid ?? '' }),
      after: String(params.id),
    };
    return { kind: 'change', changes: [change], values, provides: [pathResource(params.path)] };
  },
  async change(host, { params }) {
    await host.writeFile({
      path: params.path,
      source: { kind: 'bytes', bytes: Buffer.from(`${params.id}\n`, 'utf8') },
      mode: '0644',
      ...(params.owner === undefined ? {} : { owner: params.owner, group: params.owner }),
    });
    return { values: { id: params.id } };
  },
});
