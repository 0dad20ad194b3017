import type { Diagnostics } from '../core/diagnostic.js';
import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf, isTemplate } from '../syntax/located.js';
import { boolean, duration, integer, nonEmptyText, type Reader, templated } from '../syntax/reader.js';
import { readEach, readEntry, wrongType } from './fields.js';
import type { Keywords, Templated } from './types.js';

type SingleKeyword = Exclude<keyof Keywords, 'environment'>;

const keywordFields = {
  become: ['become', templated(boolean())],
  become_user: ['becomeUser', templated(nonEmptyText())],
  become_method: ['becomeMethod', templated(nonEmptyText())],
  become_password: ['becomePassword', templated(nonEmptyText())],
  delegate_to: ['delegateTo', templated(nonEmptyText())],
  delegate_facts: ['delegateFacts', templated(boolean())],
  run_once: ['runOnce', templated(boolean())],
  ignore_errors: ['ignoreErrors', templated(boolean())],
  ignore_unreachable: ['ignoreUnreachable', templated(boolean())],
  no_log: ['noLog', templated(boolean())],
  check_mode: ['checkMode', templated(boolean())],
  diff: ['diff', templated(boolean())],
  throttle: ['throttle', templated(integer({ minimum: 0 }))],
  timeout: ['timeout', templatedSeconds()],
  any_errors_fatal: ['anyErrorsFatal', templated(boolean())],
} as const satisfies Readonly<Record<string, readonly [SingleKeyword, Reader<Templated>]>>;

/** The keys of `Keywords` as they are written in YAML. */
export const keywordNames: readonly string[] = [...Object.keys(keywordFields), 'environment'];

/** The keywords said in a map, folded over those around it: the innermost wins, environments add up. */
export function foldKeywords(
  map: LocatedMap,
  options: { readonly outer: Keywords; readonly diagnostics: Diagnostics },
): Keywords {
  const { outer, diagnostics } = options;
  const own: Partial<Record<SingleKeyword, Templated>> = {};
  for (const entry of map.entries) {
    if (!isKeywordField(entry.key)) continue;
    const [field, reader] = keywordFields[entry.key];
    const value = readEntry(entry, { reader, diagnostics });
    if (value !== undefined) own[field] = value;
  }
  return { ...outer, ...own, environment: [...outer.environment, ...readEnvironment(map, diagnostics)] };
}

function isKeywordField(key: string): key is keyof typeof keywordFields {
  return Object.hasOwn(keywordFields, key);
}

function readEnvironment(map: LocatedMap, diagnostics: Diagnostics): readonly Templated[] {
  const entry = entryOf(map, 'environment');
  if (entry === undefined) return [];
  return readEach(entry).flatMap((item: LocatedEntry) => {
    if (item.value.kind === 'map' || isTemplate(item.value)) return [item.value];
    wrongType(item, { expected: 'a map of names and values', diagnostics });
    return [];
  });
}

/** A length of time that may be a template; `5m` becomes its seconds at once, so that later rooms see a number. */
export function templatedSeconds(): Reader<Templated> {
  return (located, reading) => {
    if (isTemplate(located)) return located;
    const seconds = duration()(located, reading);
    return seconds === undefined || located.kind !== 'scalar' ? undefined : { ...located, value: seconds };
  };
}
