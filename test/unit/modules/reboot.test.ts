import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UnreachableError } from '../../../src/core/errors.js';
import { reboot } from '../../../src/modules/reboot.js';
import type { CommandReply, HostWriter } from '../../../src/modules/types.js';
import { localController } from './local-controller.js';
import { localHost } from './local-host.js';
import { applyModule, type Pass } from './run-module.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const said = (text: string): CommandReply => ({
  end: { kind: 'code', code: 0 },
  stdout: Buffer.from(text),
  stderr: Buffer.alloc(0),
});

/** A host that answers the questions one after the other; "gone" is a connection that is lost. */
function hostThat(answers: readonly string[]): { host: HostWriter; ran: string[]; lost: () => number } {
  const left = [...answers];
  const ran: string[] = [];
  let lost = 0;
  const host: HostWriter = {
    ...localHost({ name: 'sh', command: ['/bin/sh'], path: '' }),
    reconnect: () => void (lost += 1),
    query: async () => {
      const answer = left.length > 1 ? left.shift() : left[0];
      if (answer === 'gone') throw new UnreachableError({ host: 'local', reason: 'lost', message: 'it is down' });
      return said(answer ?? '');
    },
    run: async (script) => {
      ran.push(script.raw);
      return said('');
    },
  };
  return { host, ran, lost: () => lost };
}

async function rebooted(host: HostWriter, params: Record<string, unknown>): Promise<Pass> {
  const request = { module: reboot, params, controller: localController('/', {}) };
  const done = applyModule(host, request);
  await vi.runAllTimersAsync();
  return done;
}

test('a host is back when it has another boot, however often the connection was lost', async () => {
  const { host, ran, lost } = hostThat(['one\n', 'one\n', 'gone', 'gone', 'two\n']);
  const { result } = await rebooted(host, { msg: "it's me" });
  expect(result?.values).toMatchObject({ rebooted: true });
  expect(lost()).toBe(2);
  expect(ran).toHaveLength(1);
});

test('a host that does not come back in time fails the task', async () => {
  const { host } = hostThat(['one\n', 'gone']);
  expect((await rebooted(host, { reboot_timeout: 20 })).comparison).toMatchObject({
    kind: 'failed',
    message: 'the host has not come back within 20 s: it is down',
  });
});
