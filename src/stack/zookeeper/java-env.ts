import { joinShell, sh, shellSource } from '../../shell/text.js';
import { defineModule, params } from '../../modules/support/define.js';
import { flag, path, text } from '../../modules/support/fields.js';
import { parseReport, tell } from '../../modules/support/report.js';
import { pathResource } from '../../modules/promises.js';
import { versionOf } from '../version.js';
import { needsSnapshot, youngDataProblem } from '../ensembles/zookeeper-path.js';

interface Found {
  /** Undefined: there is no file. */
  readonly content: string | undefined;
  /** Whether there is a log of transactions, and no snapshot to begin from. */
  readonly young: boolean;
}

const usual = '# Written by the role zookeeper: read by zkEnv.sh when the server starts.\n';

/** `snapshot.trust.empty` is the server's own leave to begin from a log alone (ZOOKEEPER-3056). */
const trusting = `${usual}# For one start: the data is a log of transactions without a snapshot, as a young 3.4 leaves it.
SERVER_JVMFLAGS="$SERVER_JVMFLAGS -Dzookeeper.snapshot.trust.empty=true"
`;

/** The file java.env, which lets a server start once on the data of a young 3.4. */
export const zookeeperJavaEnv = defineModule({
  name: 'zookeeper_java_env',
  summary:
    'Writes java.env: where the data is a log of transactions without a snapshot, as a young 3.4 leaves it, it lets a server of 3.5 or later start on it once; with `served` it takes that leave away.',
  params: params({
    path: path('The file java.env.'),
    data: path('The data folder, which holds snapshots.'),
    data_log: path('The folder of the log of transactions.'),
    version: text('The version that is about to start.'),
    served: flag('The server serves: a snapshot must be there by now.').default(false),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([
      tell,
      shellSource(`sized() { for each in "$@"; do [ ! -s "$each" ] || { printf yes; return; }; done; }`),
      sh`tell snapshots "$(sized ${params.data}/version-2/snapshot.*)"
tell logs "$(sized ${params.data}/version-2/log.* ${params.data_log}/version-2/log.*)"
if [ -f ${params.path} ]; then tell body; cat -- ${params.path}; fi`,
    ]),
    parse(reply): Found {
      const report = parseReport(reply);
      return {
        content: report.body?.toString('utf8'),
        young: report.need('logs') === 'yes' && report.need('snapshots') !== 'yes',
      };
    },
  }),
  compare(found, { params, preview }) {
    const version = versionOf(params.version);
    const young = isYoung(found, version);
    const values = { young };
    const problem = young && version !== undefined ? youngDataProblem(version) : undefined;
    if (problem !== undefined) return { kind: 'failed', message: `${problem.message}: ${problem.hint}`, values };
    if (young && params.served) {
      if (preview) return { kind: 'unknown', reason: 'the server writes the snapshot when it has started' };
      return { kind: 'failed', message: 'the server serves, but has not written a snapshot yet', values };
    }
    const wanted = young ? trusting : usual;
    if (found.content === wanted) return { kind: 'same', values };
    return {
      kind: 'change',
      changes: [
        {
          part: 'content',
          diff: { before: found.content ?? '', after: wanted, beforeName: params.path, afterName: params.path },
        },
      ],
      values,
      provides: [pathResource(params.path)],
    };
  },
  async change(host, { params, found }) {
    const young = isYoung(found, versionOf(params.version));
    await host.writeFile({
      path: params.path,
      source: { kind: 'bytes', bytes: Buffer.from(young ? trusting : usual, 'utf8') },
      mode: '0644',
    });
    return { values: { young } };
  },
});

/** Whether this version would not start on what is there. */
function isYoung(found: Found, version: string | undefined): boolean {
  return found.young && (version === undefined || needsSnapshot(version));
}
