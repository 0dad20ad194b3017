import { InputError } from '../core/diagnostic.js';
import { formatSpan } from '../core/span.js';
import type { IncludeRoleStep, IncludeTasksStep } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';

/** What an include names: its file, or its role and the files of it. */
type Names = readonly (string | undefined)[];

/** Reads each file once, however many hosts and rounds include it. */
export function once<T>(read: (names: Names) => T): (names: Names) => T {
  const known = new Map<string, T>();
  return (names) => {
    const key = JSON.stringify(names);
    const found = known.get(key) ?? read(names);
    known.set(key, found);
    return found;
  };
}

const absences: ReadonlySet<string> = new Set(['missing-file', 'missing-role']);

/**
 * Reads what is included. A host that asks for a file or role that is not there has failed; a mistake in one that is
 * there is everybody's: it ends the run as it comes.
 */
export function readNow(read: () => unknown, step: IncludeTasksStep | IncludeRoleStep): void {
  try {
    read();
  } catch (error) {
    const [mistake, ...others] = error instanceof InputError ? error.diagnostics : [];
    const places = step.kind === 'include-tasks' ? [step.file] : [step.roleName, ...Object.values(step.files)];
    const isAsked = places.some(
      ({ span }) => mistake?.span !== undefined && formatSpan(span) === formatSpan(mistake.span),
    );
    if (!isAsked || others.length > 0 || mistake === undefined || !absences.has(mistake.code)) throw error;
    throw new EvaluationError(mistake);
  }
}
