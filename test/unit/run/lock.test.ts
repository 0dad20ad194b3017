import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LockRequest, refreshScript, releaseScript, takeScript } from '../../../src/run/lock-script.js';
import { Lab } from './support/lab.js';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-lock-'));
  path = join(folder, 'lock');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const one = (): LockRequest => ({ token: 'run-1', holder: "ann's run, pid 1", path });
const two = (): LockRequest => ({ token: 'run-2', holder: 'bob', path });

function answer(shell: readonly [string, ...string[]], script: { readonly raw: string }): string {
  const [program, ...args] = shell;
  return spawnSync(program, args, { input: script.raw, encoding: 'utf8' }).stdout.trim();
}

async function answerAs(
  user: number,
  asked: { readonly shell: readonly [string, ...string[]]; readonly script: { readonly raw: string } },
): Promise<string> {
  const child = spawn('setpriv', [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', ...asked.shell]);
  child.stdin.end(asked.script.raw);
  return (await text(child.stdout)).trim();
}

/** Moves the lock's sign of life by so many seconds. */
function age(seconds: number): void {
  const [token, boot, beat, holder] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [token, boot, Number(beat) - seconds, holder, ''].join('\n'));
}

describe.each([
  ['sh', ['sh']],
  ['busybox', ['busybox', 'sh']],
] as const)('the lock script under %s', (_name, shell) => {
  test('a second run is told who holds the lock; the same run takes it again', () => {
    expect(answer(shell, takeScript(one()))).toBe('taken');
    expect(answer(shell, takeScript(two()))).toBe("held ann's run, pid 1");
    expect(answer(shell, takeScript(one()))).toBe('taken');
  });

  test('giving it back frees it, for its own run only', () => {
    answer(shell, takeScript(one()));
    answer(shell, releaseScript(two()));
    expect(existsSync(path)).toBe(true);
    answer(shell, releaseScript(one()));
    expect(existsSync(path)).toBe(false);
  });

  // Not just -31: the clock may go on by a second in between, towards it.
  test.each([31, -40])('a lock whose last sign of life is %i s away is stale', (seconds) => {
    answer(shell, takeScript(one()));
    age(seconds);
    expect(answer(shell, takeScript(two()))).toBe('taken');
    expect(answer(shell, refreshScript(one()))).toBe('held bob');
  });

  test('a stale lock that somebody else is just taking over is held, not free', () => {
    answer(shell, takeScript(one()));
    age(31);
    mkdirSync(`${path}.take`);
    expect(answer(shell, takeScript(two()))).toBe("held ann's run, pid 1");
  });

  test('a stale lock of another user, which nobody of them may replace, hinders none of the users of one run', async () => {
    answer(shell, takeScript(two()));
    age(100);
    chownSync(path, 64_000, 64_000);
    chmodSync(folder, 0o1777);
    const users = [64_001, 64_002, 64_003, 64_004];
    const answers = await Promise.all(users.map(async (user) => answerAs(user, { shell, script: takeScript(one()) })));
    expect(answers).toEqual(['free', 'free', 'free', 'free']);
  });

  test('a lock of another boot is stale', () => {
    answer(shell, takeScript(one()));
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\n[^\n]*\n/, '\nanother-boot\n'));
    expect(answer(shell, takeScript(two()))).toBe('taken');
  });

  test('refreshing makes an old lock young', () => {
    answer(shell, takeScript(one()));
    age(25);
    expect(answer(shell, refreshScript(one()))).toBe('taken');
    age(10);
    expect(answer(shell, takeScript(two()))).toBe("held ann's run, pid 1");
  });

  test('nothing is left beside the lock', () => {
    answer(shell, takeScript(one()));
    age(31);
    answer(shell, takeScript(two()));
    answer(shell, releaseScript(two()));
    expect(spawnSync('ls', ['-A', folder], { encoding: 'utf8' }).stdout).toBe('');
  });
});

test('of ten runs that find a stale lock at the same time one gets it', async () => {
  answer(['sh'], takeScript(one()));
  age(31);
  const script = Array.from(
    { length: 10 },
    (_, index) => `(${takeScript({ token: `r${index}`, holder: `r${index}`, path }).raw}) &`,
  ).join('\n');
  const lines = answer(['sh'], { raw: `${script}\nwait` }).split('\n');
  expect(lines.filter((line) => line === 'taken')).toHaveLength(1);
  expect(lines).toHaveLength(10);
});

const play = '- hosts: [h1, h2]\n  tasks: [{sim: a}]\n';
const isTake = (text: string): boolean => text.includes('held') && text.includes('for try');

test('Q21: a run that finds another one stops before anything is done on any host', async () => {
  const lab = new Lab({
    options: { lock: { holder: 'ann' } },
    answer: ({ host, text }) =>
      isTake(text) ? { stdout: host === 'h2' ? 'held bob, pid 7\n' : 'taken\n' } : undefined,
  });
  lab.clock.hold(10_000);
  const outcome = await lab.run(play);
  expect(outcome.locked).toEqual({ host: 'h2', holder: 'bob, pid 7' });
  expect(lab.trace).toEqual([]);
});

test('locks are refreshed while a run lives and given back at its end; a preview takes none', async () => {
  const lab = new Lab({
    options: { lock: { holder: 'ann' } },
    answer: ({ text }) => (isTake(text) ? { stdout: 'taken\n' } : undefined),
  });
  lab.clock.hold(10_000);
  const slow = lab.hold('h1 a');
  const running = lab.run(play);
  await slow.entered;
  slow.release();
  await running;
  expect(lab.asked.filter(({ text }) => text.includes('mine && rm')).map(({ host }) => host)).toEqual(['h1', 'h2']);

  const preview = new Lab({ options: { preview: true, lock: { holder: 'ann' } } });
  await preview.run(play);
  expect(preview.asked.some(({ text }) => text.includes('lock'))).toBe(false);
});

test('a host whose shell is busy is told on another channel that the run is alive', async () => {
  let refreshed: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    refreshed = resolve;
  });
  const lab = new Lab({
    options: { lock: { holder: 'ann' } },
    answer: ({ kind, text }) => {
      if (isTake(text)) return { stdout: 'taken\n' };
      if (!text.includes('if mine; then')) return undefined;
      if (kind === 'script') return { end: { kind: 'timeout', seconds: 5 } };
      refreshed();
      return { stdout: 'taken\n' };
    },
  });
  lab.clock.hold(10_000);
  const slow = lab.hold('h1 a');
  const running = lab.run(play);
  await slow.entered;
  lab.clock.releaseOnce(10_000);
  await done;
  slow.release();
  expect((await running).result).toBe('done');
});
