import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { program } from '../cli/program.js';
import { until } from '../rig/until.js';
import { faultHostForFile } from './support/fault-host.js';

const site = faultHostForFile();

/** The notice of a cut stdout. */
function noticeIn(stdout: string): { readonly omitted: number; readonly file: string } {
  const match = /\n\[\.\.\. (\d+) bytes left out; all of it is in (\S+) \.\.\.\]\n/.exec(stdout);
  if (match === null) throw new Error(`no notice: ${stdout.slice(0, 200)}`);
  return { omitted: Number(match[1]), file: join(site.folder.path, match[2] ?? '') };
}

async function outputOf(command: string, more = ''): Promise<{ readonly stdout: string; readonly peak: number }> {
  site.folder.write('run.sh', command);
  const run = site.apply(`- hosts: web
  facts: false
  tasks:
    - name: Much
      script: run.sh
      register: much
${more}`);
  const { code, task, peakMegabytes, stderr } = await run.ended;
  expect([code, stderr]).toEqual([0, '']);
  const result = task('Much')['h1']?.result;
  return { stdout: result?.['stdout'] as string, peak: peakMegabytes };
}

describe('F25: much output', () => {
  it(
    'of 100 MB in lines stays in bounded memory: head and tail in the result, all of it in a private file',
    { timeout: 120_000 },
    async () => {
      const { stdout, peak } = await outputOf(
        'echo first; yes 0123456789012345678901234567890123456789 | head -c 100000000; echo; echo last\n',
      );
      expect(stdout.startsWith('first\n0123')).toBe(true);
      expect(stdout.endsWith('\nlast')).toBe(true);
      expect(stdout.length).toBeLessThan(2_500_000);
      const { omitted, file } = noticeIn(stdout);
      expect(omitted).toBeGreaterThan(97_000_000);
      const all = readFileSync(file);
      expect(all.length).toBe(100_000_012);
      expect(all.subarray(0, 6).toString()).toBe('first\n');
      expect(all.subarray(-6).toString()).toBe('\nlast\n');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(peak).toBeLessThan(300);
    },
  );

  it('of 100 MB in one line, with bytes that are no text, is kept byte for byte', { timeout: 120_000 }, async () => {
    const { stdout, peak } = await outputOf(`head -c 100000000 /dev/zero | tr '\\0' '\\377'; printf end\n`);
    const { file } = noticeIn(stdout);
    const all = readFileSync(file);
    expect([all.length, all[5], all.subarray(-3).toString()]).toEqual([100_000_003, 0xff, 'end']);
    expect(peak).toBeLessThan(300);
  });

  it('keeps secrets out of the file, also where its pieces meet', { timeout: 120_000 }, async () => {
    const inventory = readFileSync(join(site.folder.path, 'inventory.yaml'), 'utf8');
    site.folder.write('inventory.yaml', `${inventory}  vars:\n    token: !secret s3cr3t-väl-ue\n`);
    const { stdout } = await outputOf(
      'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo "s3cr3t-väl-ue"; head -c 7001 /dev/zero; done\n',
    );
    site.folder.write('inventory.yaml', inventory);
    const { file } = noticeIn(stdout);
    const all = readFileSync(file);
    expect(all.includes('s3cr3t')).toBe(false);
    expect(all.toString('latin1').split('********')).toHaveLength(2001);
  });

  it('of `exec` waits for a reader that does not keep up, and ends without one', { timeout: 120_000 }, async () => {
    const script = 'yes 0123456789012345678901234567890123456789 | head -c 100000000; echo; echo last';
    const args = ['exec', 'h1', '--shell', '--', script];
    const child = spawn('node', [program, ...args], { cwd: site.folder.path, stdio: ['ignore', 'pipe', 'pipe'] });
    const peak = (): number =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8'))?.[1]) / 1024;
    // Nobody reads: what the host says piles up there, not here.
    await until(() => child.stdout.readableLength > 0);
    const atLeast = peak();
    let received = 0;
    let last = '';
    let most = atLeast;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      received += chunk.length;
      last = chunk.toString().slice(-20);
      if (received < 100_000_000) most = Math.max(most, peak());
    }
    expect(last.endsWith('h1 | last\n')).toBe(true);
    expect(received).toBeGreaterThan(100_000_000);
    expect(most).toBeLessThan(300);
    const head = spawn('sh', ['-c', '"$@" | head -n 1', 'sh', process.execPath, program, ...args], {
      cwd: site.folder.path,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = (await once(head.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('h1 | 0123456789012345678901234567890123456789\n');
    await once(head, 'close');
  });

  it('of a no_log task goes nowhere', { timeout: 60_000 }, async () => {
    const { ended } = site.apply(`- hosts: web
  facts: false
  tasks:
    - name: Hidden
      shell: yes hidden-words | head -c 20000000
      no_log: true
`);
    const { code, events } = await ended;
    expect(code).toBe(0);
    const start = events.find((event) => event.kind === 'run-start');
    const folder = join(site.folder.path, '.runner/runs', start?.kind === 'run-start' ? start.run : '');
    expect(readFileSync(join(folder, 'events.jsonl'), 'utf8')).not.toContain('hidden-words');
    expect(() => statSync(join(folder, 'output-1-h1.stdout'))).toThrow('ENOENT');
  });
});
