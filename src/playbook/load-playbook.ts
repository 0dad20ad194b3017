import { dirname, join, normalize } from 'node:path';
import { type Diagnostic, Diagnostics } from '../core/diagnostic.js';
import { spanOfFlag } from '../core/span.js';
import type { LocatedMap } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import { checkKeys } from '../syntax/fields.js';
import { checkText } from './check-text.js';
import { readText } from './fields.js';
import type { Loading } from './loading.js';
import { loadPlay } from './play.js';
import { readYamlFile } from './task-file.js';
import type { Play, Playbook } from './types.js';

export type PlaybookRequest = Omit<Loading, 'playbookDirectory'> & { readonly path: string };

/**
 * Reads a playbook with its roles, imported files and everything else that is known before a run. Mistakes are added to
 * the diagnostics, all of them; what could be understood is in the result all the same. Undefined: there is no such file.
 */
export function loadPlaybook(request: PlaybookRequest): Playbook | undefined {
  const { path, files, diagnostics } = request;
  if (files.kind(path) === undefined) {
    diagnostics.error({
      code: 'missing-file',
      message: `there is no playbook \`${path}\``,
      span: spanOfFlag('the command line'),
    });
    return undefined;
  }
  const found = new Diagnostics();
  const plays = loadPlays(path, { ...request, diagnostics: found }, { trail: [], said: [] });
  addOnce(found, diagnostics);
  return { file: path, plays };
}

/** Adds what was not said yet: a role used twice is read twice, its mistakes are told once. */
function addOnce(found: Diagnostics, diagnostics: Diagnostics): void {
  const identity = ({ code, message, span }: Diagnostic): string => JSON.stringify([code, message, span]);
  const said = new Set(diagnostics.all.map(identity));
  for (const diagnostic of found.all) {
    if (!said.has(identity(diagnostic))) diagnostics.add(diagnostic);
    said.add(identity(diagnostic));
  }
}

/** How a playbook was come to. */
interface Way {
  /** The playbooks on the way. */
  readonly trail: readonly string[];
  /** What each import on the way says of its plays, the outermost first. */
  readonly said: readonly LocatedMap[];
}

function loadPlays(path: string, request: PlaybookRequest, way: Way): readonly Play[] {
  const { files, diagnostics } = request;
  const start = { line: 1, column: 1 };
  request.modules.enter?.(join(dirname(path), 'modules'), diagnostics);
  const located = readYamlFile(path, { files, diagnostics });
  if (located === undefined || (located.kind === 'scalar' && located.value === null)) {
    if (!diagnostics.all.some((diagnostic) => diagnostic.span?.file === path))
      diagnostics.error({
        code: 'empty-playbook',
        message: 'the playbook is empty: it needs a list of plays',
        span: { file: path, start, end: start },
      });
    return [];
  }
  if (located.kind !== 'list') {
    const hint =
      located.kind === 'map' && entryOf(located, 'hosts') !== undefined ? 'put `- ` before its first key' : undefined;
    diagnostics.error({
      code: 'wrong-type',
      message: 'a playbook is a list of plays',
      span: located.span,
      ...(hint === undefined ? {} : { hint }),
    });
    return [];
  }
  if (located.items.length === 0)
    diagnostics.error({ code: 'empty-playbook', message: 'the playbook has no plays', span: located.span });
  const loading: Loading = { ...request, playbookDirectory: dirname(path) };
  return located.items.flatMap((item) => {
    if (item.kind !== 'map') {
      diagnostics.error({ code: 'wrong-type', message: 'a play is a map of keys and values', span: item.span });
      return [];
    }
    if (entryOf(item, 'import_playbook') !== undefined) return importPlaybook(item, { path, request, way });
    return loadPlay(item, { loading, imports: way.said }) ?? [];
  });
}

function importPlaybook(
  map: LocatedMap,
  from: { readonly path: string; readonly request: PlaybookRequest; readonly way: Way },
): readonly Play[] {
  const { path, request, way } = from;
  const { files, diagnostics } = request;
  checkKeys({
    map,
    allowed: ['import_playbook', 'name', 'when', 'tags', 'vars'],
    what: '`import_playbook`',
    diagnostics,
  });
  for (const each of map.entries) if (each.key !== 'when') checkText(each.value, diagnostics);
  const entry = entryOf(map, 'import_playbook')!;
  const name = readText(entry, diagnostics);
  if (name === undefined) return [];
  const target = name.startsWith('/') ? name : normalize(join(dirname(path), name));
  if (files.kind(target) === undefined) {
    diagnostics.error({
      code: 'missing-file',
      message: `there is no playbook \`${name}\``,
      span: entry.value.span,
      hint: `looked for ${target}`,
    });
    return [];
  }
  const inner = [...way.trail, normalize(path)];
  if (inner.includes(target)) {
    diagnostics.error({
      code: 'import-circle',
      message: `these playbooks import each other: ${[...inner, target].join(' → ')}`,
      span: entry.value.span,
    });
    return [];
  }
  return loadPlays(target, request, { trail: inner, said: [...way.said, map] });
}
