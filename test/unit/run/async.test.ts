import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jobStateScript, type JobState, parseJobState, startJobScript } from '../../../src/modules/support/job.js';
import { script } from '../../../src/modules/script.js';
import type { Asked } from './support/fake-session.js';
import { Lab } from './support/lab.js';

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'runner-jobs-'));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

type Shell = readonly [string, ...string[]];

function start(shell: Shell, options: { readonly id: string; readonly source: string; readonly limit?: number }): void {
  const [program, ...args] = shell;
  const script = startJobScript({ id: options.id, limitSeconds: options.limit ?? 60 }).raw;
  const { status, stderr } = spawnSync(program, [...args, '-c', script], {
    input: options.source,
    cwd: home,
    env: { ...process.env, HOME: home },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
}

function state([program, ...args]: Shell, id: string): JobState {
  const { stdout, stderr, status } = spawnSync(program, [...args, '-c', jobStateScript(id).raw], {
    cwd: home,
    env: { ...process.env, HOME: home },
  });
  return parseJobState({ code: status ?? 1, stdout, stderr }, 3);
}

async function ended(shell: Shell, id: string): Promise<Extract<JobState, { kind: 'ended' }>['reply']> {
  return vi.waitFor(
    () => {
      const found = state(shell, id);
      if (found.kind !== 'ended') throw new Error(found.kind);
      return found.reply;
    },
    { timeout: 40_000, interval: 100 },
  );
}

describe.each<[string, Shell]>([
  ['sh', ['sh']],
  ['busybox', ['busybox', 'sh']],
])('jobs under %s', (_name, shell) => {
  test('go on by themselves and keep what they said, in a folder of their own', async () => {
    start(shell, { id: 'one', source: 'echo "it is"; echo oops >&2; while [ ! -e go ]; do sleep 0.1; done; exit 3' });
    expect(state(shell, 'one')).toEqual({ kind: 'running' });
    expect(statSync(join(home, '.runner-jobs/one')).mode & 0o777).toBe(0o700);
    spawnSync('touch', [join(home, 'go')]);
    const reply = await ended(shell, 'one');
    expect(reply.end).toEqual({ kind: 'code', code: 3 });
    expect([reply.stdout.toString(), reply.stderr.toString()]).toEqual(['it is\n', 'oops\n']);
    expect(existsSync(join(home, '.runner-jobs/one/command'))).toBe(false);
  });

  test('are ended with all they started when their time is over', async () => {
    start(shell, { id: 'long', limit: 3, source: 'sleep 77 & echo $! > child; wait' });
    const reply = await ended(shell, 'long');
    expect(reply.end).toEqual({ kind: 'timeout', seconds: 3 });
    const child = Number(readFileSync(join(home, 'child'), 'utf8'));
    await vi.waitFor(() => expect(existsSync(`/proc/${child}`)).toBe(false), { timeout: 30_000 });
  });

  test('an id nobody gave is unknown', () => {
    expect(state(shell, 'nobody')).toEqual({ kind: 'unknown' });
  });
});

/** A pretended host on which a job ends at the third look. */
function jobHost(final: string): {
  readonly answer: (asked: Asked) => { readonly stdout: string } | undefined;
  readonly looks: () => number;
} {
  let looks = 0;
  return {
    looks: () => looks,
    answer: ({ text }) => {
      if (!text.includes('$job/code')) return undefined;
      looks++;
      return { stdout: looks < 3 ? 'running\n' : final };
    },
  };
}

test('A01: async with poll waits for the job and has its result', async () => {
  const host = jobHost('ended\n0\n6\nhello\n');
  const lab = new Lab({ answer: host.answer });
  await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: {do: a, run: long}, async: 60, poll: 2, register: r}
    - debug: "<%= r.stdout %>"
`);
  expect(host.looks()).toBe(3);
  expect(lab.clock.slept.filter((time) => time === 2000)).toHaveLength(3);
  expect(lab.shown).toEqual(['h1: hello\n']);
});

test('A01: poll 0 gives a job id at once, which can be asked for later; an unknown one fails', async () => {
  const host = jobHost('ended\n0\n3\nok\n');
  const lab = new Lab({
    answer: (asked) => (asked.text.includes('nobody') ? { stdout: 'unknown\n' } : host.answer(asked)),
  });
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: start, sim: {do: a, run: long}, async: 60, poll: 0, register: job}
    - {name: ask, async_status: "<%= job.ansible_job_id %>", register: r, until: r.finished, delay: 1}
    - {name: nobody, async_status: nobody, ignore_errors: true}
`);
  expect(lab.outcomes).toEqual(['h1: start → changed', 'h1: ask → ok', 'h1: nobody → failed']);
  expect(lab.messageOf('h1', 'nobody')).toBe('there is no job nobody on this host');
});

test('A01: a job that overran its limit has failed', async () => {
  const host = jobHost('overrun\n143\n0\n');
  const lab = new Lab({ answer: host.answer });
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: start, sim: {do: a, run: long}, async: 60, poll: 0, register: job}
    - {name: ask, async_status: "<%= job.ansible_job_id %>", register: r, until: r.finished, retries: 5, delay: 1}
`);
  expect(lab.messageOf('h1', 'ask')).toContain('the job did not end in its time and was stopped');
});

test('poll 0 that only a template tells is refused where more follows the command', async () => {
  const lab = new Lab({ modules: [script] });
  await lab.run(`
- hosts: [h1]
  vars: {seconds: 0}
  tasks:
    - {name: start, script: x, async: 60, poll: "<%= seconds %>", ignore_errors: true}
`);
  expect(lab.messageOf('h1', 'start')).toContain('`script` cannot be left alone with `poll: 0`');
  expect(lab.asked).toEqual([]);
});

test('an action that ran no command though it was to be a job says so', async () => {
  const lab = new Lab({ answer: jobHost('ended\n0\n3\nok\n').answer });
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: lost, sim: {do: a, would: act}, async: 60}
    - {name: job, sim: {do: a, would: act, run: long}, async: 60}
    - {name: plain, sim: {do: a, would: act}}
`);
  const warned = lab.events.flatMap((event) =>
    event.kind === 'task-end' && event.outcome.warnings.length > 0 ? [[event.ref.task, event.outcome.warnings]] : [],
  );
  expect(warned).toEqual([['lost', ['`async` had no effect: the host ran no command that could be a job']]]);
});
