import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRunner, type Ended } from '../faults/support/program.js';
import { folderOf } from '../cli/program.js';

vi.setConfig({ testTimeout: 180_000 });

let folder: ReturnType<typeof folderOf>;
beforeEach(() => {
  folder = folderOf({
    'inventory.yaml': 'web: { hosts: { h1: { ssh: { host: 127.0.0.1 } } } }\n',
    'site.yaml': '- hosts: web\n  vars_files: [bomb.yaml]\n  tasks: [{ debug: { msg: "<%= x %>" } }]\n',
  });
});
afterEach(() => folder.remove());

const validate = (): Promise<Ended> => startRunner({ directory: folder.path, args: ['validate', 'site.yaml'] }).ended;
const aliases = Array.from(
  'abcdefghi',
  (name, level, all: readonly string[] = Array.from('abcdefghi')) =>
    `${name}: &${name} [${Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*${all[level - 1] ?? ''}`)).join(',')}]`,
).join('\n');

describe('S15: a file of variables', () => {
  it.each([
    ['with aliases 9 by 9', aliases, /alias/],
    ['nested 20,000 deep', `x: ${'['.repeat(20_000)}`, /nested|deep/],
    ['with an unknown tag', 'x: !python/object/apply:os.system ["id"]\n', /tag/],
  ])('%s is refused in little time and memory', async (_name, text, reason) => {
    folder.write('bomb.yaml', text);
    const { code, stderr, stdout, peakMegabytes } = await validate();
    expect(code).toBe(2);
    expect(stderr + stdout).toMatch(reason);
    expect(stderr + stdout).toContain('bomb.yaml');
    expect(peakMegabytes).toBeLessThan(200);
  });

  it('of 100 MB is refused without being read', async () => {
    execFileSync('sh', [
      '-c',
      'yes "key: value of some length" | head -c 100000000 > "$0"',
      join(folder.path, 'bomb.yaml'),
    ]);
    const { code, stderr, stdout, peakMegabytes } = await validate();
    expect(code).toBe(2);
    expect(stderr + stdout).toMatch(/bomb\.yaml.*has 100000000 bytes, the most is/);
    expect(peakMegabytes).toBeLessThan(200);
  });
});
