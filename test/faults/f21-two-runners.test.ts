import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rounds } from '../rig/rounds.js';
import { until } from '../rig/until.js';
import { faultHostForFile, processesWith } from './support/fault-host.js';
import { heldTask } from './support/held-task.js';

/** Each story is told once in the gate. */
const repeats = rounds({ inGate: 1, most: 5 }) - 1;
const site = faultHostForFile();

const playbook = (mark: string): string => `- hosts: web
  facts: false
  tasks:
    - name: Long
      command: sleep ${mark}
`;

describe('F21: two runners at once', () => {
  it(
    'the second is refused within 5 s, names the first, and touches nothing; the first goes on',
    { timeout: 300_000, repeats },
    async () => {
      const held = heldTask(site, 'go');
      const first = site.apply(`- hosts: web\n  facts: false\n  tasks:\n${held.text}`);
      await until(held.isUnderWay);
      const second = await site.apply(playbook('721')).ended;
      expect(second.code).toBe(5);
      expect(second.milliseconds).toBeLessThan(5000);
      expect(JSON.stringify(second.events)).toContain(`${hostname()} (pid ${String(first.pid)})`);
      expect(second.task('Long')).toEqual({});
      held.letGo();
      expect((await first.ended).code).toBe(0);
      const third = await site.apply(playbook('0.1')).ended;
      expect(third.code).toBe(0);
    },
  );

  it(
    'the lock of a killed runner is free 30 s after its last sign of life',
    { timeout: 300_000, repeats },
    async () => {
      const first = site.apply(playbook('721.2'));
      await until(() => processesWith('sleep 721.2', site.host.user.name).length > 0);
      first.signal('SIGKILL');
      await first.ended;
      // The host's own clock is this machine's; it counts whole seconds.
      const lastSign = Number(readFileSync(`/tmp/runner.${String(site.host.port)}.lock`, 'utf8').split('\n')[2]);
      expect((await site.apply(playbook('0.2')).ended).code).toBe(5);
      await until(() => Date.now() / 1000 > lastSign + 31, 60_000);
      expect((await site.apply(playbook('0.2')).ended).code).toBe(0);
    },
  );

  it('lose no line when they take turns at one file', { timeout: 300_000, repeats }, async () => {
    const file = join(site.host.user.home, 'lines');
    writeFileSync(file, '', { mode: 0o666 });
    const line = (number: number): string => `- hosts: web
  facts: false
  tasks:
    - lineinfile: { path: "/home/${site.host.user.name}/lines", line: "line ${String(number)}" }
`;
    const add = async (number: number): Promise<void> => {
      const name = `lines${String(number)}.yaml`;
      site.folder.write(name, line(number));
      for (let round = 0; round < 40; round += 1) {
        const { code } = await site.run('apply', name).ended;
        if (code === 0) return;
        expect(code).toBe(5);
      }
      throw new Error(`never had its turn: ${String(number)}`);
    };
    await Promise.all([0, 1, 2, 3].map(add));
    expect(readFileSync(file, 'utf8').trim().split('\n').toSorted()).toEqual(['line 0', 'line 1', 'line 2', 'line 3']);
  });
});
