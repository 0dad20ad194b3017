import { checkKeys } from '../syntax/fields.js';
import type { LocatedMap } from '../syntax/located.js';
import { readChoice } from './fields.js';
import { checkText } from './check-text.js';
import { keywordNames } from './keywords.js';
import type { Loading, Surroundings } from './loading.js';
import { enter, stepBase, withVariables } from './surroundings.js';
import type { ActionKey } from './task-keys.js';
import type { MetaAction, MetaStep } from './types.js';

/** Everything `meta:` can ask for. */
export const metaActions: readonly MetaAction[] = [
  'flush_handlers',
  'end_host',
  'end_play',
  'end_batch',
  'end_role',
  'clear_facts',
  'clear_host_errors',
  'reset_connection',
  'refresh_inventory',
  'noop',
];

const known = ['meta', 'name', 'when', 'tags', 'vars', 'listen', ...keywordNames];

/** A task of `meta`: something the engine does itself. */
export function loadMeta(
  action: ActionKey,
  options: { readonly map: LocatedMap; readonly surroundings: Surroundings; readonly loading: Loading },
): readonly MetaStep[] {
  const { map, loading } = options;
  checkKeys({ map, allowed: [action.entry.key, ...known], what: 'a `meta` task', diagnostics: loading.diagnostics });
  for (const entry of map.entries) if (entry.key !== 'when') checkText(entry.value, loading.diagnostics);
  const inside = withVariables(enter(map, options.surroundings, loading), { map, what: 'task', loading });
  const asked = readChoice(
    { ...action.entry, key: 'meta' },
    { choices: metaActions, diagnostics: loading.diagnostics },
  );
  return asked === undefined ? [] : [{ kind: 'meta', ...stepBase(map, inside), action: asked }];
}
