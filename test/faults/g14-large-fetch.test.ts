import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';
import { until } from '../rig/until.js';
import { startRunner } from './support/program.js';

vi.setConfig({ testTimeout: 120_000 });

const size = 300 * 1024 * 1024;
const lab = labForFile();
let source: string;
/** Large enough to be killed in the middle of. */
let middle: string;

beforeAll(async () => {
  source = join(lab.sshd.directory, 'large');
  middle = join(lab.sshd.directory, 'middle');
  const make = 'head -c "$1" /dev/urandom > "$0" && chmod 600 "$0"';
  execFileSync('sh', ['-c', make, source, String(size)]);
  execFileSync('sh', ['-c', make, middle, '100000000']);
});

/** The lock of a run that could not give it back, which would be stale after 30 s. */
const freeLock = (): void => rmSync(`/tmp/runner.${String(lab.sshd.port)}.lock`, { force: true });
const sumOf = (file: string): string => execFileSync('sha256sum', [file], { encoding: 'utf8' }).split(' ')[0] ?? '';

const playbook = (dest: string, src = source): string => `
- hosts: h1
  facts: false
  become: true
  tasks:
    - { name: large, fetch: { src: ${src}, dest: ${dest}, flat: true }, register: got }
`;

describe('G14: fetch', () => {
  it('brings a file of 300 MiB that only root may read in constant memory, and not a second time', async () => {
    lab.write('site.yaml', playbook('got'));
    const apply = (): ReturnType<typeof startRunner> =>
      startRunner({ directory: lab.folder, args: ['apply', '--output', 'json', 'site.yaml'] });
    const { code, peakMegabytes, stderr, task } = await apply().ended;
    expect(code, stderr).toBe(0);
    expect(peakMegabytes).toBeGreaterThan(0);
    expect(peakMegabytes).toBeLessThan(220);
    expect(task('large')['h1']).toMatchObject({ status: 'changed' });
    expect(statSync(join(lab.folder, 'got')).size).toBe(size);
    expect(sumOf(join(lab.folder, 'got'))).toBe(sumOf(source));
    expect((await apply().ended).task('large')['h1']).toMatchObject({ status: 'ok' });
  });

  it('leaves the old file alone when it is killed in the middle, and the next one takes away what lay there', async () => {
    lab.write('site.yaml', playbook('got', middle));
    writeFileSync(join(lab.folder, 'got'), 'old');
    const run = startRunner({ directory: lab.folder, args: ['apply', '--output', 'json', 'site.yaml'] });
    const partial = (): readonly string[] => readdirSync(lab.folder).filter((name) => name.startsWith('.runner-'));
    await until(() => partial().some((name) => statSync(join(lab.folder, name)).size > 20_000_000), 60_000);
    run.signal('SIGKILL');
    await run.ended;
    expect(partial()).toHaveLength(1);
    expect(statSync(join(lab.folder, partial()[0] ?? '')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(lab.folder, 'got'), 'utf8')).toBe('old');
    writeFileSync(join(lab.folder, 'small'), 'new');
    freeLock();
    const next = await lab.apply(playbook('got', join(lab.folder, 'small')));
    expect(next.code, next.why).toBe(0);
    expect(partial()).toEqual([]);
    expect(readFileSync(join(lab.folder, 'got'), 'utf8')).toBe('new');
  });

  it('fails and ends the reading there when there is no room here', async () => {
    const full = join(lab.folder, 'full');
    execFileSync('sh', ['-c', 'mkdir "$0" && mount -t tmpfs -o size=2m tmpfs "$0"', full]);
    try {
      const run = await lab.apply(playbook('full/got', middle));
      expect(run.code).toBe(1);
      expect(run.task('large')['h1']?.message).toMatch(/cannot write .*full\/got.*ENOSPC/);
      expect(existsSync(join(full, 'got'))).toBe(false);
      expect(readdirSync(full)).toEqual([]);
      expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`p=${middle}`);
    } finally {
      execFileSync('umount', [full]);
    }
  });
});
