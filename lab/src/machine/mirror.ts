import { run } from './process.js';

/** Where this machine gets Debian from, as its own apt says; nothing about a mirror is written down in the project. */
export interface Mirror {
  readonly main: string;
  readonly security: string;
  /** apt settings that a machine needs in order to reach its mirror (proxies, checks of dates), one `Key "value";` a line. */
  readonly settings: readonly string[];
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const wantedSettings = /^Acquire::(https?|Check-Valid-Until|Check-Date|Retries|ForceIPv4|ForceIPv6)\b/;

export async function readMirror(): Promise<Mirror> {
  const targets = await run(['apt-get', 'indextargets', '--format', '$(LABEL)\t$(REPO_URI)', 'Identifier: Packages']);
  const uris = new Map(targets.split('\n').map((line) => line.split('\t', 2) as [string, string]));
  const main = uris.get('Debian');
  if (main === undefined)
    throw new Error(
      "this machine's apt knows no Debian mirror (after apt-get update, apt-get indextargets should list one)",
    );
  const dump = await run(['apt-config', 'dump']);
  return {
    main,
    security: uris.get('Debian-Security') ?? main.replace(/\/debian\/?$/, '/debian-security/'),
    settings: dump.split('\n').filter((line) => wantedSettings.test(line) && !line.endsWith(' "";')),
  };
}

/** The sources.list of a Debian suite by name ("bookworm") on that mirror, checked with Debian's own keys. */
export function sourcesList(mirror: Mirror, suite: string): string {
  const option = `[signed-by=${keyring}]`;
  return [
    `deb ${option} ${mirror.main} ${suite} main`,
    `deb ${option} ${mirror.main} ${suite}-updates main`,
    `deb ${option} ${mirror.security} ${suite}-security main`,
    '',
  ].join('\n');
}
