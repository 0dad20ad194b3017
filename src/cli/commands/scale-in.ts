import { changeMembers, type MembershipOptions } from '../membership/change-members.js';

/** `runner scale-in HOST…`: takes hosts out that are still in the inventory. */
export function scaleIn(request: {
  readonly hosts: readonly string[];
  readonly options: MembershipOptions;
}): Promise<number> {
  return changeMembers({ change: { kind: 'scale-in', hosts: [...new Set(request.hosts)] }, options: request.options });
}
