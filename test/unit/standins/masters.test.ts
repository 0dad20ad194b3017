import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningMaster } from '../../../lab/standins/src/mesos/master/master.js';
import { postJson } from '../../../lab/standins/src/shared/http-client.js';
import { connect } from '../../../lab/standins/src/shared/zookeeper.js';
import { eventually } from './support/eventually.js';
import { call, getJson, programs, type Started } from './support/programs.js';
import { startZooKeeper, type TestZooKeeper } from './support/zookeeper.js';

let zookeeper: TestZooKeeper;
let test = 0;
let lab: ReturnType<typeof programs>;
beforeAll(async () => {
  zookeeper = await startZooKeeper();
}, 300_000);
afterAll(() => zookeeper.stop());
beforeEach(() => {
  test += 1;
  lab = programs(zookeeper.servers, `masters${test}`);
});
afterEach(() => lab.stopAll());

async function metric(master: Started<unknown>, name: string): Promise<unknown> {
  return (await getJson(`${master.url}/metrics/snapshot`))[name];
}

async function leaderAmong<T>(masters: readonly Started<T>[]): Promise<Started<T>> {
  return eventually('one of the masters is elected', async () => {
    const elected = await Promise.all(masters.map((master) => metric(master, 'master/elected')));
    const leading = masters.filter((_, index) => elected[index] === 1);
    return leading.length === 1 ? leading[0] : undefined;
  });
}

describe('mesos-master', () => {
  it('leaves a json.info node with the leader first and elects exactly one of three', async () => {
    const masters: Started<RunningMaster>[] = [];
    for (let count = 0; count < 3; count += 1) masters.push(await lab.master({ version: '1.4.1', quorum: 2 }));
    const leader = await leaderAmong(masters);
    const client = await connect({ servers: zookeeper.servers, sessionTimeoutMs: 20_000, connectTimeoutMs: 20_000 });
    const nodes = await client.children(`/masters${test}/mesos`);
    const candidates = nodes.filter((node) => node.startsWith('json.info_')).sort();
    const first = JSON.parse((await client.read(`/masters${test}/mesos/${candidates[0] ?? ''}`))?.toString() ?? '') as {
      port: number;
      version: string;
    };
    const replicas = await client.children(`/masters${test}/mesos/log_replicas`);
    await client.close();
    expect(candidates).toHaveLength(3);
    expect(first).toMatchObject({ port: leader.port, version: '1.4.1' });
    expect(replicas).toHaveLength(3);
    await eventually('every replica votes', async () => {
      const recovered = await Promise.all(masters.map((master) => metric(master, 'registrar/log/recovered')));
      return recovered.every((value) => value === 1);
    });
    await eventually(
      'the ensemble is counted',
      async () => (await metric(leader, 'registrar/log/ensemble_size')) === 3,
    );
  });

  it('elects another when the leader is gone, and /redirect points there', async () => {
    const masters: Started<RunningMaster>[] = [];
    for (let count = 0; count < 3; count += 1) masters.push(await lab.master({ version: '1.4.1', quorum: 2 }));
    const first = await leaderAmong(masters);
    await lab.stop(first);
    const others = masters.filter((master) => master !== first);
    const second = await leaderAmong(others);
    const standby = others.find((master) => master !== second);
    // Each master learns of an election by itself: the standby may still know the one that is gone.
    const answer = await eventually('the standby no longer points to the one that is gone', async () => {
      const given = await call({ url: `${standby?.url ?? ''}/redirect` });
      return given.status !== 307 || given.headers.location === `//127.0.0.1:${first.port}` ? undefined : given;
    });
    expect(answer.status).toBe(307);
    expect(answer.headers.location).toBe(`//127.0.0.1:${second.port}`);
  });

  it('redirects /state on a standby from 1.0 on and answers for itself before', async () => {
    const modern = [await lab.master({ version: '1.0.4' }), await lab.master({ version: '1.0.4' })];
    const leader = await leaderAmong(modern);
    const standby = modern.find((master) => master !== leader);
    const redirected = await eventually('the standby knows the leader', async () => {
      const answer = await call({ url: `${standby?.url ?? ''}/master/state` });
      return answer.status === 307 ? answer : undefined;
    });
    expect(redirected.headers.location).toBe(`//127.0.0.1:${leader.port}/master/state`);
    expect((await call({ url: `${standby?.url ?? ''}/metrics/snapshot` })).status).toBe(200);
    await lab.stopAll();

    lab = programs(zookeeper.servers, `masters${test}old`);
    const old = [await lab.master({ version: '0.23.0' }), await lab.master({ version: '0.23.0' })];
    const oldLeader = await leaderAmong(old);
    const oldStandby = old.find((master) => master !== oldLeader);
    const answer = await eventually('the standby names the leader', async () => {
      const state = await getJson(`${oldStandby?.url ?? ''}/state.json`);
      return state['leader'] === undefined ? undefined : state;
    });
    expect(answer).toMatchObject({ version: '0.23.0', leader: `master@127.0.0.1:${oldLeader.port}` });
    expect((await call({ url: `${oldStandby?.url ?? ''}/state` })).status).toBe(404);
  });

  it('writes protobuf up to 0.23, which a later master reads', async () => {
    const old = await lab.master({ version: '0.23.0' });
    await leaderAmong([old]);
    const fresh = await lab.master({ version: '0.24.1' });
    const state = await eventually('the newer standby sees the older leader', async () => {
      const found = await getJson(`${fresh.url}/state.json`);
      return found['leader'] === undefined ? undefined : found;
    });
    expect(state['leader']).toBe(`master@127.0.0.1:${old.port}`);
  });

  it('catches up a master whose work_dir was emptied before it says that its log is recovered', async () => {
    const masters: Started<RunningMaster>[] = [];
    for (let count = 0; count < 3; count += 1) masters.push(await lab.master({ version: '1.4.1', quorum: 2 }));
    const leader = await leaderAmong(masters);
    await eventually('all replicas vote', async () => {
      const recovered = await Promise.all(masters.map((master) => metric(master, 'registrar/log/recovered')));
      return recovered.every((value) => value === 1);
    });
    const report = {
      id: undefined,
      hostname: 'h',
      ip: '127.0.0.1',
      port: 1,
      version: '1.4.1',
      resources: { cpus: 1, mem: 1, disk: 1, ports: [31000, 31001] },
      attributes: {},
      tasks: [],
    };
    const { id } = (await eventually('the leader takes agents', () =>
      postJson(`${leader.url}/standin/agent`, report),
    )) as { id: string };
    const standby = masters.find((master) => master !== leader);
    if (standby === undefined) throw new Error('no standby');
    await lab.stop(standby);
    rmSync(join(standby.workDir, 'replicated_log'), { recursive: true });
    const again = await lab.master({ version: '1.4.1', quorum: 2, workDir: standby.workDir });
    await eventually(
      'the emptied replica votes again',
      async () => (await metric(again, 'registrar/log/recovered')) === 1,
    );
    const log = (await getJson(`${again.url}/standin/log`)) as { registry: { agents: { id: string }[] } };
    expect(log.registry.agents.map((agent) => agent.id)).toEqual([id]);
  });

  it('gives up when ZooKeeper is silent for longer than the session', async () => {
    const own = await startZooKeeper();
    const alone = programs(own.servers, 'lost');
    try {
      const master = await alone.master({ version: '0.28.1', flags: ['--zk_session_timeout=2secs'] });
      await leaderAmong([master]);
      own.freeze();
      const cause = await eventually('the leader aborts', () => master.fatal[0]);
      expect(cause).toContain('Lost leadership... committing suicide!');
    } finally {
      own.thaw();
      await alone.stopAll();
      await own.stop();
    }
  });
});
