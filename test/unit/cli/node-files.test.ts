import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../src/cli/node-files.js';

describe('the files of the controller', () => {
  const files = nodeFiles();
  let folder = '';
  const path = (name: string): string => join(folder, name);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'node-files-'));
    writeFileSync(path('b.yaml'), 'é: 汉\n');
    writeFileSync(path('a.bin'), Buffer.from([0xff, 0xfe, 0x00]));
    mkdirSync(path('sub'));
    for (const [name, body] of Object.entries({
      good: 'echo "$1 $2"',
      bad: 'echo why >&2; exit 3',
      silent: 'exit 4',
    })) {
      writeFileSync(path(name), `#!/bin/sh\n${body}\n`);
      chmodSync(path(name), 0o755);
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('are read as UTF-8', () => {
    expect(files.read(path('b.yaml'))).toBe('é: 汉\n');
    expect(files.read(path('missing'))).toBeUndefined();
    expect(files.read(path('b.yaml/below'))).toBeUndefined();
    expect(() => files.read(path('a.bin'))).toThrow('it is not UTF-8 text');
    expect(() => files.read(path('sub'))).toThrow('it is a directory');
  });

  it('are read to an end, and where there is none it is said', () => {
    expect(files.read('/dev/null')).toBe('');
    expect(() => files.read('/dev/zero')).toThrow('it has no end within 67108864 bytes');
  });

  it('have a kind', () => {
    expect(['b.yaml', 'sub', 'good', 'missing'].map((name) => files.kind(path(name)))).toEqual([
      'file',
      'directory',
      'executable',
      undefined,
    ]);
  });

  it('are listed in order', () => {
    expect(files.list(folder)).toEqual(['a.bin', 'b.yaml', 'bad', 'good', 'silent', 'sub']);
    expect(files.list(path('missing'))).toEqual([]);
    expect(files.list(path('b.yaml'))).toEqual([]);
  });

  it('run as programs, which fail in their own words', () => {
    expect(files.run(path('good'), ['--host', 'a b'])).toBe('--host a b\n');
    expect(() => files.run(path('bad'), [])).toThrow(/^why$/);
    expect(() => files.run(path('silent'), [])).toThrow('it exited with 4');
    expect(() => files.run(path('b.yaml'), [])).toThrow('it cannot be executed');
  });
});
