import { patternTerms } from '../inventory/pattern-terms.js';
import type { Play } from '../playbook/types.js';
import { entryOf, type Located, plainData } from '../syntax/located.js';
import { allSteps } from './steps.js';

/** Names that add_host and group_by may give hosts and groups while a run goes on; a template in a name stands for anything. */
export function lateNames(plays: readonly Play[]): readonly RegExp[] {
  return allSteps(plays).flatMap((step) => {
    if (step.kind !== 'module' || (step.module !== 'add_host' && step.module !== 'group_by')) return [];
    return ['name', 'host', 'hostname', 'groups', 'group', 'groupname', 'key', 'parents'].flatMap((key) => {
      const value = entryOf(step.params, key)?.value;
      return value === undefined ? [] : namesIn(value);
    });
  });
}

function namesIn(value: Located): readonly RegExp[] {
  if (value.kind === 'list') return value.items.flatMap(namesIn);
  if (value.kind !== 'scalar') return [];
  return String(plainData(value))
    .split(/,(?![^<]*%>)/)
    .map(
      (name) =>
        new RegExp(
          `^${name
            .trim()
            .split(/<%[\s\S]*?%>/)
            .map(escaped)
            .join('.*')}$`,
        ),
    );
}

function escaped(text: string): string {
  return text.replaceAll(/\s/g, '-').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Whether a pattern names anything that may come only while the run goes on. */
export function isLate(pattern: string, late: readonly RegExp[]): boolean {
  return patternTerms(pattern).some(({ name }) => late.some((form) => form.test(name)));
}
