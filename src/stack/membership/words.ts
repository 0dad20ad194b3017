import type { MembershipStep } from './types.js';

/** What a step does, in a line. */
export function stepWords(step: MembershipStep): string {
  switch (step.kind) {
    case 'apply':
      return `roll      ${step.why}`;
    case 'yield':
      return `hand over ${step.why}`;
    case 'drain':
      return `drain     ${step.why}`;
    case 'reconfig':
      return `reconfig  ${step.why}`;
    case 'retire':
      return `retire    ${step.why}`;
  }
}
