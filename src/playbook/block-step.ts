import { reportUnknownKey } from '../syntax/fields.js';
import type { LocatedMap } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import { checkText } from './check-text.js';
import type { Loading, Surroundings } from './loading.js';
import { loadSteps } from './steps.js';
import { enter, stepBase, withVariables } from './surroundings.js';
import { blockKeywords, refuseTranslated } from './task-keys.js';
import type { BlockStep, Step } from './types.js';

const sections = ['block', 'rescue', 'always'] as const;

export function isBlock(map: LocatedMap): boolean {
  return sections.some((section) => entryOf(map, section) !== undefined);
}

/** A block with its rescue and always. */
export function loadBlock(
  map: LocatedMap,
  options: { readonly surroundings: Surroundings; readonly loading: Loading },
): BlockStep {
  const { loading } = options;
  checkKeys(map, loading);
  const inside = withVariables(enter(map, options.surroundings, loading), { map, what: 'block', loading });
  const section = (name: (typeof sections)[number]): readonly Step[] => {
    const entry = entryOf(map, name);
    return entry === undefined ? [] : loadSteps(entry, { surroundings: inside, loading });
  };
  return {
    kind: 'block',
    ...stepBase(map, inside),
    block: section('block'),
    rescue: section('rescue'),
    always: section('always'),
  };
}

function checkKeys(map: LocatedMap, loading: Loading): void {
  for (const entry of map.entries) {
    if (!blockKeywords.includes(entry.key) && entry.key !== 'listen' && !refuseTranslated(entry, loading)) {
      reportUnknownKey({
        key: entry.key,
        what: 'a block',
        allowed: blockKeywords,
        span: entry.keySpan,
        diagnostics: loading.diagnostics,
      });
    }
    if (!(sections as readonly string[]).includes(entry.key) && entry.key !== 'when')
      checkText(entry.value, loading.diagnostics);
  }
  if (entryOf(map, 'block') !== undefined) return;
  const first = map.entries.find((entry) => (sections as readonly string[]).includes(entry.key));
  loading.diagnostics.error({
    code: 'missing-block',
    message: `\`${first?.key ?? 'rescue'}\` stands beside a \`block\`, here there is none`,
    span: first?.keySpan ?? map.span,
  });
}
