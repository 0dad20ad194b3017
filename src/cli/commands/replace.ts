import { changeMembers, type MembershipOptions } from '../membership/change-members.js';

/** `runner replace OLD NEW`: gives what runs on one host to another; both are in the inventory. */
export function replace(request: {
  readonly old: string;
  readonly replacement: string;
  readonly options: MembershipOptions;
}): Promise<number> {
  const { old, replacement, options } = request;
  return changeMembers({ change: { kind: 'replace', old, replacement }, options });
}
