import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseReport, tell } from '../../../../src/modules/support/report.js';
import { joinShell } from '../../../../src/shell/text.js';
import { askContainer, parseContainer } from '../../../../src/stack/ensembles/container-made.js';

let folder = '';
const socket = (): string => join(folder, 'engine.sock');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-container-'));
  mkdirSync(join(folder, 'bin'));
  program('curl', 'exit 7');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, does: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
}

function ask(): ReturnType<typeof parseContainer> & { readonly complaint: string | undefined } {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', joinShell([tell, askContainer('web')]).raw], {
    env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, DOCKER_HOST: `unix://${socket()}` },
  });
  const report = parseReport({ code: status ?? 1, stdout, stderr });
  return { ...parseContainer(report), complaint: report.word('complaint') };
}

const state = { Status: 'running', ExitCode: 0, StartedAt: '2026-01-02T03:04:05Z', FinishedAt: '0001-01-01T00:00:00Z' };
const mount = { Type: 'bind', Source: '/data', Destination: '/var/data' };
const described = {
  Name: '/web',
  Created: '2026-01-02T03:04:00Z',
  RestartCount: 2,
  Args: ['--work_dir=/x'],
  Mounts: [mount],
  Config: { Image: 'web:1', Env: ['A=b=c'], Labels: { 'runner.component': 'marathon' } },
  State: { ...state, Health: { Status: 'healthy' } },
};
const flat = {
  name: '/web',
  image: 'web:1',
  component: 'marathon',
  created: described.Created,
  state: 'running',
  exitCode: 0,
  started: state.StartedAt,
  finished: state.FinishedAt,
  restarts: 2,
  health: 'healthy',
};
const made = { env: described.Config.Env, arguments: described.Args, mounts: described.Mounts };

/** An engine that can be asked over its socket, and what curl brings from there. */
async function engine(answer: unknown, status = 200): Promise<() => void> {
  const server = createServer().listen(socket());
  await once(server, 'listening');
  writeFileSync(join(folder, 'answer'), `${JSON.stringify(answer)}\n\nstatus ${String(status)}\n`);
  program('curl', `cat '${join(folder, 'answer')}'`);
  return () => void server.close();
}

test('a container is the same whether its engine is asked over the socket or by the command line', async () => {
  program('docker', `printf '%s\\n' '${JSON.stringify(flat)}' '${JSON.stringify(made)}'`);
  const told = ask();
  expect(told.engine.containers).toMatchObject([{ name: 'web', state: 'running', health: 'healthy', restarts: 2 }]);
  expect(told.made?.environment.get('A')).toBe('b=c');
  program('docker', 'exit 1');
  const close = await engine(described);
  const { uptimeSeconds: _now, ...itself } = ask().engine.containers[0]!;
  const { uptimeSeconds: _then, ...command } = told.engine.containers[0]!;
  expect(itself).toEqual(command);
  expect(ask().made).toEqual(told.made);
  close();
});

test('one that is not there, and the last words of one that does not run', async () => {
  program('docker', 'echo "no room"');
  const none = await engine({ message: 'No such container: web' }, 404);
  expect(ask()).toMatchObject({ engine: { engine: { kind: 'running' }, containers: [] }, made: undefined });
  none();
  rmSync(socket(), { force: true });
  const dead = await engine({ ...described, State: { ...state, Status: 'exited', ExitCode: 1 } });
  expect(ask()).toMatchObject({ complaint: 'no room', engine: { containers: [{ state: 'exited', exitCode: 1 }] } });
  dead();
});

test('an engine whose answer makes no sense has not answered', async () => {
  program('docker', 'exit 1');
  const close = await engine({});
  writeFileSync(join(folder, 'answer'), 'nonsense\n\nstatus 200\n');
  expect(() => ask()).toThrow('makes no sense');
  close();
});
