import { usualNext } from '../../rollout/order.js';
import type { Ensemble, MemberState, Progress, Step } from '../../rollout/types.js';

/**
 * Whose turn it is when Marathon gets another version (marathon docs/upgrade): all old instances but the leader stop, a new
 * one starts beside it, the leader stops, the new one takes over and migrates the state, the rest follow. So no old
 * version can lead again after the migration. Without a change of version the usual order holds.
 */
export function marathonNext(
  ensemble: Pick<Ensemble, 'title' | 'members' | 'quorum'>,
  options: { readonly progress: Progress; readonly targets: ReadonlyMap<string, string> },
): Step {
  const { progress, targets } = options;
  const { pending } = progress;
  const isNew = (member: MemberState): boolean => isStepped(member, options);
  const { members } = progress.observation;
  const leader = members.find(({ leads }) => leads);
  const changes = members.some((member) => pending.includes(member.host) && member.present && !isNew(member));
  if (!changes || leader === undefined || isNew(leader) || members.length === 1) return usualNext(ensemble, progress);

  const standbys = members.filter((member) => member.healthy && !member.leads && pending.includes(member.host));
  const old = standbys.filter((member) => !isNew(member));
  const heir = members.find((member) => member.healthy && !member.leads && isNew(member));
  const [first] = heir === undefined ? pending.filter((host) => host !== leader.host) : [];
  const extra = old.find(({ host }) => host !== first);
  if (extra !== undefined)
    return {
      kind: 'stop',
      host: extra.host,
      why: 'it must not lead once the state is migrated; comes back with the new version',
    };
  if (heir !== undefined && pending.includes(leader.host))
    return { kind: 'stop', host: leader.host, why: `leads the old version: hands over to ${heir.host}` };
  if (first !== undefined && heir === undefined)
    return {
      kind: 'apply',
      hosts: [first],
      why: `stands by with ${targets.get(first) ?? 'the new version'}, to take over`,
    };
  return usualNext(ensemble, progress);
}

/** A standby's version is known only from its image; a host that this rollout has stepped is new whatever was seen before. */
function isStepped(
  { host, version }: MemberState,
  { progress, targets }: { readonly progress: Progress; readonly targets: ReadonlyMap<string, string> },
): boolean {
  const target = targets.get(host);
  return progress.done.includes(host) || target === undefined || version === undefined || version === target;
}
