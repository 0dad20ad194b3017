import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8');
const rows = [...page.matchAll(/^\| ([GFS]\d+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, id = '', , kept = '']) => ({
  id,
  kept,
}));

const ids = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index + 1)}`);

describe('docs/reliability.md', () => {
  it('has a row for every goal, fault and attack', () => {
    expect(rows.map(({ id }) => id)).toEqual([...ids('G', 20), ...ids('F', 34), ...ids('S', 24)]);
  });

  it.each(rows.map(({ id, kept }) => [id, kept] as const))(
    '%s names tests that are there, or says why there is none',
    (id, kept) => {
      const named = [...kept.matchAll(/`(test\/[^`]+)`(?: “([^”]+)”)?/g)];
      if (named.length === 0) expect(kept.length, kept).toBeGreaterThan(20);
      for (const [, path = '', words] of named) {
        const file = join(root, path);
        expect(existsSync(file), path).toBe(true);
        if (statSync(file).isDirectory()) continue;
        const text = readFileSync(file, 'utf8');
        if (words !== undefined) expect(text, `${path} for ${id}`).toContain(words);
        else if (/^test\/(faults|security)\//.test(path) && !id.startsWith('G'))
          expect(text, path).toMatch(new RegExp(`\\b${id}\\b`));
      }
    },
  );
});
