import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sh, shellSource } from '../../../src/shell/text.js';
import type { Session } from '../../../src/transport/types.js';
import { sessionWithShell, shellNames } from '../../rig/shells.js';
import { until } from '../../rig/until.js';

describe.each(shellNames)('scripts sent ahead where /bin/sh is %s', (name) => {
  let directory: string;
  let session: Session;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'ahead-'));
    session = sessionWithShell(name, directory);
  });

  afterAll(async () => {
    await session.close();
    rmSync(directory, { recursive: true });
  });

  it('answers each with its own output and exit code, whatever the others print', async () => {
    const own = session.script({ script: shellSource('printf own; exit 3') });
    const ahead = Array.from({ length: 20 }, (_, index) =>
      session.script({
        script: sh`printf '%s\\0%s' ${String(index)} 'no newline'; printf %s ${`e${index}`} >&2; exit ${String(index)}`,
        ahead: true,
      }),
    );
    expect((await own).stdout.toString()).toBe('own');
    for (const [index, reply] of (await Promise.all(ahead)).entries()) {
      expect(reply.end).toEqual({ kind: 'code', code: index });
      expect(reply.stdout.toString()).toBe(`${index}\0no newline`);
      expect(reply.stderr.toString()).toBe(`e${index}`);
    }
    expect((await session.script({ script: shellSource('printf later') })).stdout.toString()).toBe('later');
  });

  it('drops one that holds a later script up, and ends what it runs', async () => {
    const mark = `97${process.pid}`;
    await session.script({ script: shellSource('true') });
    const quick = session.script({ script: shellSource('printf quick'), ahead: true });
    const hanging = session.script({ script: shellSource(`sleep ${mark}`), ahead: true });
    const behind = session.script({ script: shellSource('printf behind'), ahead: true });
    expect((await quick).stdout.toString()).toBe('quick');
    const later = await session.script({ script: shellSource('printf later') });
    expect(later.stdout.toString()).toBe('later');
    expect((await hanging).end.kind).toBe('lost');
    expect((await behind).end.kind).toBe('lost');
    await until(() => !execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`sleep ${mark}`));
  });

  it('gives up what is still to come when the script before it is out of time', async () => {
    const own = session.script({ script: shellSource('sleep 60'), timeoutSeconds: 0.3 });
    const ahead = session.script({ script: shellSource('printf ahead'), ahead: true });
    expect((await own).end.kind).toBe('timeout');
    expect((await ahead).end.kind).toBe('lost');
    expect((await session.script({ script: shellSource('printf again') })).stdout.toString()).toBe('again');
  });
});
