import { writtenName } from '../plan/steps.js';
import type { Step } from '../playbook/types.js';
import { evaluate } from '../template/evaluate.js';
import { EvaluationError } from '../template/errors.js';
import type { Scope } from '../template/scope.js';
import type { TaskRef } from './events.js';
import type { Frame, PlayHost } from './play-state.js';

/** The rendered name; as written when it cannot be rendered yet (an item, an unknown value). Never fails. */
export function renderedName(step: Step, scope: Scope): string {
  if (!step.name) return writtenName(step);
  try {
    const value = evaluate(step.name, scope);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : writtenName(step);
  } catch (error) {
    if (error instanceof EvaluationError) return writtenName(step);
    throw error;
  }
}

export function taskRef(options: {
  readonly step: Step;
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly name: string;
}): TaskRef {
  const { step, host, frame, name } = options;
  return {
    play: frame.play.planned.name,
    step: step.id,
    task: name,
    ...(step.role ? { role: step.role.role.name } : {}),
    host: host.state.name,
    span: step.span,
    section: frame.section,
  };
}
