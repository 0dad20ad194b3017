import type { Edit } from './edited-file.js';
import { compilePattern, expandGroups } from './regular-expression.js';

export interface LineWish {
  readonly line?: string | undefined;
  readonly regexp?: string | undefined;
  readonly search_string?: string | undefined;
  readonly state: 'present' | 'absent';
  readonly backrefs: boolean;
  readonly insertafter?: string | undefined;
  readonly insertbefore?: string | undefined;
  readonly firstmatch: boolean;
}

/** Edits one line of a text, with the rules of Ansible's lineinfile. Lines keep their own ends. */
export function editLines(text: string, wish: LineWish): Edit {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return wish.state === 'absent' ? removeLines(lines, wish) : putLine(lines, wish);
}

function removeLines(lines: readonly string[], wish: LineWish): Edit {
  const finds = finder(wish) ?? ((line: string) => (stripEnd(line) === wish.line ? [line] : undefined));
  const kept = lines.filter((line) => finds(line) === undefined);
  return { text: kept.join(''), values: { found: lines.length - kept.length } };
}

function putLine(lines: readonly string[], wish: LineWish): Edit {
  const end = lines[0]?.endsWith('\r\n') === true ? '\r\n' : '\n';
  const line = wish.line ?? '';
  const hit = findMatch(lines, wish);
  if (hit !== undefined) {
    const fresh = wish.backrefs ? expandGroups(line, hit.match) : line;
    return replaceAt(lines, { index: hit.index, line: fresh, end });
  }
  const exact = lines.findLastIndex((candidate) => stripEnd(candidate) === line);
  if (exact !== -1) return replaceAt(lines, { index: exact, line, end });
  if (wish.backrefs) return { text: lines.join('') };
  const at = insertionPoint(lines, wish);
  const before = lines.slice(0, at);
  const last = before.at(-1);
  if (last !== undefined && !last.endsWith('\n')) before[before.length - 1] = `${last}${end}`;
  return { text: [...before, `${line}${end}`, ...lines.slice(at)].join('') };
}

/** The last line that matches, or the first when the wish says so. */
function findMatch(
  lines: readonly string[],
  wish: LineWish,
): { readonly index: number; readonly match: RegExpMatchArray } | undefined {
  const finds = finder(wish);
  if (finds === undefined) return undefined;
  const hits = lines.flatMap((line, index) => {
    const match = finds(line);
    return match === undefined ? [] : [{ index, match }];
  });
  return wish.firstmatch ? hits[0] : hits.at(-1);
}

function finder(wish: LineWish): ((line: string) => RegExpMatchArray | undefined) | undefined {
  const { regexp, search_string: words } = wish;
  if (regexp !== undefined) {
    const expression = compilePattern(regexp);
    return (line) => expression.exec(stripEnd(line)) ?? undefined;
  }
  return words === undefined ? undefined : (line) => (line.includes(words) ? [words] : undefined);
}

function replaceAt(
  lines: readonly string[],
  place: { readonly index: number; readonly line: string; readonly end: string },
): Edit {
  const text = lines.map((old, index) => (index === place.index ? `${place.line}${place.end}` : old)).join('');
  return { text };
}

function insertionPoint(lines: readonly string[], wish: LineWish): number {
  const { insertafter, insertbefore } = wish;
  if (insertbefore === 'BOF' || insertafter === 'BOF') return 0;
  const mark = insertbefore ?? insertafter;
  if (mark === undefined || mark === 'EOF') return lines.length;
  const expression = compilePattern(mark);
  const isMark = (line: string): boolean => expression.test(stripEnd(line));
  const index = wish.firstmatch ? lines.findIndex(isMark) : lines.findLastIndex(isMark);
  if (index === -1) return lines.length;
  return insertbefore === undefined ? index + 1 : index;
}

function stripEnd(line: string): string {
  return line.replace(/\r?\n$/, '');
}
