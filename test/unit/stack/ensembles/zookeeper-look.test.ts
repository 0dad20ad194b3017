import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  parseZooKeeperLook,
  zookeeperLook,
  type ZooKeeperSeen,
} from '../../../../src/stack/ensembles/zookeeper-look.js';

let folder = '';
const socket = (): string => join(folder, 'engine.sock');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-zookeeper-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'data'));
  mkdirSync(join(folder, 'conf'));
  program('curl', 'exit 7');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, does: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
}

function look(): ZooKeeperSeen {
  const { raw } = zookeeperLook({ endpoint: '127.0.0.1:1', container: 'zookeeper', directory: folder });
  const { status, stdout, stderr } = spawnSync('sh', ['-c', raw], {
    env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, DOCKER_HOST: `unix://${socket()}` },
  });
  return parseZooKeeperLook({ code: status ?? 1, stdout, stderr });
}

const mounts = [{ Type: 'bind', Source: '/data/zookeeper/data', Destination: '/data' }];
const container = {
  status: 'exited',
  exitCode: 3,
  image: 'zookeeper:3.8.0',
  mounts: [{ type: 'bind', source: '/data/zookeeper/data', destination: '/data' }],
};
/** Names that look like the process's id, in texts of the container's maker. */
const described = {
  Args: ['{"Pid":1}', '"Status":"running"'],
  State: { Status: 'exited', Pid: 0, ExitCode: 3 },
  Config: { Image: container.image },
  Mounts: mounts,
};

/** An engine that can be asked over its socket. */
async function engine(answer: unknown, status: number): Promise<() => void> {
  const server = createServer().listen(socket());
  await once(server, 'listening');
  writeFileSync(join(folder, 'answer'), `${JSON.stringify(answer)}\nstatus ${status}\n`);
  program('curl', `cat ${join(folder, 'answer')}`);
  return () => void server.close();
}

const logs = 'case $1 in logs) echo "java.io.IOException: No snapshot found"; exit;; esac';

test('a server that has ended is told by its engine with its last complaint, and what it would start with', async () => {
  program('docker', `${logs}; exit 1`);
  writeFileSync(join(folder, 'conf', 'zoo.cfg'), 'tickTime=2000\nclientPort=2181');
  writeFileSync(join(folder, 'data', 'myid'), '7\n');
  const close = await engine(described, 200);
  const seen = look();
  close();
  expect(seen).toMatchObject({
    container,
    complaint: 'java.io.IOException: No snapshot found',
    data: { snapshots: 0, logs: 0, myid: '7' },
  });
  expect(seen.config).toBeDefined();
});

test('is told the same by the command line where the engine cannot be asked itself', () => {
  const said = JSON.stringify({ status: 'exited', exitCode: 3, image: container.image, mounts });
  program('docker', `${logs}\nprintf '%s\\n' '0 ${said}'`);
  expect(look()).toMatchObject({ container, complaint: 'java.io.IOException: No snapshot found' });
});

test('is not there when the engine says so', async () => {
  program('docker', 'exit 1');
  const close = await engine({ message: 'No such container: zookeeper' }, 404);
  const seen = look();
  close();
  expect([seen.container, seen.complaint]).toEqual([undefined, undefined]);
});

test('the servers of a dynamic configuration are read from the file beside, whatever stands around its name', () => {
  program('docker', 'exit 1');
  const settings = [
    '# dynamicConfigFile=/no',
    'clientPort=2181',
    '  dynamicConfigFile =  /conf/zoo.cfg.dynamic.1\r',
    '',
  ];
  writeFileSync(join(folder, 'conf', 'zoo.cfg'), settings.join('\n'));
  writeFileSync(join(folder, 'conf', 'zoo.cfg.dynamic.1'), 'server.1=198.18.0.11:2888:3888;2181\n');
  expect(look().config?.servers.get('1')).toBe('198.18.0.11:2888:3888');
});
