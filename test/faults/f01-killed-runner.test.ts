import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chownSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rounds } from '../rig/rounds.js';
import { until } from '../rig/until.js';
import { faultHostForFile, processesWith } from './support/fault-host.js';

const kills = rounds({ inGate: 5 });
const megabytes = 40;
const site = faultHostForFile();
let target: string;
const old = Buffer.alloc(megabytes * 1_000_000, 'old ');
const fresh = Buffer.alloc(megabytes * 1_000_000, 'new ');

beforeAll(async () => {
  target = join(site.host.user.home, 'target');
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
    `leaves the old file or the new one, ${String(kills)} times of ${String(kills)}, and no process`,
    { timeout: 180_000 + kills * 30_000 },
    async () => {
      writeFileSync(join(site.folder.path, 'fresh'), fresh);
      const seen = new Set<string>();
      let interrupted = 0;
      const uid = execFileSync('id', ['-u', site.host.user.name], { encoding: 'utf8' });
      for (let round = 0; round < kills; round += 1) {
        writeFileSync(target, old);
        chownSync(target, Number(uid), Number(uid));
        site.freeLock();
        const run = site.apply(copy());
        // Anywhere between the first byte and the moment of the rename.
        const least = (round / (kills - 1)) * fresh.length;
        let begun = false;
        await until(() => {
          const bytes = arrived();
          begun ||= bytes > 0;
          return bytes > least || (begun && bytes === 0) || run.stdout().includes('run-end');
        }, 120_000).catch((error: unknown) => {
          throw new Error(`round ${String(round)}: ${String(arrived())} bytes; ${run.stdout()}`, { cause: error });
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
