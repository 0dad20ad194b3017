import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Confirmation } from '../../../src/modules/confirmation.js';
import { service } from '../../../src/modules/service.js';
import type { ServiceState } from '../../../src/modules/support/service-managers.js';
import { type Look, ModuleFailure, type ModuleResult } from '../../../src/modules/types.js';
import { localHost, shellWith } from './local-host.js';

const found: ServiceState = {
  init: 'systemd',
  known: true,
  id: 'app.service',
  active: 'inactive',
  enabled: true,
  masked: false,
  stale: false,
};

/** systemctl and journalctl that say what the test wrote. */
function pretendedSystemd() {
  const shell = shellWith(['sed', 'cat']);
  const program = (name: string, source: string): void => {
    writeFileSync(join(shell.path, name), `#!/bin/sh\ncd '${shell.path}' || exit 9\n${source}\n`);
    chmodSync(join(shell.path, name), 0o755);
  };
  program(
    'systemctl',
    `[ ! -e broken ] || { echo 'Failed to connect to bus' >&2; exit 1; }
[ "$1" = show ] || exit 0
shift; wanted=; unit=manager
while [ $# -gt 0 ]; do
  case $1 in -p) wanted="$wanted $2"; shift ;; --) unit=$2; break ;; esac; shift
done
for one in $wanted; do sed -n "/^$one=/p" "$unit"; done`,
  );
  program(
    'journalctl',
    'case "$*" in *UNIT=*) [ ! -e job ] || echo "JOB_TYPE=$(cat job)" ;; *) echo "no such table" ;; esac',
  );
  const write = (name: string, text: string): void => writeFileSync(join(shell.path, name), `${text}\n`);
  const unit = (shown: Readonly<Record<string, string | number>>, name = 'app.service'): void =>
    write(
      name,
      Object.entries(shown)
        .map(([key, value]) => `${key}=${value}`)
        .join('\n'),
    );
  const boot = (time: number): void => write('manager', `UserspaceTimestampMonotonic=${time}`);
  boot(100);
  return { host: localHost(shell), unit, boot, write };
}

type Systemd = ReturnType<typeof pretendedSystemd>;

const running = { Type: 'simple', ActiveState: 'active', SubState: 'running', InvocationID: 'aa', NRestarts: 0 };

/** Starts the unit by a task. */
async function started({ host }: Systemd, more: object = {}): Promise<ModuleResult> {
  const params = service.params.parse({ name: 'app.service', state: 'started', settle: 0, ...more });
  const changes = [{ part: 'state', before: 'inactive', after: 'started' }];
  return service.change(host, { params, prepared: undefined, preview: false, found, changes });
}

async function confirmed({ host }: Systemd, left: readonly Confirmation[]): Promise<ReadonlyMap<string, string>> {
  const look: Look<ReadonlyMap<string, string>> | undefined = service.confirm?.(left);
  if (look?.kind !== 'script') throw new Error('it is a script');
  const { end, stdout, stderr } = await host.query(look.script);
  return look.parse({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
}

/** Why the unit counts as dead when it looks like this at the end of the play. */
async function whyDead(shown: Readonly<Record<string, string | number>>, job?: string): Promise<string | undefined> {
  const systemd = pretendedSystemd();
  systemd.unit(running);
  const { confirmation } = await started(systemd);
  systemd.unit({ ...running, ...shown });
  if (job !== undefined) systemd.write('job', job);
  return (await confirmed(systemd, [confirmation!])).get('service:app.service');
}

describe('a unit that was started is left to be confirmed', () => {
  test('by its own name and start, after what is left of five seconds', async () => {
    const systemd = pretendedSystemd();
    systemd.unit(running);
    const memory = { invocation: 'aa', boot: '100' };
    const { confirmation, values } = await started(systemd);
    expect(confirmation).toEqual({ subject: 'service:app.service', after: 5, memory });
    expect(values).toEqual({ name: 'app.service', state: 'started' });
    expect((await started(systemd, { settle: 0.5 })).confirmation?.after).toBe(4.5);
  });
  test('not when it is told so, and not when it has done its work', async () => {
    const systemd = pretendedSystemd();
    systemd.unit(running);
    expect((await started(systemd, { confirm_after: 0 })).confirmation).toBeUndefined();
    systemd.unit({ ...running, Type: 'oneshot', SubState: 'exited' });
    expect((await started(systemd)).confirmation).toBeUndefined();
    systemd.unit({ Type: 'oneshot', ActiveState: 'inactive', Result: 'success', InvocationID: 'aa', NRestarts: 0 });
    expect((await started(systemd)).confirmation).toBeUndefined();
  });
  test('until a change of its state unsettles it, whatever name it is given then', () => {
    const params = service.params.parse({ name: 'app', state: 'stopped' });
    const subject = (part: string) => service.unsettles?.({ params, found, changes: [{ part }] });
    expect([subject('state'), subject('enabled')]).toEqual(['service:app.service', undefined]);
  });
});

describe('at the end of the play a started unit', () => {
  test('is fine while it runs, reloads, or was started again by somebody', async () => {
    expect(await whyDead({})).toBeUndefined();
    expect(await whyDead({ ActiveState: 'reloading' })).toBeUndefined();
    expect(await whyDead({ InvocationID: 'bb' })).toBeUndefined();
  });
  test('is dead when it failed, with the last lines of its journal', async () => {
    expect(await whyDead({ ActiveState: 'failed', SubState: 'failed', Result: 'exit-code' })).toBe(
      'app.service did not stay up: it is failed (exit-code)\nlast lines of its journal:\nno such table',
    );
  });
  test('is dead when systemd has restarted it, or is about to', async () => {
    expect(await whyDead({ InvocationID: 'bb', NRestarts: 2 })).toContain('systemd has restarted it 2 times');
    expect(await whyDead({ ActiveState: 'activating', SubState: 'auto-restart', Result: 'exit-code' })).toContain(
      'it is activating (auto-restart, exit-code)',
    );
  });
  test('is dead when it never gets ready', async () => {
    expect(await whyDead({ ActiveState: 'activating', SubState: 'start' })).toContain('it is activating (start)');
  });
  test('is dead when it ended well by itself, unless its work is done or it is woken when it is needed', async () => {
    const ended = { ActiveState: 'inactive', SubState: 'dead', Result: 'success' };
    expect(await whyDead(ended, 'start')).toContain('it has ended by itself');
    expect(await whyDead({ ...ended, InvocationID: '' })).toContain('it has ended by itself');
    expect(await whyDead({ ...ended, Type: 'oneshot' })).toBeUndefined();
    expect(await whyDead({ ...ended, TriggeredBy: 'app.socket' })).toBeUndefined();
    expect(await whyDead({ ...ended, BusName: 'org.example.app' })).toBeUndefined();
  });
  test('is fine when somebody had it stopped, but not when it failed', async () => {
    const down = { ActiveState: 'inactive', SubState: 'dead', Result: 'success' };
    expect(await whyDead(down, 'stop')).toBeUndefined();
    expect(await whyDead({ ...down, ActiveState: 'failed', SubState: 'failed', Result: 'timeout' }, 'stop')).toContain(
      'it is failed (timeout)',
    );
  });
});

test('several units are asked for together, and each has its own answer', async () => {
  const systemd = pretendedSystemd();
  const left = ['a', 'b', 'c'].map((name) => ({
    subject: `service:${name}.service`,
    after: 5,
    memory: { invocation: `of ${name}`, boot: '100' },
  }));
  for (const name of ['a', 'c']) systemd.unit({ ...running, InvocationID: `of ${name}` }, `${name}.service`);
  systemd.unit({ ...running, ActiveState: 'failed', Result: 'signal' }, 'b.service');
  expect([...(await confirmed(systemd, left)).keys()]).toEqual(['service:b.service']);
});

test('a host that was booted since is not asked for what ran before', async () => {
  const systemd = pretendedSystemd();
  systemd.unit(running);
  const { confirmation } = await started(systemd);
  systemd.unit({ ...running, ActiveState: 'inactive', Result: 'success', InvocationID: '' });
  systemd.boot(200);
  expect(await confirmed(systemd, [confirmation!])).toEqual(new Map());
});

test('a systemd that does not answer confirms nothing', async () => {
  const systemd = pretendedSystemd();
  systemd.unit(running);
  const { confirmation } = await started(systemd);
  systemd.write('broken', '');
  await expect(confirmed(systemd, [confirmation!])).rejects.toEqual(new ModuleFailure('Failed to connect to bus'));
});
