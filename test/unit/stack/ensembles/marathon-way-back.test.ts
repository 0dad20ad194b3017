import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ensemble } from '../../../../src/rollout/types.js';
import type { ShellText } from '../../../../src/shell/text.js';
import { marathonKind } from '../../../../src/stack/ensembles/marathon.js';
import { context } from './services.js';

/** An engine with no container that was kept, which lists the images it is told and writes down what it is asked to stop. */
const engine = `#!/bin/sh
case $1 in
  ps) case $* in *'{{.Image}}'*) cat "$IMAGES";; esac;;
  inspect) exit 1;;
  stop) echo "$*" >> "$LOG";;
esac
`;

let folder: string;
let server: Server;
let answer: { status: number; body: string };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-way-back-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/docker'), engine, { mode: 0o755 });
  writeFileSync(join(folder, 'log'), '');
  server = createServer((_request, response) => {
    response.writeHead(answer.status);
    response.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  await once(server, 'close');
  rmSync(folder, { recursive: true });
});

function marathon(): Ensemble {
  const { port } = server.address() as AddressInfo;
  const variables = { marathon_version: '1.5.15', marathon_address: '127.0.0.1', marathon_port: port };
  return marathonKind.open(context({ node1: ['marathon'] }, { variables }));
}

async function run(
  script: ShellText | undefined,
  images = '',
): Promise<{ readonly code: number; readonly stderr: string }> {
  writeFileSync(join(folder, 'images'), images);
  const child = spawn('sh', ['-c', (script?.raw ?? '').replaceAll('/var/lib/runner', join(folder, 'var'))], {
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      IMAGES: join(folder, 'images'),
      LOG: join(folder, 'log'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

const migrated = /Marathon 1[.]5[.]15 leads and has migrated the state: the old version must not lead again/;
const nothingKept = /nothing was kept/;

test('an old version is not brought back beside a new one that leads', async () => {
  answer = { status: 200, body: '{"name":"marathon","version":"1.5.15"}' };
  const back = await run(marathon().rollBack?.('node1'), 'lab/marathon:v1.5.15\nlab/marathon:v1.4.14\n');
  expect(back.code).toBe(1);
  expect(back.stderr).toMatch(migrated);
});

test('it is brought back while the old version leads, and while none does', async () => {
  const images = 'lab/marathon:1.5.15\nlab/marathon:1.4.14\n';
  answer = { status: 200, body: '{"name":"marathon","version":"1.4.14"}' };
  expect((await run(marathon().rollBack?.('node1'), images)).stderr).toMatch(nothingKept);
  answer = { status: 503, body: 'Could not determine the current leader' };
  expect((await run(marathon().rollBack?.('node1'), images)).stderr).toMatch(nothingKept);
});

test('a restart of one version can always be taken back', async () => {
  answer = { status: 200, body: '{"name":"marathon","version":"1.5.15"}' };
  const back = await run(marathon().rollBack?.('node1'), 'lab/marathon:1.5.15\nlab/marathon:1.5.15\n');
  expect(back.stderr).toMatch(nothingKept);
});

test('a member that is stopped for the hand-over is given time to end', async () => {
  expect((await run(marathon().stop?.('node1'))).code).toBe(0);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('stop --time 30 marathon\n');
});
