import type { LocatedMap } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import type { Expression } from '../template/types.js';
import { readConditions } from './conditions.js';
import { readEach, readTexts, wrongType } from './fields.js';
import { foldKeywords } from './keywords.js';
import type { Loading, Surroundings } from './loading.js';
import type { StepBase, Templated } from './types.js';
import { readVariables } from './variables.js';

/** The surroundings inside a map (task, block, play, role entry): what it says folded over what stands around it. */
export function enter(map: LocatedMap, outer: Surroundings, loading: Loading): Surroundings {
  const { diagnostics } = loading;
  return {
    ...outer,
    when: [...outer.when, ...readWhen(map, loading)],
    tags: union(outer.tags, readTags(map, loading)),
    keywords: foldKeywords(map, { outer: outer.keywords, diagnostics }),
    notify: [...outer.notify, ...readNotify(map, loading)],
  };
}

/** The surroundings with a map's `vars` added; `what` names the map in messages ("task", "block"). */
export function withVariables(
  surroundings: Surroundings,
  options: { readonly map: LocatedMap; readonly what: string; readonly loading: Loading },
): Surroundings {
  const { map, what, loading } = options;
  const entry = entryOf(map, 'vars');
  if (entry === undefined) return surroundings;
  const block = readVariables(entry, { origin: `${what} vars`, diagnostics: loading.diagnostics });
  return { ...surroundings, vars: [...surroundings.vars, block] };
}

export function readWhen(map: LocatedMap, loading: Loading): readonly Expression[] {
  const entry = entryOf(map, 'when');
  return entry === undefined ? [] : readConditions(entry, loading.diagnostics);
}

export function readTags(map: LocatedMap, loading: Loading): readonly string[] {
  const entry = entryOf(map, 'tags');
  return entry === undefined ? [] : readTexts(entry, { diagnostics: loading.diagnostics, commas: true });
}

function readNotify(map: LocatedMap, loading: Loading): readonly Templated[] {
  const entry = entryOf(map, 'notify');
  if (entry === undefined) return [];
  return readEach(entry).flatMap((item) => {
    if (item.value.kind === 'scalar' && typeof item.value.value === 'string') return [item.value];
    wrongType(item, { expected: 'the name of a handler or a list of names', diagnostics: loading.diagnostics });
    return [];
  });
}

export function union(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])];
}

/** What every step has, from its map and its already entered surroundings. */
export function stepBase(map: LocatedMap, inside: Surroundings): StepBase {
  const name = entryOf(map, 'name')?.value;
  const { start } = map.span;
  return {
    id: `${inside.idPrefix}${map.span.file}:${start.line}:${start.column}`,
    ...(name === undefined ? {} : { name }),
    span: map.span,
    when: inside.when,
    tags: inside.tags,
    vars: inside.vars,
    keywords: inside.keywords,
    ...(inside.role === undefined ? {} : { role: inside.role }),
    directory: inside.directory,
  };
}
