import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rounds } from '../rig/rounds.js';
import { until } from '../rig/until.js';
import { faultHostForFile, processesWith } from './support/fault-host.js';

const kills = rounds({ inGate: 5 });
/** More than are done while the kills come, each after one or two steps; a slow machine may see some of them too late. */
const steps = kills * 3 + 50;
const site = faultHostForFile();
let log: string;

beforeAll(async () => {
  log = join(site.host.user.home, 'log');
});

/** Every step leaves a line, and needs what the one before it said. */
const playbook = (): string => `- hosts: web
  facts: false
  tasks:
${Array.from(
  { length: steps },
  (_, step) => `    - name: Step ${String(step)}
      shell: "test '${step === 0 ? '' : `<%= said${String(step - 1)}.stdout %>`}' = '${step === 0 ? '' : `said ${String(step - 1)}`}' && echo step-${String(step)} >> ${log} && echo said ${String(step)}"
      register: said${String(step)}
`,
).join('')}`;

const done = (): readonly string[] => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []);

const linesOf = (step: string): number => done().filter((line) => line === step).length;

/** The steps that the last run has written down as done. */
function writtenDown(): readonly string[] {
  const runs = join(site.folder.path, '.runner/runs');
  const last = readdirSync(runs).toSorted().at(-1) ?? '';
  const text = readFileSync(join(runs, last, 'actions.jsonl'), 'utf8');
  return [...text.matchAll(/"stdout":"said (\d+)"/g)].map((match) => `step-${match[1] ?? ''}`);
}

describe('G17: a run that is killed again and again is gone on with', () => {
  it(
    `does nothing twice that was written down, and leaves nothing out, in ${String(kills)} kills`,
    { timeout: 120_000 + kills * 8000 },
    async () => {
      let run = site.apply(playbook());
      let killed = 0;
      const times: { readonly step: string; readonly count: number }[] = [];
      for (let kill = 0; kill < kills; kill += 1) {
        const wanted = done().length + 1 + Math.floor(Math.random() * 2);
        // Where in the next step the kill comes is left to chance.
        await until(() => done().length >= wanted || run.stdout().includes('run-end'));
        run.signal('SIGKILL');
        if ((await run.ended).signal === null) break;
        killed += 1;
        // What was under way on the host is over.
        await until(() => processesWith(site.host.user.name).every((line) => !line.includes('/bin/sh')));
        for (const step of writtenDown()) times.push({ step, count: linesOf(step) });
        site.freeLock();
        run = site.run('resume', '--output', 'json');
      }
      const { code, stderr } = await run.ended;
      expect(code, stderr).toBe(0);
      expect(killed).toBeGreaterThan(0);
      expect(times.length).toBeGreaterThan(0);
      for (const { step, count } of times) expect(linesOf(step), step).toBe(count);
      expect([...new Set(done())]).toEqual(Array.from({ length: steps }, (_, step) => `step-${String(step)}`));
      // A step is done again only when the kill came between its end and the word of it: at most once a kill.
      expect(done().length - steps).toBeLessThanOrEqual(killed);
    },
  );
});
