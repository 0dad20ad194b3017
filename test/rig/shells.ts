import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { quote } from '../../src/shell/quote.js';
import { BecomeGate } from '../../src/transport/become-gate.js';
import { startLocalProcess } from '../../src/transport/local-process.js';
import { makeSession } from '../../src/transport/session.js';
import type { Session } from '../../src/transport/types.js';

/** The programs that stand as /bin/sh on the systems we run on. `busybox` has all of its tools, and no others. */
export const shellNames = ['dash', 'bash', 'busybox'] as const;

/** A session on this machine whose `/bin/sh` is another shell: by a bind mount in a namespace of its own. Needs root. */
export function sessionWithShell(name: (typeof shellNames)[number], directory: string): Session {
  const bin = join(directory, name);
  mkdirSync(bin, { recursive: true });
  const program = execFileSync('which', [name], { encoding: 'utf8' }).trim();
  const tools = name === 'busybox' ? execFileSync(program, ['--list'], { encoding: 'utf8' }).trim().split('\n') : [];
  for (const tool of tools) symlinkSync(program, join(bin, tool));
  const path = name === 'busybox' ? bin : '/usr/sbin:/usr/bin:/sbin:/bin';
  const inside = `mount --bind ${program} /bin/sh && PATH=${path} && export PATH && eval "$0"`;
  let settle: (reason: undefined) => void = () => undefined;
  const closed = new Promise<undefined>((resolve) => {
    settle = resolve;
  });
  return makeSession({
    host: name,
    loginUser: 'root',
    start: (command) => startLocalProcess(`exec unshare -m /bin/bash -c ${quote(inside)} ${quote(command)}`),
    gate: new BecomeGate(),
    closed,
    end: () => settle(undefined),
  });
}
