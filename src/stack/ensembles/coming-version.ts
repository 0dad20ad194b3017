import type { MemberVariables } from '../../rollout/types.js';
import { isValueMap } from '../../template/value.js';
import { isAtLeast, versionOf } from '../version.js';
import { wordOf } from './member-variables.js';
import type { ServiceMember } from './service-members.js';

/**
 * The version of a neighbour that a step meets: the one that runs. In a preview earlier plays have changed nothing, so
 * there it is the one that the inventory wants, where that is newer.
 */
export function comingVersion(options: {
  readonly running: string | undefined;
  readonly neighbours: readonly ServiceMember[];
  /** The variable that says the neighbours' version. */
  readonly variable: string;
}): string | undefined {
  const { running, neighbours, variable } = options;
  const [first] = neighbours;
  if (running === undefined || first === undefined || !isPreview(first.variables)) return running;
  const wanted = versionOf(wordOf(first.variables, variable));
  return wanted === undefined || isAtLeast(running, wanted) ? running : wanted;
}

function isPreview(variables: MemberVariables): boolean {
  const run = variables.read('run');
  return isValueMap(run) && run['preview'] === true;
}
