import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../rig/ports.js';
import { agentId } from './support/agent-id.js';
import { eventually } from './support/eventually.js';
import { standinsForFile } from './support/lab.js';
import { answers, app, post, runningTasks } from './support/marathon-client.js';
import { call, getJson } from './support/programs.js';

const lab = standinsForFile('marathon');

describe('marathon', () => {
  it('takes an app on any instance and starts it as a container with its ports, spread over the agents', async () => {
    await lab.master({ version: '1.4.1' });
    const agents = [
      await lab.agent({ version: '1.4.1', socketPath: lab.docker.socketPath }),
      await lab.agent({ version: '1.4.1', socketPath: lab.docker.socketPath }),
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
    const containers = [...lab.docker.containers.values()];
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
    await lab.agent({ version: '0.28.1', socketPath: lab.docker.socketPath });
    const marathon = await lab.marathon({ version: '1.1.1' });
    await eventually('Marathon leads', () => answers(marathon, '/ping'));
    await post(`${marathon.url}/v2/apps`, { ...app, instances: 1 });
    const [first] = await runningTasks(marathon, 1);
    lab.docker.exit([...lab.docker.containers.keys()][0] ?? '', 137);
    const second = await eventually('another task runs', async () => {
      const [task] = await runningTasks(marathon, 1);
      return task !== undefined && task.id !== first?.id ? task : undefined;
    });
    expect(second.id).toMatch(/^hello\./);
  });

  it('hands over on DELETE /v2/leader with apps, tasks and framework id as they were', async () => {
    await lab.master({ version: '1.4.1' });
    await lab.agent({ version: '1.4.1', socketPath: lab.docker.socketPath });
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
    expect(lab.docker.containers.size).toBe(2);
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

    lab.moveOn();
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
