import type { Value } from '../../template/value.js';
import type { Comparison, Promised } from '../../modules/types.js';

/**
 * The answer of a module that only proves something: `problem` undefined means proven. In a preview in which an earlier
 * task would bring or replace the container asked, only a run can tell.
 */
export function judge(options: {
  readonly problem: string | undefined;
  readonly values: Readonly<Record<string, Value>>;
  readonly container?: string | undefined;
  readonly preview: boolean;
  readonly promised?: Promised | undefined;
}): Comparison {
  const { problem, values, container, preview, promised } = options;
  if (problem === undefined) return { kind: 'same', values };
  if (preview && promised?.has(`container:${container ?? ''}`) === true) {
    return { kind: 'unknown', reason: 'an earlier task would bring what is asked here' };
  }
  return { kind: 'failed', message: problem, values };
}
