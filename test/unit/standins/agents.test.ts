import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentId } from './support/agent-id.js';
import { eventually } from './support/eventually.js';
import { standinsForFile } from './support/lab.js';
import { answers, app, post, runningTasks } from './support/marathon-client.js';
import { getJson, programs } from './support/programs.js';
import { startZooKeeper } from './support/zookeeper.js';

const lab = standinsForFile('agents');

describe('mesos-slave', () => {
  it('keeps its id and its running tasks over a restart', async () => {
    await lab.master({ version: '1.4.1' });
    const agent = await lab.agent({ version: '1.4.1', socketPath: lab.docker.socketPath });
    const marathon = await lab.marathon({ version: '1.4.14' });
    const id = await agentId(agent);
    await eventually('Marathon leads', () => answers(marathon, '/ping'));
    await post(`${marathon.url}/v2/apps`, app);
    const before = await runningTasks(marathon, 2);
    await lab.stop(agent);
    const again = await lab.agent({
      version: '1.4.1',
      socketPath: lab.docker.socketPath,
      workDir: agent.workDir,
      port: agent.port,
    });
    expect(await agentId(again)).toBe(id);
    expect((await runningTasks(marathon, 2)).map((task) => task.id).sort()).toEqual(
      before.map((task) => task.id).sort(),
    );
    expect(lab.docker.containers.size).toBe(2);
    const info = JSON.parse(
      readFileSync(join(realpathSync(join(agent.workDir, 'meta/slaves/latest')), 'slave.info'), 'utf8'),
    ) as { id: string };
    expect(info.id).toBe(id);
  });

  it('registers with a new master while Docker does not answer', async () => {
    const first = await lab.master({ version: '1.4.1' });
    const agent = await lab.agent({ version: '1.4.1', socketPath: lab.docker.socketPath });
    const id = await agentId(agent);
    await lab.docker.stop();
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
    const agent = await lab.agent({ version: '1.4.1', socketPath: lab.docker.socketPath, attributes: 'rack:a' });
    await agentId(agent);
    await lab.stop(agent);
    const again = lab.agent({
      version: '1.4.1',
      socketPath: lab.docker.socketPath,
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
      for (const name of ['mesos-master', 'mesos-slave', 'zk']) lab.docker.add(name);
      const agent = await lab.agent({ version, socketPath: lab.docker.socketPath });
      expect([...lab.docker.containers.keys()].sort(), version).toEqual(left);
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
      const agent = await alone.agent({ version: '1.5.0', socketPath: lab.docker.socketPath, flags });
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
    await lab.agent({ version: '0.28.1', socketPath: lab.docker.socketPath });
    const good = await lab.agent({ version: '1.0.4', socketPath: lab.docker.socketPath });
    await agentId(good);
    const metrics = await getJson(`${master.url}/metrics/snapshot`);
    expect(metrics['master/slaves_active']).toBe(1);
  });

  it('loses its tasks to a drain from 1.9 on, and the master says so step by step', async () => {
    const master = await lab.master({ version: '1.9.0' });
    const first = await lab.agent({ version: '1.9.0', socketPath: lab.docker.socketPath });
    const marathon = await lab.marathon({ version: '1.8.222' });
    const id = await agentId(first);
    await eventually('Marathon leads', () => answers(marathon, '/ping'));
    await post(`${marathon.url}/v2/apps`, { ...app, instances: 1 });
    await runningTasks(marathon, 1);
    const second = await lab.agent({ version: '1.9.0', socketPath: lab.docker.socketPath });
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
