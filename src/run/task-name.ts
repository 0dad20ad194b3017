import type { Step } from '../playbook/types.js';
import { plainData } from '../syntax/located.js';
import { evaluate } from '../template/evaluate.js';
import { EvaluationError } from '../template/errors.js';
import type { Scope } from '../template/scope.js';
import type { TaskRef } from './events.js';
import type { Frame, PlayHost } from './play-state.js';

const longestWords = 60;

/** A step's name as it is written; `<module>: <first words>` when it has none. */
export function writtenName(step: Step): string {
  if (step.name) return String(plainData(step.name));
  switch (step.kind) {
    case 'module':
      return moduleName(
        step.module,
        step.params.entries.map(({ value }) => value).find((value) => value.kind === 'scalar')?.value,
      );
    case 'include-tasks':
      return moduleName('include_tasks', plainData(step.file));
    case 'include-role':
      return moduleName('include_role', plainData(step.roleName));
    case 'role':
      return step.context.role.name;
    case 'meta':
      return `meta: ${step.action}`;
    case 'block':
      return 'block';
  }
}

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

function moduleName(module: string, words: unknown): string {
  const text = typeof words === 'string' || typeof words === 'number' ? String(words).split('\n', 1)[0]!.trim() : '';
  if (text === '') return module;
  return `${module}: ${text.length > longestWords ? `${text.slice(0, longestWords)}…` : text}`;
}
