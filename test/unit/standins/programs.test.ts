import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
let home: string;

// The folder that lab/standins/README.md asks an image for: package.json, dist, flags and the three libraries.
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'standins-home-'));
  const standins = join(root, 'lab', 'standins');
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), [
    '-p',
    join(standins, 'tsconfig.json'),
    '--outDir',
    join(home, 'dist'),
  ]);
  for (const name of ['package.json', 'flags']) cpSync(join(standins, name), join(home, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
}, 300_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('a stand-in as a program', () => {
  const cases: readonly {
    readonly what: string;
    readonly main: string;
    readonly version: string;
    readonly argv: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    readonly code: number;
    readonly says: string;
  }[] = [
    {
      what: 'mesos-master prints its version',
      main: 'mesos/master',
      version: '1.4.1',
      argv: ['--version', '--registry=in_memory'],
      code: 0,
      says: 'mesos 1.4.1',
    },
    {
      what: 'mesos-master says that it is a stand-in',
      main: 'mesos/master',
      version: '1.4.1',
      argv: ['--nosuch'],
      code: 1,
      says: 'this is a lab stand-in, not Apache Mesos',
    },
    {
      what: 'mesos-slave ends with 1 without a master',
      main: 'mesos/agent',
      version: '1.4.1',
      argv: ['--work_dir=/nowhere'],
      code: 1,
      says: 'Missing required option --master',
    },
    {
      what: 'mesos-slave ends with 1 without a Docker socket',
      main: 'mesos/agent',
      version: '1.4.1',
      argv: ['--master=127.0.0.1:1', '--work_dir=/nowhere', '--containerizers=docker', '--docker_socket=/nowhere.sock'],
      code: 1,
      says: 'Could not create DockerContainerizer',
    },
    {
      what: 'marathon ends with 112 for an unknown variable in 1.8',
      main: 'marathon',
      version: 'v1.8.222',
      argv: ['--master', 'a:1'],
      env: { MARATHON_NOSUCH: '1' },
      code: 112,
      says: "Unknown option 'nosuch'",
    },
    {
      what: 'marathon ends with 100 without ZooKeeper in 1.8',
      main: 'marathon',
      version: '1.8.222',
      argv: ['--master', '127.0.0.1:1', '--zk', 'zk://127.0.0.1:1/marathon', '--zk_session_timeout', '1000'],
      code: 100,
      says: 'Connection to ZooKeeper failed',
    },
    {
      what: 'bamboo ends with 2 without its configuration',
      main: 'bamboo',
      version: '0.3.1',
      argv: ['-config', '/nowhere.json'],
      code: 2,
      says: 'panic: open /nowhere.json',
    },
    {
      what: 'bamboo ends with 2 for a flag it does not have',
      main: 'bamboo',
      version: '0.3.1',
      argv: ['-port', '1'],
      code: 2,
      says: 'flag provided but not defined: -port',
    },
    {
      what: 'bamboo ends with 1 for a ReportingDelay in quotes',
      main: 'bamboo',
      version: '0.2.11',
      argv: ['-config', 'delay.json'],
      code: 1,
      says: 'cannot unmarshal string into Go value of type int64',
    },
    {
      what: 'bamboo ends with 1 for a trailing comma',
      main: 'bamboo',
      version: '0.2.11',
      argv: ['-config', 'comma.json'],
      code: 1,
      says: 'Failed to parse comma.json',
    },
  ];
  for (const { what, main, version, argv, env, code, says } of cases) {
    it(what, () => {
      writeFileSync(join(home, 'delay.json'), '{"bamboo":{"zookeeper":{"reportingDelay":"5"}}}');
      writeFileSync(join(home, 'comma.json'), '{"Marathon":{},}');
      const ended = spawnSync(process.execPath, [join(home, 'dist', main, 'main.js'), ...argv], {
        cwd: home,
        env: { PATH: process.env['PATH'], STANDIN_VERSION: version, ...env },
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect([ended.status, ended.stdout]).toEqual([code, expect.stringContaining(says)]);
    });
  }
});
