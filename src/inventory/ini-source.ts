import { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import type { Located } from '../syntax/located.js';
import { parseYaml } from '../syntax/parse-yaml.js';
import { variableNameFault } from '../syntax/variable-name.js';
import { checkBraces } from '../syntax/variable-text.js';
import type { DraftGroup, InventoryDraft } from './draft.js';

interface IniReading {
  readonly draft: InventoryDraft;
  readonly diagnostics: Diagnostics;
}

type SectionKind = 'hosts' | 'children' | 'vars';

interface Section {
  readonly group: DraftGroup;
  readonly kind: SectionKind;
  readonly variables: Map<string, Located>;
}

/**
 * Adds an INI inventory as people bring it from Ansible: `[group]` with hosts and their `key=value` pairs,
 * `[group:children]`, `[group:vars]`, ranges, and comments that begin a line with `#` or `;`. Values are whole numbers,
 * true and false, lists and maps when they look like it, text otherwise.
 */
export function readIniInventory(options: IniReading & { readonly text: string; readonly file: string }): void {
  const { text, file, draft } = options;
  const start = { file, start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
  let section = open('ungrouped', 'hosts', start, draft);
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .forEach((line, index) => {
      const content = line.trim();
      if (content === '' || content.startsWith('#') || content.startsWith(';')) return;
      const column = line.indexOf(content) + 1;
      const place = (offset: number, length: number): Span => ({
        file,
        start: { line: index + 1, column: column + offset },
        end: { line: index + 1, column: column + offset + Math.max(1, length) },
      });
      const heading = /^\[([^\]]*)\]\s*(?:[#;].*)?$/.exec(content);
      // `[2001:db8::1]` and `[1:3]host` are hosts; a heading holds the whole line.
      if (heading !== null)
        section = openHeading(heading[1] ?? '', place(1, heading[1]?.length ?? 1), options) ?? section;
      else if (section !== undefined) readLine({ content, place, section, reading: options });
    });
}

function openHeading(heading: string, span: Span, reading: IniReading): Section | undefined {
  const [name = '', kind = 'hosts', ...rest] = heading.split(':');
  if (rest.length === 0 && (kind === 'hosts' || kind === 'children' || kind === 'vars'))
    return open(name, kind, span, reading.draft);
  reading.diagnostics.error({
    code: 'ini-section',
    message: `\`[${heading}]\` is no section of an inventory`,
    span,
    hint: 'write [group], [group:children] or [group:vars]',
  });
  return undefined;
}

function open(name: string, kind: SectionKind, span: Span, draft: InventoryDraft): Section | undefined {
  const group = draft.group(name, span);
  if (group === undefined) return undefined;
  const variables = new Map<string, Located>();
  if (kind === 'vars') group.layers.push({ name: `group ${name}`, values: variables });
  return { group, kind, variables };
}

interface Line {
  readonly content: string;
  readonly place: (offset: number, length: number) => Span;
  readonly section: Section;
  readonly reading: IniReading;
}

function readLine(line: Line): void {
  const { content, place, section, reading } = line;
  if (section.kind === 'children') {
    const name = content.replace(/\s+[#;].*$/, '');
    reading.draft.addChild(section.group, name, place(0, name.length));
    return;
  }
  if (section.kind === 'vars') {
    readPair({ ...line, text: content, offset: 0, into: section.variables });
    return;
  }
  readHostLine(line);
}

function readHostLine(line: Line): void {
  const [first, ...rest] = words(line.content);
  if (first === undefined) return;
  const variables = new Map<string, Located>();
  for (const word of rest) {
    if (word.text.startsWith('#')) break;
    readPair({ ...line, text: word.text, offset: word.offset, into: variables });
  }
  line.reading.draft.addHosts({
    group: line.section.group,
    name: first.text,
    span: line.place(first.offset, first.text.length),
    variables,
  });
}

/** Words of a line parted by blanks; blanks within quotes and braces belong to the word. */
function words(content: string): readonly { readonly text: string; readonly offset: number }[] {
  return [...content.matchAll(/(?:"[^"]*"|'[^']*'|\{\{.*?\}\}|[^\s"'])+|["']/g)].map((match) => ({
    text: match[0],
    offset: match.index,
  }));
}

function readPair(
  pair: Line & { readonly text: string; readonly offset: number; readonly into: Map<string, Located> },
): void {
  const { text, offset, into, place } = pair;
  const { diagnostics } = pair.reading;
  const match = /^([^=\s]+)\s*=\s*(.*)$/.exec(text);
  const key = match?.[1];
  const fault = key === undefined ? { message: 'a variable is written name=value' } : variableNameFault(key);
  if (key === undefined || fault !== undefined) {
    diagnostics.error({
      code: 'ini-variable',
      message: 'a variable is written name=value',
      ...fault,
      span: place(offset, text.length),
    });
    return;
  }
  const source = match?.[2] ?? '';
  const located = value(source, place(offset + text.length - source.length, source.length));
  checkBraces(located, diagnostics);
  into.set(key, located);
}

function value(source: string, span: Span): Located {
  const quoted = /^(["'])(.*)\1$/.exec(source)?.[2];
  const text = quoted ?? source;
  const collection = /^(\[.*\]|\{(?!\{).*\})$/.test(text) ? readCollection(text, span) : undefined;
  if (collection !== undefined) return collection;
  if (quoted !== undefined) return { kind: 'scalar', value: quoted, source: quoted, quoted: true, span };
  return { kind: 'scalar', value: plainValue(source), source, quoted: false, span };
}

/** `[1, 2]` and `{"a": 1}`, quoted or not, are lists and maps as in Ansible; undefined when it is only text in brackets. */
function readCollection(text: string, span: Span): Located | undefined {
  const mistakes = new Diagnostics();
  const located = parseYaml({ text, file: span.file, diagnostics: mistakes });
  return located === undefined || mistakes.hasErrors ? undefined : movedTo(located, span);
}

function movedTo(located: Located, span: Span): Located {
  switch (located.kind) {
    case 'scalar':
      return { ...located, span };
    case 'list':
      return { ...located, items: located.items.map((item) => movedTo(item, span)), span };
    case 'map':
      return {
        ...located,
        entries: located.entries.map(({ key, value: inner }) => ({ key, keySpan: span, value: movedTo(inner, span) })),
        span,
      };
  }
}

function plainValue(source: string): string | number | boolean {
  if (/^-?(0|[1-9]\d{0,14})$/.test(source)) return Number(source);
  if (/^(true|True)$/.test(source)) return true;
  return /^(false|False)$/.test(source) ? false : source;
}
