import { changeMembers, type MembershipOptions } from '../membership/change-members.js';

/** `runner scale-out HOST…`: brings in hosts that the inventory has in its groups already. */
export function scaleOut(request: {
  readonly hosts: readonly string[];
  readonly options: MembershipOptions;
}): Promise<number> {
  return changeMembers({ change: { kind: 'scale-out', hosts: [...new Set(request.hosts)] }, options: request.options });
}
