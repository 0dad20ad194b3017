import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellSource, sh } from '../../../src/shell/text.js';
import type { Session } from '../../../src/transport/types.js';
import { sessionWithShell, shellNames } from '../../rig/shells.js';
import { until } from '../../rig/until.js';

describe.each(shellNames)('commands and scripts where /bin/sh is %s', (name) => {
  let directory: string;
  let session: Session;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'commands-'));
    session = sessionWithShell(name, directory);
  });

  afterAll(async () => {
    await session.close();
    rmSync(directory, { recursive: true });
  });

  it('keeps stdout and stderr apart and byte for byte', async () => {
    const bytes = randomBytes(300_000);
    const both = 'f=$(mktemp); cat >"$f"; cat "$f"; cat "$f" >&2; rm "$f"; exit 4';
    for (const run of ['exec', 'script'] as const) {
      const result = await session[run]({
        script: shellSource(both),
        stdin: bytes,
      });
      expect(result.end).toEqual({ kind: 'code', code: 4 });
      expect(result.stdout.equals(bytes)).toBe(true);
      expect(result.stderr.equals(bytes)).toBe(true);
    }
  });

  it('hands every byte of a script’s stdin on', async () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    const result = await session.script({ script: shellSource('cat'), stdin: bytes });
    expect(result.stdout.equals(bytes)).toBe(true);
  });

  it('runs any text of a word as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const word = text.replaceAll('\0', '');
        const expected = Buffer.from(word);
        const [exec, script] = await Promise.all([
          session.exec({ script: sh`printf %s ${word}`, environment: { WORD: word } }),
          session.script({ script: sh`printf %s ${word}` }),
        ]);
        expect([exec.stdout.equals(expected), script.stdout.equals(expected)]).toEqual([true, true]);
      }),
      { numRuns: 15 },
    );
  });

  it('gives an empty stdin, the environment and the directory', async () => {
    const result = await session.exec({
      script: shellSource('cat; printf "%s|" "$A" "$B"; pwd'),
      environment: { A: `a'b "c"\n$d`, B: '' },
      directory: '/usr/lib',
    });
    expect(result.stdout.toString()).toBe(`a'b "c"\n$d||/usr/lib\n`);
    const missing = await session.exec({ script: shellSource('echo ran'), directory: '/no/such' });
    expect([missing.end, missing.stdout.toString()]).toEqual([{ kind: 'code', code: 1 }, '']);
    expect(missing.stderr.toString()).toContain('/no/such');
    await expect(session.exec({ script: shellSource('true'), environment: { 'A;id': 'x' } })).rejects.toThrow('A;id');
  });

  it('leaves the command its own $$, wait, traps and signals', async () => {
    const waits = await session.exec({
      script: shellSource('sleep 0.1 & wait; echo done; echo "[$!]" | grep -c "[0-9]"'),
    });
    expect(waits.stdout.toString()).toBe('done\n1\n');
    const trapped = await session.exec({ script: shellSource(`trap 'echo bye' EXIT; exit 9`) });
    expect([trapped.stdout.toString(), trapped.end]).toEqual(['bye\n', { kind: 'code', code: 9 }]);
    const killed = await session.exec({ script: shellSource('kill -TERM $$; sleep 9') });
    expect(killed.end).toEqual({ kind: 'signal', signal: 'SIGTERM' });
    const replaced = await session.exec({ script: shellSource('exec sh -c "exit 6"') });
    expect(replaced.end).toEqual({ kind: 'code', code: 6 });
  });

  it('ends a command before its stdin is read without an error', async () => {
    const result = await session.exec({ script: shellSource('echo early'), stdin: Buffer.alloc(3_000_000) });
    expect([result.stdout.toString(), result.end]).toEqual(['early\n', { kind: 'code', code: 0 }]);
  });

  it('returns when a daemon keeps the output open, and lets the daemon live', async () => {
    const mark = `96${String(Date.now()).slice(-7)}`;
    const result = await session.exec({ script: shellSource(`(sleep ${mark} &) ; echo started`) });
    expect([result.end, result.stdout.toString()]).toEqual([{ kind: 'code', code: 0 }, 'started\n']);
    // What is forked bears its parent's name for a moment.
    await until(() => running(mark).length === 1);
    for (const pid of running(mark)) process.kill(pid);
  });

  it('kills the whole group on a timeout and tells the output so far', async () => {
    const mark = `95${String(Date.now()).slice(-7)}`;
    const script = shellSource(`echo before; sleep ${mark} & sleep ${mark}`);
    const result = await session.exec({ script, timeoutSeconds: 5 });
    expect([result.end, result.stdout.toString()]).toEqual([{ kind: 'timeout', seconds: 5 }, 'before\n']);
    await until(() => running(mark).length === 0);
  });

  it('kills a script on a timeout and goes on with a new shell', async () => {
    const mark = `94${String(Date.now()).slice(-7)}`;
    const script = shellSource(`sleep ${mark} & sleep ${mark}`);
    const [slow, next] = await Promise.all([
      session.script({ script, timeoutSeconds: 0.4 }),
      session.script({ script: shellSource('echo next') }),
    ]);
    expect(slow.end).toEqual({ kind: 'timeout', seconds: 0.4 });
    expect(next.stdout.toString()).toBe('next\n');
    await until(() => running(mark).length === 0);
  });

  it('cancels what waits in the queue and what runs', async () => {
    const abort = new AbortController();
    const script = shellSource('sleep 60');
    const both = [session.script({ script, signal: abort.signal }), session.script({ script, signal: abort.signal })];
    const settled = Promise.allSettled(both);
    abort.abort();
    expect((await settled).map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect((await session.script({ script: shellSource('echo on') })).stdout.toString()).toBe('on\n');
  });

  it('starts nothing that was cancelled before, and ends what runs when the session is closed', async () => {
    const flag = join(directory, 'never');
    const started = session.exec({ script: sh`: >${flag}`, signal: AbortSignal.abort() });
    await expect(started).rejects.toThrow('cancelled');
    const mark = `93${String(Date.now()).slice(-7)}`;
    const other = sessionWithShell(name, join(directory, 'other'));
    let begun = false;
    const result = other.exec({
      script: shellSource(`echo begun; sleep ${mark} & sleep ${mark}`),
      onLines: () => {
        begun = true;
      },
    });
    await until(() => begun && running(mark).length === 2);
    await other.close();
    expect((await result).end.kind).not.toBe('code');
    await until(() => running(mark).length === 0);
    expect(existsSync(flag)).toBe(false);
  });

  it('keeps a script’s exit, cd, set -e and syntax errors inside the script', async () => {
    const run = async (text: string): Promise<string> => {
      const result = await session.script({ script: shellSource(text) });
      return `${JSON.stringify(result.end)} ${result.stdout.toString()}`;
    };
    expect(await run('cd /; X=1; set -eu; exit 3')).toBe('{"kind":"code","code":3} ');
    expect(await run('set -e; false; echo no')).toBe('{"kind":"code","code":1} ');
    expect(await run('if then')).not.toContain('"code":0');
    expect(await run(`echo 'unfinished`)).not.toContain('"code":0');
    expect(await run('echo "[${X-unset}]"')).toBe('{"kind":"code","code":0} [unset]\n');
  });

  it('ignores what an earlier script’s child prints late, and replies that are played again', async () => {
    const [go, flag] = [join(directory, 'go'), join(directory, 'late')];
    const late = sh`(until [ -e ${go} ]; do sleep 0.1; done; echo LATE; echo LATE >&2; : >${flag}) & true`;
    const first = await session.script({ script: late });
    expect(first.stdout.toString()).toBe('');
    writeFileSync(go, '');
    await until(() => existsSync(flag));
    const second = await session.script({ script: shellSource('echo real') });
    expect([second.stdout.toString(), second.stderr.toString()]).toEqual(['real\n', '']);
    const replayed = await session.script({
      script: shellSource(`printf '%s>0\\n' ${'0'.repeat(32)}; sleep 0.1; echo real`),
    });
    expect(replayed.stdout.toString()).toBe(`${'0'.repeat(32)}>0\nreal\n`);
  });

  it('answers with megabytes and takes long scripts', async () => {
    const big = await session.script({
      script: shellSource('head -c 5000000 /dev/zero; head -c 3000000 /dev/zero >&2'),
    });
    expect([big.stdout.length, big.stderr.length]).toEqual([5_000_000, 3_000_000]);
    const long = 'x'.repeat(200_000);
    const result = await session.script({ script: sh`printf %s ${long}` });
    expect(result.stdout.length).toBe(long.length);
    const longCommand = await session.exec({ script: sh`printf %s ${long}` });
    expect(longCommand.stdout.length).toBe(long.length);
  });

  it('tells lines as they come', async () => {
    const lines: string[] = [];
    await session.exec({
      script: shellSource(`printf 'one\\ntw'; printf 'o\\r\\nlast'; sleep 0.05; echo err >&2`),
      onLines: (some, stream) => {
        lines.push(...some.map((line) => `${stream} ${line}`));
      },
    });
    expect(lines.sort()).toEqual(['stderr err', 'stdout last', 'stdout one', 'stdout two']);
  });

  it('streams both ways through open(), and fails it with the command’s own words', async () => {
    const stream = await session.open({ command: shellSource('cat') });
    const bytes = randomBytes(1_000_000);
    const received: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => received.push(chunk));
    stream.end(bytes);
    await new Promise((resolve) => {
      stream.once('end', resolve);
    });
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
    const bad = await session.open({ command: shellSource('echo the reason >&2; exit 3') });
    const error = await new Promise<Error>((resolve) => {
      bad.once('error', resolve);
      bad.resume();
    });
    expect(error.message).toContain('the reason');
  });
});

function running(mark: string): readonly number[] {
  const list = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return list
    .split('\n')
    .filter((line) => line.includes(`sleep ${mark}`))
    .filter((line) => !line.includes('sh -c'))
    .map((line) => Number.parseInt(line, 10));
}
