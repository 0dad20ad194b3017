import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseSource } from '../../../../src/stack/backup/choose-source.js';
import { parseManifest, pathPiece, type BackupManifest } from '../../../../src/stack/backup/manifest.js';
import { restoreRefusals, type RestoreTarget } from '../../../../src/stack/backup/restore-check.js';
import { stageScript, swapBackScript, swapScript } from '../../../../src/stack/backup/restore-scripts.js';
import { configurationOf } from '../../../../src/stack/backup/configuration.js';
import { missingApps, missingServices } from '../../../../src/stack/backup/restore-state.js';
import { filesToCopy, lookAtData, parseData, type DataFolders } from '../../../../src/stack/backup/zookeeper-data.js';
import type { Member } from '../../../../src/stack/status/types.js';

let folder: string;
let folders: DataFolders;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "runner backup' "));
  folders = {
    data: join(folder, 'data'),
    log: join(folder, 'datalog'),
    config: join(folder, 'zoo.cfg'),
    ownConfig: join(folder, 'reconfig/zoo.cfg'),
  };
  for (const path of [folders.data, folders.log]) mkdirSync(join(path, 'version-2'), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const shell = (script: { readonly raw: string }): Buffer => execFileSync('sh', ['-c', script.raw]);
const look = (): ReturnType<typeof parseData> =>
  parseData({ code: 0, stdout: shell(lookAtData(folders)), stderr: Buffer.alloc(0) });

describe('what belongs to a backup of ZooKeeper', () => {
  it('is found by a real shell, and nothing that is no snapshot, no log or a link', () => {
    writeFileSync(join(folders.data, 'version-2/snapshot.1a'), 'x'.repeat(10));
    writeFileSync(join(folders.data, 'version-2/snapshot.$(touch hacked)'), '');
    writeFileSync(join(folders.data, 'version-2/currentEpoch'), '1');
    symlinkSync('/etc/passwd', join(folders.log, 'version-2/log.2'));
    writeFileSync(join(folders.log, 'version-2/log.1'), 'yy');
    writeFileSync(join(folders.data, 'myid'), '3\n');
    writeFileSync(folders.config, 'server.3=10.0.0.3:2888:3888\n');
    expect(look()).toEqual({
      snapshots: [{ name: 'snapshot.1a', zxid: 0x1an, size: 10 }],
      logs: [{ name: 'log.1', zxid: 1n, size: 2 }],
      myid: 3,
      config: 'server.3=10.0.0.3:2888:3888',
    });
  });

  it('is nothing where there is no data', () => {
    rmSync(folders.data, { recursive: true });
    rmSync(folders.log, { recursive: true });
    expect(look()).toEqual({ snapshots: [], logs: [], myid: undefined, config: undefined });
  });

  it('is the newest snapshots and the log from the oldest of them on, with the file that begins before it', () => {
    const file = (name: string, zxid: bigint): { name: string; zxid: bigint; size: number } => ({
      name,
      zxid,
      size: 1,
    });
    const found = {
      // By number, not by name: 9 is older than 10.
      snapshots: [file('snapshot.10', 16n), file('snapshot.9', 9n), file('snapshot.2', 2n)],
      logs: [file('log.1', 1n), file('log.8', 8n), file('log.3', 3n), file('log.11', 17n)],
      myid: 1,
      config: '',
    };
    const { snapshots, logs } = filesToCopy(found);
    expect(snapshots.map(({ name }) => name)).toEqual(['snapshot.9', 'snapshot.10']);
    expect(logs.map(({ name }) => name)).toEqual(['log.8', 'log.11']);
    expect(filesToCopy({ ...found, snapshots: [] }).logs).toHaveLength(4);
  });

  it('comes from a follower that has seen most, from a leader only when there is no other', () => {
    const candidate = (
      host: string,
      mode: 'leader' | 'follower',
      zxid: string,
    ): Parameters<typeof chooseSource>[0][number] => ({
      member: { host, component: 'zookeeper', endpoint: `${host}:2181`, container: 'zookeeper' } satisfies Member,
      count: {
        state: { kind: 'serving', mode, version: '3.8.0', zxid, connections: 1, znodes: 5 },
        ephemerals: undefined,
        syncedFollowers: undefined,
      },
    });
    const all = [
      candidate('a', 'leader', '0x200000009'),
      candidate('b', 'follower', '0x200000001'),
      candidate('c', 'follower', '0x200000005'),
    ];
    expect(chooseSource(all)?.member.host).toBe('c');
    expect(chooseSource(all.slice(0, 1))?.member.host).toBe('a');
    expect(chooseSource(all.map(({ member }) => ({ member, count: undefined })))).toBeUndefined();
  });
});

const manifest: BackupManifest = {
  format: 1,
  id: '20261121-020406-3f9a2c',
  takenAt: '2026-11-21T02:04:06.000Z',
  takenBy: 'ops@desk',
  components: ['zookeeper'],
  zookeeper: {
    version: '3.8.0',
    from: 'node2',
    role: 'follower',
    znodes: 12,
    ephemerals: 2,
    members: ['node1', 'node2', 'node3'].map((host, index) => ({
      host,
      id: index + 1,
      address: `10.0.0.${index + 1}`,
    })),
  },
  missing: [],
  files: [
    {
      path: 'zookeeper/node2/snapshot.0.gz',
      component: 'zookeeper',
      host: 'node2',
      kind: 'snapshot',
      source: '/data/zookeeper/data/version-2/snapshot.0',
      size: 20,
      sha256: 'a'.repeat(64),
      inside: { size: 300, sha256: 'b'.repeat(64) },
    },
  ],
};

describe('a manifest', () => {
  it('is read back as it was written', () => {
    expect(parseManifest(JSON.stringify(manifest), 'm.json')).toEqual({ kind: 'valid', value: manifest });
  });

  it.each(['../x', '/etc/passwd', 'a/../../b', 'a//b', 'a/./b', '..', 'a/b/', 'a\\b', 'a/b\0'])(
    'is refused with the path %j',
    (path) => {
      const [file] = manifest.files;
      const wrong = { ...manifest, files: [{ ...file, path }] };
      expect(parseManifest(JSON.stringify(wrong), 'm.json').kind).toBe('invalid');
    },
  );

  it('is refused when it is cut off or of another format', () => {
    expect(parseManifest('{"format": 1', 'm.json').kind).toBe('invalid');
    expect(parseManifest(JSON.stringify({ ...manifest, format: 2 }), 'm.json').kind).toBe('invalid');
  });

  it('names hosts by pieces of a path that lead nowhere', () => {
    for (const name of ['..', '.', '../../etc', 'a/b', '[::1]', 'höst', '-rf']) {
      expect(pathPiece(name)).toMatch(/^[A-Za-z0-9%_-][A-Za-z0-9%._-]*$/);
    }
    expect(pathPiece('node1.rack-2')).toBe('node1.rack-2');
    expect(new Set(['a/b', 'a%2fb', 'a_b'].map(pathPiece)).size).toBe(3);
  });
});

describe('a restore', () => {
  const target = (host: string, changes: Partial<RestoreTarget> = {}): RestoreTarget => ({
    host,
    present: true,
    reachable: true,
    said: 'follows',
    version: '3.8.4',
    ...changes,
  });
  const three = ['node1', 'node2', 'node3'].map((host) => target(host));
  const words = (targets: readonly RestoreTarget[], force = false): string =>
    restoreRefusals(manifest, { targets, force })
      .map(({ message }) => message)
      .join('\n');

  it('goes onto the same minor version and the same size', () => {
    expect(words(three)).toBe('');
  });

  it('refuses another size and another minor version, unless it is forced', () => {
    const other = [
      ...three.slice(0, 2).map((one) => ({ ...one, version: '3.9.3' })),
      ...three.slice(2),
      target('node4'),
    ];
    expect(words(other)).toContain('an ensemble of 3, and this one has 4 servers');
    expect(words(other)).toContain('node1 runs 3.9.3 and node2 runs 3.9.3');
    expect(words(other, true)).toBe('');
  });

  it('refuses a host that cannot be asked, forced or not: its data would bring back what was restored away', () => {
    const silent = [...three.slice(0, 2), target('node3', { reachable: false, said: 'no route' })];
    expect(words(silent, true)).toContain('node3 cannot be asked (no route)');
  });

  it('refuses logs without a snapshot on servers that would not start on them', () => {
    const young = { ...manifest, files: [] };
    const refusals = restoreRefusals(young, { targets: three, force: true });
    expect(refusals[0]?.message).toContain('node1 (3.8.4)');
    expect(
      restoreRefusals(young, { targets: three.map((one) => ({ ...one, version: '3.4.13' })), force: true }),
    ).toEqual([]);
  });

  it('keeps the present data beside, and can take it back', () => {
    writeFileSync(join(folders.data, 'version-2/snapshot.1'), 'present');
    shell(stageScript(folders, 'r1'));
    writeFileSync(join(folders.data, 'version-2.restore-r1/snapshot.2'), 'restored');
    shell(swapScript(folders, 'r1'));
    expect(readFileSync(join(folders.data, 'version-2/snapshot.2'), 'utf8')).toBe('restored');
    expect(readFileSync(join(folders.data, 'version-2.before-restore-r1/snapshot.1'), 'utf8')).toBe('present');
    shell(swapBackScript(folders, 'r1'));
    expect(readFileSync(join(folders.data, 'version-2/snapshot.1'), 'utf8')).toBe('present');
    expect(existsSync(join(folders.data, 'version-2.failed-restore-r1/snapshot.2'))).toBe(true);
    // Once more does no harm.
    shell(swapBackScript(folders, 'r1'));
    expect(readFileSync(join(folders.data, 'version-2/snapshot.1'), 'utf8')).toBe('present');
  });

  it('posts only apps and rules that are missing, as Marathon and Bamboo take them', () => {
    const kept = { apps: [{ id: '/a' }, { id: '/b', cpus: 1, version: 'x', tasksRunning: 2, deployments: [] }] };
    expect(missingApps(kept, [{ id: '/a' }])).toEqual([{ id: '/b', cpus: 1 }]);
    const services = { '/a': { Id: '/a', Acl: 'path /a' }, '/b': { Id: '/b', Config: { Acl: 'path /b' } }, '/c': {} };
    expect(missingServices(services, { '/a': {} })).toEqual([{ id: '/b', acl: 'path /b' }]);
    expect(missingApps('nonsense', [])).toEqual([]);
  });
});

it('with reconfig on the zoo.cfg of a backup is the one that the server keeps itself', () => {
  const member = { host: 'node1', component: 'zookeeper', endpoint: '10.0.0.1:2181', container: 'zookeeper' } as const;
  const zooCfg = (reconfig: boolean): readonly string[] =>
    configurationOf(member, {
      host: 'node1',
      address: '10.0.0.1',
      groups: ['zookeeper'],
      read: (name) => (name === 'zookeeper_reconfig' ? reconfig : undefined),
    }).flatMap(({ name, path }) => (name === 'zoo.cfg' ? [path] : []));
  expect(zooCfg(false)).toEqual(['/data/zookeeper/conf/zoo.cfg']);
  expect(zooCfg(true)).toEqual(['/data/zookeeper/reconfig/zoo.cfg']);
});
