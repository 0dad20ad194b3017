import { listed } from '../status/words.js';
import { sameVersion } from '../version.js';
import { parts, type Part } from './components.js';
import { hostsOf, type LiveCluster } from './problems.js';
import type { Target } from './targets.js';

/** How far an upgrade has come, as the live cluster tells it. */
export interface Standing {
  readonly part: Part;
  readonly title: string;
  readonly wanted: string;
  readonly there: readonly string[];
  /** Hosts with another version, or with a member that does not say one. */
  readonly left: readonly { readonly host: string; readonly version: string | undefined }[];
}

/** Every part of the targets, from the bottom of the stack to its top. */
export function standings(targets: readonly Target[], live: LiveCluster): readonly Standing[] {
  return parts.flatMap(({ part, name, title }) => {
    const target = targets.find((each) => each.name === name);
    const hosts = target === undefined ? [] : hostsOf(part, live);
    if (target === undefined || hosts.length === 0) return [];
    const wanted = target.version.number;
    const versionAt = (host: string): string | undefined =>
      live.running.get(part)?.find((member) => member.host === host)?.version;
    const isThere = (host: string): boolean => {
      const version = versionAt(host);
      return version !== undefined && sameVersion(version, wanted);
    };
    return [
      {
        part,
        title,
        wanted,
        there: hosts.filter(isThere),
        left: hosts.filter((host) => !isThere(host)).map((host) => ({ host, version: versionAt(host) })),
      },
    ];
  });
}

/** "ZooKeeper: 3.8.0 on node1 and node2; node3 stays at 3.4.13". */
export function standingWords({ title, wanted, there, left }: Standing): string {
  const words = [
    ...(there.length === 0 ? [] : [`${wanted} on ${listed(there)}`]),
    ...[...new Set(left.map(({ version }) => version))].map((version) => stayWords(left, version)),
  ];
  return `${title}: ${words.join('; ')}`;
}

function stayWords(left: Standing['left'], version: string | undefined): string {
  const hosts = left.filter((each) => each.version === version).map(({ host }) => host);
  const verb = hosts.length === 1 ? 'stays' : 'stay';
  return version === undefined
    ? `what ${listed(hosts)} ${hosts.length === 1 ? 'runs' : 'run'} is not known`
    : `${listed(hosts)} ${verb} at ${version}`;
}
