import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../src/core/visible.js';
import { createColors } from '../../../src/report/colors.js';
import { statusTableLines, type StatusHost, type StatusTable } from '../../../src/report/status-table.js';

const colors = createColors(false);

const table: StatusTable = {
  hosts: [
    {
      name: 'node1',
      rows: [
        {
          component: 'docker',
          version: { running: '20.10.24' },
          state: 'ok',
          text: '3 of 3 containers run',
          uptimeSeconds: 3_700,
        },
        {
          component: 'zookeeper',
          role: 'leader',
          version: { wanted: '3.8.0', running: '3.8.0' },
          state: 'ok',
          text: '2 followers in sync',
          uptimeSeconds: 200,
        },
        {
          component: 'mesos-master',
          role: 'standby',
          version: { wanted: '1.9.0', running: '1.4.1' },
          state: 'bad',
          text: 'its replica of the log has not recovered: it does not vote',
          uptimeSeconds: 42,
        },
      ],
    },
    {
      name: 'node2',
      rows: [
        {
          component: 'marathon',
          version: { wanted: '1.5.15' },
          state: 'bad',
          text: 'there is no container `marathon`',
        },
      ],
    },
    { name: 'node3', rows: [], problem: 'not reached: ops@198.18.0.13:22: there is no route to the host' },
  ],
  verdicts: [
    { subject: 'ZooKeeper', state: 'ok', sentence: 'node1 leads; 3 of 3 serve, 2 are needed: 1 more may fail' },
    {
      subject: 'Mesos masters',
      state: 'unknown',
      sentence: 'no master that was asked is elected; node3 was not asked',
    },
  ],
};

describe('the cluster on one screen', () => {
  it('fits into 80 columns: the last column wraps within itself', () => {
    expect(statusTableLines(table, { columns: 80, colors })).toEqual([
      'HOST   COMPONENT     ROLE     VERSION        UPTIME  HEALTH',
      'node1  docker                 20.10.24       1h 01m  ok   3 of 3 containers run',
      '       zookeeper     leader   3.8.0          3m      ok   2 followers in sync',
      '       mesos-master  standby  1.4.1 → 1.9.0  42s     bad  its replica of the log',
      '                                                          has not recovered: it',
      '                                                          does not vote',
      'node2  marathon                                      bad  there is no container',
      '                                                          `marathon`',
      'node3  not reached: ops@198.18.0.13:22: there is no route to the host',
      '',
      'ok       ZooKeeper      node1 leads; 3 of 3 serve, 2 are needed: 1 more may fail',
      'unknown  Mesos masters  no master that was asked is elected; node3 was not asked',
    ]);
  });

  it('takes the room of 120 columns', () => {
    expect(statusTableLines(table, { columns: 120, colors }).slice(1, 6)).toEqual([
      'node1  docker                 20.10.24       1h 01m  ok   3 of 3 containers run',
      '       zookeeper     leader   3.8.0          3m      ok   2 followers in sync',
      '       mesos-master  standby  1.4.1 → 1.9.0  42s     bad  its replica of the log has not recovered: it does not vote',
      'node2  marathon                                      bad  there is no container `marathon`',
      'node3  not reached: ops@198.18.0.13:22: there is no route to the host',
    ]);
  });

  it('puts long host names on lines of their own when they would leave no room', () => {
    const long: StatusHost = { name: 'zookeeper-1.production.example.com', rows: table.hosts[0]?.rows ?? [] };
    const lines = statusTableLines({ hosts: [long], verdicts: [] }, { columns: 80, colors });
    expect(lines.slice(0, 4)).toEqual([
      '  COMPONENT     ROLE     VERSION        UPTIME  HEALTH',
      'zookeeper-1.production.example.com',
      '  docker                 20.10.24       1h 01m  ok   3 of 3 containers run',
      '  zookeeper     leader   3.8.0          3m      ok   2 followers in sync',
    ]);
  });

  it('has one line a program with its host where there is no terminal, so that it can be searched', () => {
    const lines = statusTableLines(table, { colors });
    expect(lines.filter((line) => line.startsWith('node1  '))).toHaveLength(3);
    expect(lines[3]).toBe(
      'node1  mesos-master  standby  1.4.1 → 1.9.0  42s     bad  its replica of the log has not recovered: it does not vote',
    );
  });

  it.each([72, 80, 100, 120])('never exceeds %d columns', (columns) => {
    const hosts: readonly StatusHost[] = [
      ...table.hosts,
      {
        name: '一二三',
        rows: [
          { component: 'bamboo', version: {}, state: 'bad', text: `HAProxy says ${'x'.repeat(90)} 端口被占用 again` },
        ],
      },
    ];
    const lines = statusTableLines({ hosts, verdicts: table.verdicts }, { columns, colors });
    expect(lines.filter((line) => columnsOf(line) > columns)).toEqual([]);
  });

  it('shows what a host says without letting it act on the terminal', () => {
    const rows = [
      { component: 'bamboo', version: { running: '0.3.1' }, state: 'bad', text: 'evil\u001B[2J\r\nline' } as const,
    ];
    const [, line] = statusTableLines({ hosts: [{ name: 'node1', rows }], verdicts: [] }, { columns: 80, colors });
    expect(line).toContain('evil␛[2J␍␊line');
  });

  it('marks on a terminal with colours who leads, what is not as wanted and what is not well', () => {
    const painted = statusTableLines(table, { columns: 120, colors: createColors(true) });
    expect(painted[2]).toContain('\u001B[1mleader ');
    expect(painted[3]).toContain('\u001B[33m1.4.1 → 1.9.0');
    expect(painted[3]).toContain('\u001B[31mbad');
    expect(painted[1]).toContain('\u001B[32mok');
  });

  it('has room for when each was last changed from 100 columns on', () => {
    const rows = [{ ...table.hosts[0]!.rows[0]!, changedSecondsAgo: 130 }];
    const drawn = (columns: number): readonly string[] =>
      statusTableLines({ hosts: [{ name: 'node1', rows }], verdicts: [] }, { columns, colors });
    expect(drawn(100).slice(0, 2)).toEqual([
      'HOST   COMPONENT  ROLE  VERSION   UPTIME  CHANGED  HEALTH',
      'node1  docker           20.10.24  1h 01m  2m ago   ok   3 of 3 containers run',
    ]);
    expect(drawn(99)[0]).not.toContain('CHANGED');
  });

  it('marks what is new, also without colours, and moves nothing for it', () => {
    const [first, second] = table.hosts[0]!.rows;
    const hosts: readonly StatusHost[] = [
      { name: 'node1', rows: [first!, { ...second!, isNew: true }] },
      { name: 'node3', rows: [], problem: 'not reached', isNew: true },
    ];
    const lines = statusTableLines({ hosts, verdicts: [] }, { columns: 80, colors });
    expect(lines.slice(1, 4)).toEqual([
      'node1  docker             20.10.24  1h 01m  ok   3 of 3 containers run',
      '      *zookeeper  leader  3.8.0     3m      ok   2 followers in sync',
      'node3 *not reached',
    ]);
  });

  it('begins with the verdicts and with what is ill where the window is not high enough for all', () => {
    const lines = statusTableLines(table, { columns: 120, rows: 8, colors });
    expect(lines.slice(0, 5)).toEqual([
      'ok       ZooKeeper      node1 leads; 3 of 3 serve, 2 are needed: 1 more may fail',
      'unknown  Mesos masters  no master that was asked is elected; node3 was not asked',
      '',
      'HOST   COMPONENT     ROLE     VERSION        UPTIME  HEALTH',
      'node1  docker                 20.10.24       1h 01m  ok   3 of 3 containers run',
    ]);
  });

  it('shares the room of 80 columns between long names of apps and long routes', () => {
    const app = { instances: 2, running: 2, servers: { node4: 2, node5: 2 } };
    const apps = [
      { ...app, id: '/batch/report-nightly-of-all-regions', route: '' },
      { ...app, id: '/shop', route: 'hdr(host) -i checkout.shop.example.com path_beg /checkout' },
    ];
    expect(statusTableLines({ hosts: [], verdicts: [], apps }, { columns: 80, colors }).slice(3)).toEqual([
      'APP                       RUNNING  ROUTE                                 SERVERS',
      '/batch/report-nightly-of  2 of 2   -                                     2 each',
      '-all-regions',
      '/shop                     2 of 2   hdr(host) -i                          2 each',
      '                                   checkout.shop.example.com path_beg',
      '                                   /checkout',
    ]);
  });

  it('says below the verdicts what was changed, and the way of each app to the world', () => {
    const lines = statusTableLines(
      {
        hosts: [],
        verdicts: [{ subject: 'ZooKeeper', state: 'ok', sentence: 'node1 leads' }],
        notes: [{ subject: 'Last change', sentence: '2m ago' }],
        apps: [
          { id: '/hello', instances: 2, running: 2, route: 'path_beg -i /hello', servers: { node4: 2, node5: 2 } },
          { id: '/slow', instances: 2, running: 1, route: '', servers: { node4: 1, node5: 0 } },
        ],
      },
      { columns: 80, colors },
    );
    expect(lines.slice(2)).toEqual([
      'ok  ZooKeeper    node1 leads',
      '    Last change  2m ago',
      '',
      'APP     RUNNING  ROUTE               SERVERS',
      '/slow   1 of 2   -                   node4 1, node5 0',
      '/hello  2 of 2   path_beg -i /hello  2 each',
    ]);
  });

  it('keeps an app of any name within the terminal, and counts what does not fit on a screen', () => {
    const apps = Array.from({ length: 30 }, (_unused, index) => ({
      id: `/teams/payments/${'端口'.repeat(20)}-${index}`,
      instances: 1,
      running: 1,
      route: `hdr(host) -i ${'a'.repeat(80)}.example.com`,
      servers: { node4: 1 },
    }));
    const lines = statusTableLines({ hosts: [], verdicts: [], apps }, { columns: 80, colors });
    expect(lines.filter((line) => columnsOf(line) > 80)).toEqual([]);
    expect(lines.at(-1)).toBe('and 18 more: --output json has all');
  });

  it('tells long uptimes in days', () => {
    const rows = [
      { component: 'docker', version: {}, state: 'ok', text: '', uptimeSeconds: 12 * 86_400 + 4 * 3_600 + 59 } as const,
    ];
    expect(statusTableLines({ hosts: [{ name: 'a', rows }], verdicts: [] }, { columns: 80, colors })[1]).toContain(
      '12d 04h',
    );
  });
});
