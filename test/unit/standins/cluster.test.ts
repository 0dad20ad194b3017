import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer } from '../../../lab/standins/src/shared/http-client.js';
import { eventually } from './support/eventually.js';
import { startFakeDocker, type FakeDocker } from './support/docker.js';
import { freePort } from '../../rig/ports.js';
import { call, getJson, programs, type Started } from './support/programs.js';
import { startZooKeeper, type TestZooKeeper } from './support/zookeeper.js';

const app = {
  id: '/hello',
  instances: 2,
  cpus: 0.1,
  mem: 64,
  env: { GREETING: 'a=b c' },
  container: {
    type: 'DOCKER',
    docker: {
      image: 'web:1',
      network: 'BRIDGE',
      portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 10_100 }],
    },
  },
};

let zookeeper: TestZooKeeper;
let docker: FakeDocker;
let test = 0;
let lab: ReturnType<typeof programs>;
beforeAll(async () => {
  zookeeper = await startZooKeeper();
}, 300_000);
afterAll(() => zookeeper.stop());
beforeEach(async () => {
  test += 1;
  lab = programs(zookeeper.servers, `cluster${test}`);
  docker = await startFakeDocker(['web:1']);
});
afterEach(async () => {
  await lab.stopAll();
  await docker.stop();
});

const post = (url: string, value: unknown): Promise<Answer> =>
  call({ method: 'POST', url, body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } });
const answers = async (marathon: Started<unknown>, path: string): Promise<Answer | undefined> => {
  const answer = await call({ url: `${marathon.url}${path}` });
  return answer.status === 200 ? answer : undefined;
};
interface TaskJson {
  readonly id: string;
  readonly host: string;
  readonly ports: readonly number[];
  readonly state: string;
}
async function runningTasks(marathon: Started<unknown>, count: number): Promise<readonly TaskJson[]> {
  return eventually(`${count} tasks run`, async () => {
    const { tasks } = (await getJson(`${marathon.url}/v2/tasks`)) as unknown as { tasks: TaskJson[] };
    return tasks.length === count && tasks.every((task) => task.state === 'TASK_RUNNING') ? tasks : undefined;
  });
}
async function agentId(agent: Started<unknown>): Promise<string> {
  return eventually('the agent is registered', async () => {
    const metrics = await getJson(`${agent.url}/metrics/snapshot`);
    if (metrics['slave/registered'] !== 1) return undefined;
    const state = (await answers(agent, '/slave(1)/state')) ?? (await answers(agent, '/slave(1)/state.json'));
    return (JSON.parse(state?.body ?? '{}') as { id?: string }).id;
  });
}

describe('mesos-slave', () => {
  it('keeps its id and its running tasks over a restart', async () => {
    await lab.master({ version: '1.4.1' });
    const agent = await lab.agent({ version: '1.4.1', socketPath: docker.socketPath });
    const marathon = await lab.marathon({ version: '1.4.14' });
    const id = await agentId(agent);
    await eventually('Marathon leads', () => answers(marathon, '/ping'));
    await post(`${marathon.url}/v2/apps`, app);
    const before = await runningTasks(marathon, 2);
    await lab.stop(agent);
    const again = await lab.agent({
      version: '1.4.1',
      socketPath: docker.socketPath,
      workDir: agent.workDir,
      port: agent.port,
    });
    expect(await agentId(again)).toBe(id);
    expect((await runningTasks(marathon, 2)).map((task) => task.id).sort()).toEqual(
      before.map((task) => task.id).sort(),
    );
    expect(docker.containers.size).toBe(2);
    const info = JSON.parse(
      readFileSync(join(realpathSync(join(agent.workDir, 'meta/slaves/latest')), 'slave.info'), 'utf8'),
    ) as { id: string };
    expect(info.id).toBe(id);
  });

  it('registers with a new master while Docker does not answer', async () => {
    const first = await lab.master({ version: '1.4.1' });
    const agent = await lab.agent({ version: '1.4.1', socketPath: docker.socketPath });
    const id = await agentId(agent);
    await docker.stop();
    await lab.stop(first);
    const second = await lab.master({ version: '1.4.1', workDir: first.workDir });
    await eventually('the new master counts the agent', async () => {
      const metrics = await getJson(`${second.url}/metrics/snapshot`);
      return metrics['master/slaves_active'] === 1 ? true : undefined;
    });
    expect(await agentId(agent)).toBe(id);
  });

  it('refuses to start with attributes that are not those of before', async () => {
    await lab.master({ version: '1.4.1' });
    const agent = await lab.agent({ version: '1.4.1', socketPath: docker.socketPath, attributes: 'rack:a' });
    await agentId(agent);
    await lab.stop(agent);
    const again = lab.agent({
      version: '1.4.1',
      socketPath: docker.socketPath,
      workDir: agent.workDir,
      port: agent.port,
      attributes: 'rack:b',
    });
    await expect(again).rejects.toThrow('Incompatible agent info detected');
  });

  it('really stops every container named mesos-* in 1.1.0, and leaves mesos-master alone in 1.4.1', async () => {
    for (const [version, left] of [
      ['1.1.0', ['zk']],
      ['1.4.1', ['mesos-master', 'mesos-slave', 'zk']],
    ] as const) {
      for (const name of ['mesos-master', 'mesos-slave', 'zk']) docker.add(name);
      const agent = await lab.agent({ version, socketPath: docker.socketPath });
      expect([...docker.containers.keys()].sort(), version).toEqual(left);
      await lab.stop(agent);
    }
  });

  it('outlives a ZooKeeper that is away for longer than a session, as a standby master does; only the leader ends', async () => {
    const own = await startZooKeeper();
    const alone = programs(own.servers, 'away');
    try {
      const flags = ['--zk_session_timeout=4secs'];
      const masters = [
        await alone.master({ version: '1.5.0', flags }),
        await alone.master({ version: '1.5.0', flags }),
      ];
      const agent = await alone.agent({ version: '1.5.0', socketPath: docker.socketPath, flags });
      const id = await agentId(agent);
      const elected = await Promise.all(
        masters.map(async (master) => (await getJson(`${master.url}/metrics/snapshot`))['master/elected']),
      );
      const leader = masters[elected.indexOf(1)];
      const standby = masters[elected.indexOf(0)];
      if (leader === undefined || standby === undefined) throw new Error('no leader');
      own.freeze();
      await eventually('the leader ends', () => leader.fatal[0]);
      await alone.stop(leader);
      own.thaw();
      await eventually(
        'the standby leads',
        async () => (await getJson(`${standby.url}/metrics/snapshot`))['master/elected'] === 1,
      );
      await eventually(
        'the agent is back',
        async () => (await getJson(`${standby.url}/metrics/snapshot`))['master/slaves_active'] === 1,
      );
      expect(await agentId(agent)).toBe(id);
      expect([standby.fatal, agent.fatal]).toEqual([[], []]);
    } finally {
      own.thaw();
      await alone.stopAll();
      await own.stop();
    }
  });

  it('is ignored by a master of 1.4 when it is older than 1.0', async () => {
    const master = await lab.master({ version: '1.4.1' });
    await lab.agent({ version: '0.28.1', socketPath: docker.socketPath });
    const good = await lab.agent({ version: '1.0.4', socketPath: docker.socketPath });
    await agentId(good);
    const metrics = await getJson(`${master.url}/metrics/snapshot`);
    expect(metrics['master/slaves_active']).toBe(1);
  });

  it('loses its tasks to a drain from 1.9 on, and the master says so step by step', async () => {
    const master = await lab.master({ version: '1.9.0' });
    const first = await lab.agent({ version: '1.9.0', socketPath: docker.socketPath });
    const marathon = await lab.marathon({ version: '1.8.222' });
    const id = await agentId(first);
    await eventually('Marathon leads', () => answers(marathon, '/ping'));
    await post(`${marathon.url}/v2/apps`, { ...app, instances: 1 });
    await runningTasks(marathon, 1);
    const second = await lab.agent({ version: '1.9.0', socketPath: docker.socketPath });
    const secondId = await agentId(second);
    expect(
      (await post(`${master.url}/api/v1`, { type: 'DRAIN_AGENT', drain_agent: { agent_id: { value: id } } })).status,
    ).toBe(200);
    await eventually('the agent is drained', async () => {
      const answer = await post(`${master.url}/api/v1`, { type: 'GET_AGENTS' });
      const { get_agents: found } = JSON.parse(answer.body) as {
        get_agents: { agents: { agent_info: { id: { value: string } }; drain_info?: { state: string } }[] };
      };
      return found.agents.find((agent) => agent.agent_info.id.value === id)?.drain_info?.state === 'DRAINED';
    });
    await eventually('the task runs on the other agent', async () => {
      const tasks = (await getJson(`${marathon.url}/v2/tasks`))['tasks'] as { slaveId: string; state: string }[];
      return tasks.length === 1 && tasks[0]?.state === 'TASK_RUNNING' && tasks[0].slaveId === secondId;
    });
  });
});

describe('marathon', () => {
  it('takes an app on any instance and starts it as a container with its ports, spread over the agents', async () => {
    await lab.master({ version: '1.4.1' });
    const agents = [
      await lab.agent({ version: '1.4.1', socketPath: docker.socketPath }),
      await lab.agent({ version: '1.4.1', socketPath: docker.socketPath }),
    ];
    const ids = await Promise.all(agents.map(agentId));
    const leader = await lab.marathon({ version: '1.4.14' });
    await eventually('the first leads', () => answers(leader, '/ping'));
    const standby = await lab.marathon({ version: '1.4.14' });
    const created = await eventually('the standby takes the app', async () => {
      const answer = await post(`${standby.url}/v2/apps`, app);
      return answer.status === 201 ? answer : undefined;
    });
    expect(created.headers['x-marathon-via']).toBe(`1.1 127.0.0.1:${standby.port}`);
    expect(created.headers['x-marathon-leader']).toBe(`http://127.0.0.1:${leader.port}`);
    const tasks = await runningTasks(leader, 2);
    const containers = [...docker.containers.values()];
    expect(new Set(containers.map(({ name }) => name.slice('mesos-'.length).split('.')[0])).size).toBe(2);
    expect(containers.every(({ name }) => ids.some((id) => name.startsWith(`mesos-${id}.`)))).toBe(true);
    const settings = containers[0]?.settings as {
      Image: string;
      Env: string[];
      HostConfig: { PortBindings: Record<string, { HostPort: string }[]> };
    };
    expect(settings.Image).toBe('web:1');
    expect(settings.Env).toContain('GREETING=a=b c');
    expect(tasks.map((task) => String(task.ports[0]))).toContain(
      settings.HostConfig.PortBindings['80/tcp']?.[0]?.HostPort,
    );
    await eventually(
      'the deployment ends',
      async () => (await call({ url: `${standby.url}/v2/deployments` })).body === '[]',
    );
    const direct = await call({ url: `${leader.url}/ping` });
    expect([direct.body, direct.headers['x-marathon-via']]).toEqual(['pong', undefined]);
    const plain = await call({ url: `${leader.url}/v2/tasks`, headers: { Accept: 'text/plain' } });
    expect(plain.body).toMatch(/^hello\t10100\t127\.0\.0\.1:31\d+\t127\.0\.0\.1:31\d+\t\n$/);
  });

  it('starts another container when one dies', async () => {
    await lab.master({ version: '0.28.1' });
    await lab.agent({ version: '0.28.1', socketPath: docker.socketPath });
    const marathon = await lab.marathon({ version: '1.1.1' });
    await eventually('Marathon leads', () => answers(marathon, '/ping'));
    await post(`${marathon.url}/v2/apps`, { ...app, instances: 1 });
    const [first] = await runningTasks(marathon, 1);
    docker.exit([...docker.containers.keys()][0] ?? '', 137);
    const second = await eventually('another task runs', async () => {
      const [task] = await runningTasks(marathon, 1);
      return task !== undefined && task.id !== first?.id ? task : undefined;
    });
    expect(second.id).toMatch(/^hello\./);
  });

  it('hands over on DELETE /v2/leader with apps, tasks and framework id as they were', async () => {
    await lab.master({ version: '1.4.1' });
    await lab.agent({ version: '1.4.1', socketPath: docker.socketPath });
    const first = await lab.marathon({ version: '1.5.15' });
    await eventually('the first leads', () => answers(first, '/ping'));
    await post(`${first.url}/v2/apps`, app);
    const before = await runningTasks(first, 2);
    const info = await getJson(`${first.url}/v2/info`);
    const second = await lab.marathon({ version: '1.5.15' });
    await eventually('the standby passes it on', async () => {
      const { status } = await call({ method: 'DELETE', url: `${second.url}/v2/leader` });
      return status === 200;
    });
    expect(await eventually('the old leader ends', () => first.fatal[0])).toContain('Leadership abdicated');
    await eventually(
      'the second leads',
      async () => (await getJson(`${second.url}/v2/leader`))['leader'] === `127.0.0.1:${second.port}`,
    );
    expect((await runningTasks(second, 2)).map((task) => task.id).sort()).toEqual(before.map((task) => task.id).sort());
    expect((await getJson(`${second.url}/v2/info`))['frameworkId']).toBe(info['frameworkId']);
    expect(docker.containers.size).toBe(2);
  });

  it('has the next leader write the backup that was asked for, and restore it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'standins-backup-'));
    const file = `file://${directory}/state.json`;
    await lab.master({ version: '1.4.1' });
    const first = await lab.marathon({ version: '1.5.15' });
    await eventually('the first leads', () => answers(first, '/ping'));
    await post(`${first.url}/v2/apps`, { ...app, instances: 0 });
    expect((await call({ method: 'DELETE', url: `${first.url}/v2/leader?backup=s3://elsewhere` })).status).toBe(422);
    await call({ method: 'DELETE', url: `${first.url}/v2/leader?backup=${file}` });
    await eventually('the first ends', () => first.fatal[0]);
    const second = await lab.marathon({ version: '1.5.15' });
    await eventually('the second leads', () => answers(second, '/ping'));
    await call({ method: 'DELETE', url: `${second.url}/v2/apps/hello` });
    await call({ method: 'DELETE', url: `${second.url}/v2/leader?restore=${file}` });
    await eventually('the second ends', () => second.fatal[0]);
    const third = await lab.marathon({ version: '1.5.15' });
    await eventually('the third leads', () => answers(third, '/ping'));
    expect((await getJson(`${third.url}/v2/apps`))['apps']).toMatchObject([{ id: '/hello' }]);
    rmSync(directory, { recursive: true });
  });

  it('migrates the state of 1.3 when 1.4 leads, and 1.3.14 refuses to go back', async () => {
    await lab.master({ version: '1.4.1' });
    const old = await lab.marathon({ version: '1.3.14' });
    await eventually('1.3 leads', () => answers(old, '/ping'));
    await post(`${old.url}/v2/apps`, { ...app, instances: 0 });
    await lab.stop(old);
    const fresh = await lab.marathon({ version: '1.4.14' });
    await eventually('1.4 leads', () => answers(fresh, '/ping'));
    expect((await getJson(`${fresh.url}/v2/apps`))['apps']).toMatchObject([{ id: '/hello' }]);
    await lab.stop(fresh);
    const back = await lab.marathon({ version: '1.3.14' });
    expect(await eventually('1.3 gives up', () => back.fatal[0])).toBe(
      'Migration from versions > 1.3.14 is not supported. Your version: 1.4.14',
    );
    await lab.stop(back);
    const skipped = await lab.marathon({ version: '1.8.222' });
    expect(await eventually('1.8 gives up', () => skipped.fatal[0])).toBe(
      'Migration from versions < 1.6.0 is not supported. Your version: 1.4.14',
    );
  });

  it('keeps instances of the old election from leading by a tombstone, and ends one that leads', async () => {
    const fresh = await lab.marathon({ version: '1.3.14' });
    await eventually('1.3 leads', () => answers(fresh, '/ping'));
    const old = await lab.marathon({ version: '1.1.1' });
    const proxied = await eventually('1.1 finds its way to the leader', async () => {
      const answer = await call({ url: `${old.url}/v2/leader` });
      return answer.status === 200 ? answer : undefined;
    });
    expect(proxied.headers['x-marathon-via']).toBe(`1.1 127.0.0.1:${old.port}`);
    expect(JSON.parse(proxied.body)).toEqual({ leader: `127.0.0.1:${fresh.port}` });
    await lab.stopAll();

    lab = programs(zookeeper.servers, `cluster${test}both`);
    const blind = await lab.marathon({ version: '1.1.1' });
    await eventually('1.1 leads', () => blind.running.leads());
    const newer = await lab.marathon({ version: '1.2.0' });
    await eventually('1.2 leads in its own election', () => newer.running.leads());
    expect(await eventually('the tombstone ends the old one', () => blind.fatal[0])).toContain('Lost leadership');
  });

  it('calls its subscribers back, unless it runs without http_callback or is 1.5', async () => {
    const events: string[] = [];
    const listener = createServer((incoming, outgoing) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
      incoming.on('end', () => {
        events.push((JSON.parse(text) as { eventType: string }).eventType);
        outgoing.end();
      });
    });
    const port = await freePort();
    await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
    try {
      const callback = encodeURIComponent(`http://127.0.0.1:${port}/api/marathon/event_callback`);
      const marathon = await lab.marathon({ version: '1.1.1', env: { MARATHON_EVENT_SUBSCRIBER: 'http_callback' } });
      await eventually('it leads', () => answers(marathon, '/ping'));
      expect(
        (await call({ method: 'POST', url: `${marathon.url}/v2/eventSubscriptions?callbackUrl=${callback}` })).status,
      ).toBe(200);
      await post(`${marathon.url}/v2/apps`, { ...app, instances: 0 });
      await eventually('the events arrive', () =>
        ['subscribe_event', 'api_post_event', 'deployment_info'].every((type) => events.includes(type)),
      );
      await lab.stop(marathon);
      const without = await lab.marathon({ version: '1.1.1' });
      await eventually('it leads', () => answers(without, '/ping'));
      expect(
        (await call({ method: 'POST', url: `${without.url}/v2/eventSubscriptions?callbackUrl=${callback}` })).status,
      ).toBe(400);
      await expect(
        lab.marathon({ version: '1.5.15', env: { MARATHON_EVENT_SUBSCRIBER: 'http_callback' } }),
      ).rejects.toThrow("Unknown option 'event_subscriber'");
    } finally {
      await new Promise((resolve) => {
        listener.close(resolve);
        listener.closeAllConnections();
      });
    }
  });

  it('ends with 111 in 1.8 when its port is taken', async () => {
    const holder = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
    try {
      await expect(
        lab.marathon({ version: '1.8.222', env: { MARATHON_HTTP_PORT: String(port) } }),
      ).rejects.toMatchObject({ exitCode: 111 });
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  });
});
