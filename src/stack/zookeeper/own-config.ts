import { createHash } from 'node:crypto';
import { joinShell, sh } from '../../shell/text.js';
import { defineModule, params } from '../../modules/support/define.js';
import { path, text, textMap, texts } from '../../modules/support/fields.js';
import { parseReport, tell } from '../../modules/support/report.js';
import { pathResource } from '../../modules/promises.js';
import { configEntries } from './config.js';

interface Found {
  /** Undefined: there is no file. */
  readonly content: string | undefined;
}

/** Who belongs to the ensemble, and where that is written: the server's own part of the file (QuorumPeerConfig.editStaticConfig). */
const membership = /^(?:server\.|group|weight|dynamicConfigFile$|peerType$|clientPort)/;

/** The zoo.cfg of a server that changes it itself, because `reconfig` is on. */
export const zookeeperOwnConfig = defineModule({
  name: 'zookeeper_own_config',
  summary:
    'Keeps the settings of a zoo.cfg that the server rewrites itself (`reconfigEnabled`); who belongs to the ensemble is written once, and left to the server from then on.',
  params: params({
    path: path('The file zoo.cfg, in a folder that the server may write to.'),
    settings: textMap('Everything but the servers.'),
    servers: texts('Lines of the servers for a first start: server.1=HOST:2888:3888;2181.'),
    owner: text('Owner and group, by number.'),
    super_password: text('The password of the user `super`, who alone may reconfigure.').optional(),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([tell, sh`if [ -f ${params.path} ]; then tell body; cat -- ${params.path}; fi`]),
    parse: (reply): Found => ({ content: parseReport(reply).body?.toString('utf8') }),
  }),
  compare(found, { params }) {
    const values = valuesOf(params);
    const wanted = wantedText(found.content, params);
    if (found.content !== undefined && sameSettings(found.content, params.settings)) return { kind: 'same', values };
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
    await host.writeFile({
      path: params.path,
      source: { kind: 'bytes', bytes: Buffer.from(wantedText(found.content, params), 'utf8') },
      mode: '0644',
      owner: params.owner,
      group: params.owner,
    });
    return { values: valuesOf(params) };
  },
});

/** The settings, and behind them what the server has made of its membership; for a first start the list of servers. */
export function wantedText(
  present: string | undefined,
  wanted: { readonly settings: Readonly<Record<string, string>>; readonly servers: readonly string[] },
): string {
  const settings = Object.entries(wanted.settings).map(([key, value]) => `${key}=${value}`);
  const own = [...configEntries(present ?? '')].filter(([key]) => membership.test(key));
  const members = own.length === 0 ? wanted.servers : own.map(([key, value]) => `${key}=${value}`);
  return `${[...settings, ...members].join('\n')}\n`;
}

/** The server sorts the lines anew and drops comments: only keys and values are compared, its own part left out. */
export function sameSettings(present: string, settings: Readonly<Record<string, string>>): boolean {
  const entries = [...configEntries(present)].filter(([key]) => !membership.test(key));
  return entries.length === Object.keys(settings).length && entries.every(([key, value]) => settings[key] === value);
}

function valuesOf({
  settings,
  super_password: password,
}: {
  readonly settings: Readonly<Record<string, string>>;
  readonly super_password?: string | undefined;
}): { readonly fingerprint: string; readonly super_digest: string } {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const fingerprint = createHash('sha256').update(lines.toSorted().join('\n')).digest('hex').slice(0, 16);
  return { fingerprint, super_digest: password === undefined || password === '' ? '' : superDigest(password) };
}

/** As ZooKeeper's DigestAuthenticationProvider.generateDigest makes it: `super:` and the SHA-1 of user and password in base64. */
export function superDigest(password: string): string {
  return `super:${createHash('sha1').update(`super:${password}`).digest('base64')}`;
}
