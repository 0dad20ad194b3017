import { describe, expect, it } from 'vitest';
import { mergeFindings } from '../../../../src/stack/doctor/merge.js';
import { parseMachine } from '../../../../src/stack/doctor/machine-look.js';
import type { Finding } from '../../../../src/stack/doctor/types.js';
import { replyOf } from '../status/captured.js';

describe('what a host tells of itself', () => {
  it('is read from what df, ss and systemd print', () => {
    const machine = parseMachine(
      replyOf([
        ['clock', '1795229444'],
        ['synced', 'no'],
        ['enabled', 'enabled'],
        ['listening', 'LISTEN 0 50 *:8080 *:* users:(("java",pid=41,fd=3))\nLISTEN 0 128 127.0.0.1:22 0.0.0.0:*'],
        ['names', 'zookeeper\nmarathon'],
        ['words', 'marathon', 'bye'],
        [
          'blocks',
          'Filesystem 1024-blocks Used Available Capacity Mounted on\noverlay 1000 960 40 96% /\ntmpfs 10 0 10 - /tmp',
        ],
        ['inodes', 'Filesystem Inodes IUsed IFree IUse% Mounted on\noverlay 100 3 97 3% /\ntmpfs 0 0 0 - /tmp'],
      ]),
    );
    expect(machine).toEqual({
      clockSeconds: 1_795_229_444,
      clockSynced: false,
      dockerEnabled: true,
      fileSystems: [
        { mount: '/', usedPercent: 96, inodesUsedPercent: 3, freeKilobytes: 40 },
        { mount: '/tmp', freeKilobytes: 10 },
      ],
      containerNames: ['zookeeper', 'marathon'],
      staleSockets: [],
      lastWords: new Map([['marathon', 'bye']]),
      listening: new Map([
        [8080, 'java (pid 41)'],
        [22, ''],
      ]),
    });
  });
});

describe('findings that hosts share', () => {
  const one = (host: string, seen = 'does not start Docker at boot'): Finding => ({
    rule: 'docker-not-enabled',
    severity: 'warning',
    host,
    seen,
    why: 'w',
    advice: 'a',
    commands: [`runner apply playbooks/docker.yaml -l ${host}`],
  });

  it('are told once, with a command for all of them', () => {
    expect(mergeFindings([one('node1'), one('node2'), one('node3', 'other')])).toMatchObject([
      { hosts: ['node1', 'node2'], commands: ['runner apply playbooks/docker.yaml -l node1,node2'] },
      { hosts: ['node3'], commands: ['runner apply playbooks/docker.yaml -l node3'] },
    ]);
  });
});
