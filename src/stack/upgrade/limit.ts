import { factsOf } from './components.js';
import type { PlannedHop, UpgradeRequest } from './plan.js';
import type { Problem } from './problems.js';
import { versionsOf } from './running.js';

/** What a part of the hosts can be taken through: one hop, and never Marathon, which hands over as a whole. */
export function limitProblems(hops: readonly PlannedHop[], { live, chosen }: UpgradeRequest): readonly Problem[] {
  return [...new Set(hops.map(({ part }) => part))].flatMap((part): readonly Problem[] => {
    const left = (live.running.get(part) ?? []).filter(({ host }) => !chosen.has(host)).map(({ host }) => host);
    const own = hops.filter((hop) => hop.part === part);
    const { title } = factsOf(part);
    if (left.length === 0) return [];
    if (part === 'marathon' && own.some(({ hosts }) => hosts.length > 0))
      return [
        {
          kind: 'input',
          message: `--limit leaves ${left.join(', ')} out, and Marathon hands over from old to new as a whole`,
        },
      ];
    if (own.length < 2) return [];
    const message = `${title} goes through ${own.map(({ to }) => to).join(', ')}, and --limit leaves ${left.join(', ')} out: all must be at one before any goes on`;
    return [{ kind: 'input', message, hint: 'name the first of them alone, or leave --limit out' }];
  });
}

/** Hosts that a hop would take if --limit did not leave them out. */
export function limitNotes(hops: readonly PlannedHop[], { live, chosen }: UpgradeRequest): readonly string[] {
  return hops.flatMap(({ part, title, to }) => {
    const left = (live.running.get(part) ?? []).filter(({ host, version }) => !chosen.has(host) && version !== to);
    if (left.length === 0) return [];
    const hosts = left.map(({ host }) => host).join(', ');
    return [`--limit leaves ${hosts} out: ${title} there stays at ${versionsOf(left).join(', ')}`];
  });
}
