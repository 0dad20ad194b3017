/** A line of fstab(5), fields as they are meant: white space is not escaped. */
export interface FstabEntry {
  readonly src: string;
  readonly path: string;
  readonly fstype: string;
  readonly opts: string;
  readonly dump: string;
  readonly passno: string;
}

/** The entry of a line; undefined for comments and what is none. The format of /proc/self/mounts is the same. */
export function parseEntry(line: string): FstabEntry | undefined {
  const [src, path, fstype, opts = 'defaults', dump = '0', passno = '0'] = line.trim().split(/\s+/).map(unescaped);
  if (src === undefined || src.startsWith('#') || path === undefined || fstype === undefined) return undefined;
  return { src, path, fstype, opts, dump, passno };
}

/** The text with the entry of its path put in the place of the last one, or at the end. */
export function withEntry(text: string, entry: FstabEntry): string {
  const lines = linesOf(text);
  const at = lines.findLastIndex((line) => parseEntry(line)?.path === entry.path);
  const known = at === -1 ? undefined : parseEntry(lines[at] ?? '');
  if (known !== undefined && fieldsOf(known).join(' ') === fieldsOf(entry).join(' ')) return text;
  const line = fieldsOf(entry).join(' ');
  return joined(at === -1 ? [...lines, line] : lines.toSpliced(at, 1, line));
}

/** The text without the entries of a path. */
export function withoutPath(text: string, path: string): string {
  const lines = linesOf(text);
  const kept = lines.filter((line) => parseEntry(line)?.path !== path);
  return kept.length === lines.length ? text : joined(kept);
}

function fieldsOf(entry: FstabEntry): readonly string[] {
  return [entry.src, entry.path, entry.fstype, entry.opts, entry.dump, entry.passno].map(escaped);
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function escaped(field: string): string {
  return field.replace(/[ \t\n\\]/g, (mark) => `\\${mark.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
