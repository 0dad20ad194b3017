import type { Selection } from '../plan/types.js';
import type { Step } from '../playbook/types.js';
import type { Frame } from './play-state.js';

/** Whether tags and `--start-at-task` let a step run. Handlers, gates and on_failure are not filtered; blocks and roles are by their steps. */
export function isSelected(step: Step, frame: Frame): boolean {
  if (step.kind === 'block' || step.kind === 'role') return true;
  if (['handlers', 'gate', 'on_failure'].includes(frame.section)) return true;
  const { play } = frame;
  return !play.leftOut.has(step.id) && selectedByTags(step.tags, play.run.request.plan.selection);
}

/** `always` runs unless skipped by name, `never` only when one of its other tags is asked for. */
export function selectedByTags(own: readonly string[], selection: Pick<Selection, 'tags' | 'skipTags'>): boolean {
  const wanted = selection.tags.length > 0 ? selection.tags : ['all'];
  const never = own.includes('never');
  const chosen =
    own.includes('always') ||
    own.some((tag) => wanted.includes(tag)) ||
    (wanted.includes('all') && !never) ||
    (wanted.includes('tagged') && own.length > 0 && !never) ||
    (wanted.includes('untagged') && own.length === 0);
  return chosen && !isSkipped(own, selection.skipTags);
}

function isSkipped(own: readonly string[], skip: readonly string[]): boolean {
  if (own.some((tag) => skip.includes(tag))) return true;
  if (own.includes('always') && !skip.includes('always')) return false;
  return (
    skip.includes('all') ||
    (skip.includes('tagged') && own.length > 0) ||
    (skip.includes('untagged') && own.length === 0)
  );
}
