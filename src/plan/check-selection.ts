import type { Diagnostics } from '../core/diagnostic.js';
import { spanOfFlag } from '../core/span.js';
import { didYouMean } from '../core/suggest.js';
import { allSteps } from './steps.js';
import type { Plan } from './types.js';

/** Words of `--tags` and `--skip-tags` that mean sets of steps, not a tag somebody wrote. */
const sets: ReadonlySet<string> = new Set(['all', 'tagged', 'untagged', 'always', 'never']);

/** Warns of tags on the command line that no step has: nothing would run, or nothing be skipped, without a word. */
export function checkSelection(plan: Plan, diagnostics: Diagnostics): void {
  const { tags, skipTags } = plan.selection;
  const steps = allSteps(plan.plays.map(({ play }) => play));
  const known = new Set(steps.flatMap((step) => step.tags));
  // A file or role that only the run can name may have tags of its own.
  const open = steps.some(
    (step) =>
      (step.kind === 'include-tasks' && step.steps === undefined) ||
      (step.kind === 'include-role' && step.included === undefined),
  );
  if (open) return;
  for (const [flag, words] of [
    ['--tags', tags],
    ['--skip-tags', skipTags],
  ] as const) {
    for (const tag of words) {
      if (known.has(tag) || sets.has(tag)) continue;
      const hint =
        didYouMean(tag, [...known, ...sets]) ??
        (known.size === 0 ? 'no step has tags' : `tags here: ${[...known].toSorted().join(', ')}`);
      diagnostics.warning({
        code: 'unknown-tag',
        message: `no step has the tag \`${tag}\``,
        span: spanOfFlag(flag),
        hint,
      });
    }
  }
}
