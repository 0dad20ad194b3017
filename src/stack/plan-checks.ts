import type { PlanCheck } from '../plan/check.js';
import { checkBamboo } from './checks/bamboo.js';
import { checkFlags } from './checks/flag-names.js';
import { checkContainerNames } from './checks/names.js';
import { checkPorts } from './checks/ports.js';
import { checkQuorums } from './checks/quorum.js';
import { checkReconfig } from './checks/reconfig.js';
import { withoutRepeats } from './checks/report.js';
import { checkVersions } from './checks/versions.js';
import { checkZnodes } from './checks/znodes.js';

const all: readonly PlanCheck[] = [
  checkPorts,
  checkContainerNames,
  checkQuorums,
  checkFlags,
  checkVersions,
  checkBamboo,
  checkZnodes,
  checkReconfig,
];

/** What only this stack knows of a plan, found before any connection; each mistake once. */
export const checkStack: PlanCheck = (plan, context) => withoutRepeats(all.flatMap((check) => check(plan, context)));
