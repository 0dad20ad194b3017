import { readFileSync } from 'node:fs';

/** The rows of `flags/<name>.tsv`, keyed by the words of its first line. */
export function readFlagTable(name: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = readFileSync(new URL(`../../flags/${name}.tsv`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  const keys = head.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(keys.map((key, index) => [key, cells[index] ?? '']));
  });
}
