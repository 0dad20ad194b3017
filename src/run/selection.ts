import { selectedByTags } from '../plan/tags.js';
import type { Step } from '../playbook/types.js';
import type { Frame } from './play-state.js';

/** Whether tags and `--start-at-task` let a step run. Handlers, gates and on_failure are not filtered; blocks and roles are by their steps. */
export function isSelected(step: Step, frame: Frame): boolean {
  if (step.kind === 'block' || step.kind === 'role') return true;
  if (['handlers', 'gate', 'on_failure'].includes(frame.section)) return true;
  const { play } = frame;
  return !play.leftOut.has(step.id) && selectedByTags(step.tags, play.run.request.plan.selection);
}
