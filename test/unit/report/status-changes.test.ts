import { describe, expect, it } from 'vitest';
import { changeNotes } from '../../../src/report/status-changes.js';

describe('the notes on who changed what', () => {
  it('name the newest run with what it changed where, and the one before', () => {
    const by = { run: '20261121-030405-aa0001', by: 'ops@laptop' };
    expect(
      changeNotes([
        { host: 'node1', component: 'docker', secondsAgo: 90_000, run: '20261120-010203-bb0002' },
        { host: 'node1', component: 'zookeeper', secondsAgo: 130, ...by },
        { host: 'node2', component: 'zookeeper', secondsAgo: 130, ...by },
      ]),
    ).toEqual([
      {
        subject: 'Last change',
        sentence: '2m ago, run 20261121-030405-aa0001 by ops@laptop: zookeeper on node1, node2',
      },
      { subject: 'Before that', sentence: '1d 01h ago, run 20261120-010203-bb0002: docker on node1' },
    ]);
  });

  it('say so when no run of this folder did it, and count what would be too long a list', () => {
    const hosts = ['a', 'b', 'c', 'd', 'e'];
    const [note] = changeNotes(hosts.map((host) => ({ host, component: 'bamboo', secondsAgo: 5 })));
    expect(note?.sentence).toBe('5s ago, by no run of this folder: bamboo on 5 hosts');
  });
});
