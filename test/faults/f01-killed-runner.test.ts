import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chownSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../rig/until.js';
import { processesWith, startFaultHost, type FaultHost } from './support/fault-host.js';

/** Rounds: 5 in the gate, 50 when the whole suite runs. */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 5);
const megabytes = 40;
let site: FaultHost;
let target: string;
const old = Buffer.alloc(megabytes * 1_000_000, 'old ');
const fresh = Buffer.alloc(megabytes * 1_000_000, 'new ');

beforeAll(async () => {
  site = await startFaultHost();
  target = join(site.host.user.home, 'target');
});

afterAll(async () => {
  await site.stop();
});

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function leftovers(): readonly string[] {
  return readdirSync(site.host.user.home).filter((name) => name.startsWith('.runner-'));
}

/** Bytes of the new file that the host has; 0 before the first and after the rename. */
function arrived(): number {
  const [name] = leftovers();
  if (name === undefined) return 0;
  return statSync(join(site.host.user.home, name), { throwIfNoEntry: false })?.size ?? 0;
}

const copy = (): string => `- hosts: web
  facts: false
  tasks:
    - name: Copy
      copy: { src: fresh, dest: ${target} }
`;

describe('F1: the runner is killed while it copies', () => {
  it(
    `leaves the old file or the new one, ${String(rounds)} times of ${String(rounds)}, and no process`,
    { timeout: 180_000 + rounds * 10_000 },
    async () => {
      writeFileSync(join(site.folder.path, 'fresh'), fresh);
      const seen = new Set<string>();
      let interrupted = 0;
      const uid = execFileSync('id', ['-u', site.host.user.name], { encoding: 'utf8' });
      for (let round = 0; round < rounds; round += 1) {
        writeFileSync(target, old);
        chownSync(target, Number(uid), Number(uid));
        site.freeLock();
        const run = site.apply(copy());
        // Anywhere between the first byte and the moment of the rename.
        const least = (round / (rounds - 1)) * fresh.length;
        let begun = false;
        await until(() => {
          const bytes = arrived();
          begun ||= bytes > 0;
          return bytes > least || (begun && bytes === 0) || run.stdout().includes('run-end');
        });
        run.signal('SIGKILL');
        const { signal } = await run.ended;
        if (signal === 'SIGKILL') interrupted += 1;
        // What was under way on the host is over.
        await until(() => processesWith(site.host.user.name).every((line) => !line.includes('/bin/sh')));
        const sum = hash(readFileSync(target));
        expect([hash(old), hash(fresh)]).toContain(sum);
        seen.add(sum);
        // The host's own watchdog cleans up after a runner that is gone.
        await until(() => leftovers().length === 0);
      }
      expect(interrupted).toBeGreaterThan(0);
      expect(seen).toContain(hash(old));
    },
  );

  it('removes what an earlier run left behind when the host died with it', async () => {
    const left = join(site.host.user.home, '.runner-20260101-000000-abcdef.tmp.0123456789abcdef');
    writeFileSync(left, 'half');
    const long = Date.now() / 1000 - 7200;
    utimesSync(left, long, long);
    site.freeLock();
    const run = site.apply(copy().replace('src: fresh', 'content: small'));
    expect((await run.ended).code).toBe(0);
    expect(leftovers()).toEqual([]);
    expect(readFileSync(target, 'utf8')).toBe('small');
  });
});
