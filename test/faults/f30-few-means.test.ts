import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startSshd } from '../rig/sshd.js';
import { siteOf, type Site } from './support/fault-host.js';
import { startRunner } from './support/program.js';

vi.setConfig({ testTimeout: 120_000 });

let rig: Awaited<ReturnType<typeof startSshd>>;
let site: Site;
const hosts = 60;

beforeAll(async () => {
  rig = await startSshd();
  site = siteOf(
    Array.from({ length: hosts }, (_, index) => ({
      name: `n${String(index)}`,
      address: `127.0.1.${String(index + 1)}`,
      rig,
      user: rig.user.name,
    })),
  );
});

afterAll(async () => {
  site.remove();
  await rig.stop();
});

const two = `- hosts: web
  facts: false
  tasks:
    - { name: one, command: "true" }
    - { name: two, shell: "head -c 200000 /dev/zero | tr '\\\\0' x" }
`;

describe('F30: a controller with few means', () => {
  it('may have so few files open that it cannot start, or not enough for its hosts: it says so before it touches any', async () => {
    const many = siteOf(
      Array.from({ length: 230 }, (_, index) => ({
        name: `m${String(index)}`,
        address: `127.0.1.${String(index + 1)}`,
        rig,
        user: rig.user.name,
      })),
    );
    onTestFinished(() => many.remove());
    many.folder.write('site.yaml', two);
    const apply = (files: number): ReturnType<typeof startRunner> =>
      startRunner({
        directory: many.folder.path,
        args: ['apply', '--output', 'json', 'site.yaml'],
        within: ['prlimit', `--nofile=${String(files)}:${String(files)}`],
      });
    const started = await apply(24).ended;
    expect(started.code, started.stderr).toBe(2);
    // How many files Node opens at once when it loads the program is a question of how fast it reads them.
    expect(started.stderr).toMatch(
      /^error: (?:too few files may be open|connections to 230 hosts .* may have 24\n)[^]*ulimit -n/,
    );
    const refused = await apply(256).ended;
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stderr).toMatch(/230 hosts need about 270 open files, and this process may have 256[^]*ulimit -n/);
    expect(rig.log()).not.toContain('Connection from');
  });

  it('has 128 MB for its heap: all hosts are worked on', async () => {
    site.folder.write('site.yaml', two);
    const { code, task, stderr } = await startRunner({
      directory: site.folder.path,
      args: ['apply', '--output', 'json', 'site.yaml'],
      environment: { NODE_OPTIONS: '--max-old-space-size=128' },
    }).ended;
    expect(code, stderr).toBe(0);
    expect(Object.values(task('two')).filter(({ status }) => status === 'changed')).toHaveLength(hosts);
  });

  it('has a disk that fills up in the middle: the work goes on, it is told, and no line of the journal is torn', async () => {
    const state = join(site.folder.path, '.runner');
    mkdirSync(state, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', state]);
    try {
      site.folder.write('site.yaml', two);
      const { code, task, stderr, stdout } = await startRunner({
        directory: site.folder.path,
        args: ['apply', '--output', 'json', 'site.yaml'],
      }).ended;
      expect(Object.values(task('two')).filter(({ status }) => status === 'changed')).toHaveLength(hosts);
      expect(`${stderr}${stdout}`).toMatch(/journal.*(ENOSPC|no space)/i);
      expect(code).toBe(0);
      const [run = ''] = readdirSync(join(state, 'runs'));
      const lines = readFileSync(join(state, 'runs', run, 'events.jsonl'), 'utf8')
        .split('\n')
        .filter(Boolean);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.filter((line) => !isJson(line))).toEqual([]);
    } finally {
      execFileSync('umount', [state]);
    }
  });
});

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
