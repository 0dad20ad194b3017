import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type {
  Ensemble,
  EnsembleKind,
  MemberReply,
  MemberVariables,
  Observation,
  Progress,
} from '../../../../src/rollout/types.js';
import { sh } from '../../../../src/shell/text.js';
import { dockerKind } from '../../../../src/stack/ensembles/docker.js';

const hosts = ['node1', 'node2', 'node3'];
const span = { file: 'play.yaml', start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

/** Three members; a host says "leads", "follows" or nothing. */
function fakeKind(name: string, says: Readonly<Record<string, string>>): EnsembleKind {
  return {
    name,
    summary: '',
    settings: {},
    open: () => ({
      title: name,
      members: hosts,
      quorum: 2,
      timing: { inARow: 1, intervalSeconds: 1, deadlineSeconds: 9 },
      look: (host) => sh`printf '%s\n' ${says[host] ?? ''} "it's \"$0\""`,
      observe(replies) {
        const members = hosts.map((host) => {
          const reply = replies.get(host);
          const said = reply?.kind === 'reply' ? (reply.reply.stdout.toString().split('\n')[0] ?? '') : '';
          const state = { host, present: true, healthy: said !== '', leads: said === 'leads', said };
          return said === 'other' ? { ...state, identity: 'new' } : { ...state, identity: 'old' };
        });
        return {
          members,
          unmet: members.flatMap(({ host, healthy, said }) => (healthy ? [] : [{ host, condition: 'serves', said }])),
        };
      },
    }),
  };
}

function open(...kinds: readonly EnsembleKind[]): Ensemble {
  const members = hosts.map((host): MemberVariables => ({
    host,
    address: host,
    groups: [],
    read: () => undefined,
    setting: () => undefined,
  }));
  return dockerKind(kinds).open({
    hosts: members,
    playHosts: hosts,
    allPlayHosts: hosts,
    match: () => undefined,
    settings: {},
    span,
  });
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-engine-'));
  mkdirSync(join(folder, 'bin'));
  curl('exit 7');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What this machine's curl does: whatever engine it may have is none of a test's business. */
function curl(does: string): void {
  writeFileSync(join(folder, 'bin/curl'), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
}

const running = `case $1 in version) echo 26.1.5;; ps) printf '%s\\n' zookeeper mesos-1234 zookeeper.old-ab;; esac`;

/** What `look` prints on a host whose docker does this; undefined: the host has none. */
function ask(ensemble: Ensemble, host: string, docker: string | undefined = running): MemberReply {
  rmSync(join(folder, 'bin/docker'), { force: true });
  if (docker !== undefined) writeFileSync(join(folder, 'bin/docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  const { status, stdout, stderr } = spawnSync('sh', ['-c', ensemble.look(host).raw], {
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      DOCKER_HOST: `unix://${join(folder, 'engine.sock')}`,
    },
  });
  return { kind: 'reply', reply: { code: status ?? 1, stdout, stderr } };
}

function observe(
  ensemble: Ensemble,
  options: { readonly docker?: Readonly<Record<string, string>>; readonly before?: Observation } = {},
): Observation {
  const replies = hosts.map((host): [string, MemberReply] => [host, ask(ensemble, host, options.docker?.[host])]);
  return ensemble.observe(new Map(replies), options.before);
}

function progress(observation: Observation, pending: readonly string[] = hosts): Progress {
  return { observation, before: observation, pending, done: [], stopped: [], maxUnavailable: 1 };
}

const zookeeper = fakeKind('zookeeper', { node1: 'leads', node2: 'follows', node3: 'follows' });
const marathon = fakeKind('marathon', { node1: 'follows', node2: 'leads', node3: 'follows' });

test('the union of what lives on the hosts is asked, and every gate of it counts', () => {
  const ensemble = open(zookeeper, fakeKind('marathon', { node1: 'leads', node2: 'follows' }));
  const observation = observe(ensemble);
  expect(observation.unmet).toEqual([{ host: 'node3', condition: 'marathon: serves', said: '' }]);
  expect(observation.members[0]).toMatchObject({ healthy: true, said: 'runs 26.1.5, leads zookeeper and marathon' });
});

test('an engine that can be asked over its socket is asked there', async () => {
  const server = createServer().listen(join(folder, 'engine.sock'));
  await once(server, 'listening');
  const listed = JSON.stringify([{ Names: ['/zookeeper'] }, { Names: ['/mesos-1234'] }]);
  curl(`printf '%s\\n' '{"Version":"27.0.1"}' '' 'status 200' '${listed}' '' 'status 200'`);
  const ensemble = open(zookeeper);
  const silent = Object.fromEntries(hosts.map((host) => [host, 'exit 1']));
  const [member] = observe(ensemble, { docker: silent }).members;
  expect(member).toMatchObject({ healthy: true, said: 'runs 27.0.1, leads zookeeper' });
  server.close();
});

test('hosts that lead nothing come first, the leader of ZooKeeper last', () => {
  const ensemble = open(zookeeper, marathon);
  const observation = observe(ensemble);
  const order = [hosts, ['node1', 'node2'], ['node1']].map((pending) =>
    ensemble.next?.(progress(observation, pending)),
  );
  expect(order).toEqual([
    { kind: 'apply', hosts: ['node3'], why: 'leads nothing' },
    { kind: 'apply', hosts: ['node2'], why: 'leads marathon' },
    { kind: 'apply', hosts: ['node1'], why: 'leads zookeeper' },
  ]);
});

test('a step that would take the quorum of an ensemble on the host away is refused with the arithmetic', () => {
  const ensemble = open(fakeKind('zookeeper', { node1: 'leads', node2: 'follows' }));
  const step = ensemble.next?.(progress(observe(ensemble), ['node1', 'node2']));
  expect(step).toMatchObject({
    kind: 'refuse',
    refusal: { message: expect.stringContaining('would leave 1 of 3 serving, 2 are needed') as string },
  });
  // The host whose member is down anyhow may be stepped.
  expect(ensemble.next?.(progress(observe(ensemble)))).toMatchObject({ kind: 'apply', hosts: ['node3'] });
});

test('hosts without an engine are taken together', () => {
  const ensemble = open();
  const bare = ensemble.observe(
    new Map(
      hosts.map((host) => [
        host,
        { kind: 'reply', reply: { code: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) } },
      ]),
    ),
    undefined,
  );
  expect(bare.members.every(({ present }) => !present)).toBe(true);
  expect(bare.unmet).toEqual([]);
  expect(ensemble.next?.(progress(bare))).toMatchObject({ kind: 'apply', hosts });
});

test('after a step the containers of before must run again, tasks and kept ones left out', () => {
  const ensemble = open(zookeeper);
  const before = observe(ensemble);
  const docker = { node2: `[ "$1" = ps ] || echo 26.1.5`, node3: 'echo "Cannot connect" >&2; exit 1' };
  expect(observe(ensemble, { docker, before }).unmet).toEqual([
    { host: 'node2', condition: 'the containers of before run again', said: 'not so zookeeper' },
    { host: 'node3', condition: 'its Docker engine answers', said: 'Cannot connect' },
  ]);
});

test('a member that is somebody else after the step is noticed', () => {
  const before = observe(open(zookeeper));
  const changed = open(fakeKind('zookeeper', { node1: 'leads', node2: 'follows', node3: 'other' }));
  expect(observe(changed, { before }).unmet).toEqual([
    { host: 'node3', condition: 'zookeeper: its identity is still old', said: 'it is now new' },
  ]);
});

test('the settings of before come back and the engine is restarted with them', () => {
  const [file, log] = [join(folder, 'daemon.json'), join(folder, 'log')];
  const service = `#!/bin/sh\necho "$@" >> ${log}\n`;
  for (const name of ['systemctl', 'service']) writeFileSync(join(folder, 'bin', name), service, { mode: 0o755 });
  writeFileSync(join(folder, 'bin/docker'), '#!/bin/sh\n', { mode: 0o755 });
  const ensemble = dockerKind([]).open({
    hosts: [
      {
        host: 'node1',
        address: 'node1',
        groups: [],
        read: (name) => (name === 'docker_daemon_file' ? file : undefined),
        setting: () => undefined,
      },
    ],
    playHosts: ['node1'],
    allPlayHosts: ['node1'],
    match: () => undefined,
    settings: {},
    span,
  });
  const run = (step: 'keep' | 'rollBack'): number | null =>
    spawnSync('sh', ['-c', ensemble[step]?.('node1').raw.replaceAll('/var/lib/runner', join(folder, 'var')) ?? ''], {
      env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` },
    }).status;
  writeFileSync(file, 'old');
  expect(run('keep')).toBe(0);
  writeFileSync(file, 'new');
  expect(run('keep')).toBe(0);
  expect(run('rollBack')).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readFileSync(log, 'utf8')).toContain('restart');

  rmSync(file);
  rmSync(log);
  run('keep');
  writeFileSync(file, 'made by the step');
  expect(run('rollBack')).toBe(0);
  expect(existsSync(file)).toBe(false);
});
