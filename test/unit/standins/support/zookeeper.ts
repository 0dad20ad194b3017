import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { ensurePackage } from './packages.js';
import { freePort } from '../../../rig/ports.js';

export interface TestZooKeeper {
  readonly servers: string;
  /** Freezes the server: its clients see silence, not a closed connection. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly stop: () => Promise<void>;
}

function serves(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('srvr'));
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text.includes('Mode:')));
    socket.on('error', () => resolve(false));
    socket.setTimeout(1_000, () => socket.destroy());
  });
}

/** Debian's ZooKeeper, one server on a free loopback port with short ticks. */
export async function startZooKeeper(): Promise<TestZooKeeper> {
  ensurePackage('zookeeper', '/usr/share/java/zookeeper.jar');
  const directory = mkdtempSync(join(tmpdir(), 'standins-zookeeper-'));
  const port = await freePort();
  mkdirSync(join(directory, 'data'));
  const settings = {
    tickTime: 200,
    // What a session asks for is what it gets: 20 ticks would end it when a busy machine stops the test for 4 s.
    maxSessionTimeout: 60_000,
    dataDir: join(directory, 'data'),
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    'admin.enableServer': false,
    maxClientCnxns: 0,
  };
  writeFileSync(
    join(directory, 'zoo.cfg'),
    Object.entries(settings)
      .map(([name, value]) => `${name}=${String(value)}\n`)
      .join(''),
  );
  const jars = `${directory}:/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar`;
  const server = spawn(
    'java',
    ['-Xmx128m', '-cp', jars, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', join(directory, 'zoo.cfg')],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const end = async (): Promise<void> => {
    server.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await eventually('ZooKeeper serves', () => serves(port), 60_000);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    servers: `127.0.0.1:${port}`,
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    stop: end,
  };
}
