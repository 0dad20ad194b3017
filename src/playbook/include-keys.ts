import { checkKeys } from '../syntax/fields.js';
import { entryOf, type LocatedMap } from '../syntax/located.js';
import { checkText } from './check-text.js';
import { keywordNames } from './keywords.js';
import type { Loading } from './loading.js';
import type { ActionKey } from './task-keys.js';

/** Beside the action itself, what a task that imports tasks or a role may have: it holds for each of the tasks. */
const importKeys: readonly string[] = ['name', 'when', 'tags', 'vars', 'notify', ...keywordNames];

/**
 * The same of one that includes them: it is a step of its own, with a result. A keyword that could only be meant for the
 * tasks inside (`become`, `delegate_to`) would change nothing there: as in Ansible it is refused.
 */
const includeKeys: readonly string[] = [
  'name',
  'when',
  'tags',
  'vars',
  'run_once',
  'ignore_errors',
  'no_log',
  'timeout',
  'loop',
  'loop_control',
  'loop_var',
  'index_var',
  'label',
  'pause',
  'register',
];

/** Reports keys an import or include cannot have, and templates in it that cannot be parsed. */
export function checkIncludeKeys(
  action: ActionKey,
  options: { readonly map: LocatedMap; readonly kind: 'import' | 'include'; readonly loading: Loading },
): void {
  const { map, kind, loading } = options;
  const hints = kind === 'import' ? importHints(action) : includeHints;
  checkKeys({
    map,
    allowed: [...(kind === 'import' ? importKeys : includeKeys), action.entry.key, 'listen'],
    what: `\`${action.name}\``,
    hints,
    diagnostics: loading.diagnostics,
  });
  for (const entry of map.entries)
    if (entry.key !== 'when' && entry.key !== 'apply') checkText(entry.value, loading.diagnostics);
  if (kind === 'include') warnOfShown(action, { map, loading });
}

/** Whoever writes `no_log` at an include means what is inside: as in Ansible that is shown all the same. */
function warnOfShown(action: ActionKey, options: { readonly map: LocatedMap; readonly loading: Loading }): void {
  const hidden = entryOf(options.map, 'no_log');
  const { value } = action.entry;
  const apply = value.kind === 'map' ? entryOf(value, 'apply')?.value : undefined;
  if (hidden === undefined || (apply?.kind === 'map' && entryOf(apply, 'no_log') !== undefined)) return;
  if (hidden.value.kind === 'scalar' && hidden.value.value === false) return;
  options.loading.diagnostics.warning({
    code: 'shown-inside',
    message: `\`no_log\` hides the include alone: what the tasks inside say is shown`,
    span: hidden.keySpan,
    hint: `hide them too with \`apply: {no_log: true}\` in the map of \`${action.name}\``,
  });
}

function importHints(action: ActionKey): Readonly<Record<string, string>> {
  return { loop: `an import is read once: write \`${action.name.replace('import', 'include')}\` to loop` };
}

const includeHints: Readonly<Record<string, string>> = Object.fromEntries(
  importKeys
    .filter((key) => !includeKeys.includes(key))
    .map((key) => [key, `for the tasks inside write it under \`apply\` of the include: \`apply: {${key}: …}\``]),
);
