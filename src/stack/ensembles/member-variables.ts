import type { EnsembleContext, MemberVariables } from '../../rollout/types.js';

/** A variable as a word; undefined when there is none, or when it needs a run. */
export function wordOf(member: MemberVariables, name: string): string | undefined {
  const value = member.read(name);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A variable as a number; `usual` when there is none. */
export function numberOf(member: MemberVariables, name: string, usual: number): number {
  const word = wordOf(member, name);
  const number = Number(word ?? usual);
  return Number.isFinite(number) ? number : usual;
}

/** Whether a variable says yes. */
export function saysYes(member: MemberVariables, name: string): boolean {
  const value = member.read(name);
  return value === true || value === 'true' || value === 'yes';
}

/** The hosts of the group that `variable` names, `usual` where it says nothing: in the inventory's order. */
export function hostsInGroup(
  context: EnsembleContext,
  { variable, usual }: { readonly variable: string; readonly usual: string },
): readonly MemberVariables[] {
  return context.hosts.filter((member) => member.groups.includes(wordOf(member, variable) ?? usual));
}
