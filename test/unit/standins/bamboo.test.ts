import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBamboo, type RunningBamboo } from '../../../lab/standins/src/bamboo/bamboo.js';
import { bambooConfig } from '../../../lab/standins/src/bamboo/config.js';
import type { Answer } from '../../../lab/standins/src/shared/http-client.js';
import { silent } from '../../../lab/standins/src/shared/log.js';
import { connect } from '../../../lab/standins/src/shared/zookeeper.js';
import { eventually } from './support/eventually.js';
import { ensurePackage } from './support/packages.js';
import { freePort } from '../../rig/ports.js';
import { call } from './support/programs.js';
import { startZooKeeper, type TestZooKeeper } from './support/zookeeper.js';

const template = readFileSync(new URL('./support/haproxy_template.cfg', import.meta.url), 'utf8');
const apps = {
  apps: [
    {
      id: '/hello',
      env: { BAMBOO_TCP_PORT: '17001' },
      healthChecks: [{ path: '/up' }],
      ports: [10_100],
      tasks: [] as unknown[],
    },
  ],
};
const tasks = {
  tasks: [
    {
      id: 'hello.1',
      appId: '/hello',
      host: '127.0.0.1',
      ports: [31_005],
      servicePorts: [10_100],
      state: 'TASK_RUNNING',
      stagedAt: '2026',
    },
  ],
};

/** A Marathon of canned answers; `broken` decides what it answers instead. */
interface CannedMarathon {
  readonly url: string;
  readonly subscriptions: string[];
  readonly streams: ServerResponse[];
  broken: { readonly status: number; readonly body: string } | undefined;
  readonly close: () => Promise<void>;
}

async function cannedMarathon(): Promise<CannedMarathon> {
  const port = await freePort();
  const subscriptions: string[] = [];
  const streams: ServerResponse[] = [];
  const marathon: CannedMarathon = {
    url: `http://127.0.0.1:${port}`,
    subscriptions,
    streams,
    broken: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server: Server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://marathon');
    if (url.pathname === '/v2/events') {
      outgoing.writeHead(200, { 'Content-Type': 'text/event-stream' });
      outgoing.flushHeaders();
      streams.push(outgoing);
      return;
    }
    if (url.pathname === '/v2/eventSubscriptions') subscriptions.push(url.searchParams.get('callbackUrl') ?? '');
    if (marathon.broken !== undefined) {
      outgoing.statusCode = marathon.broken.status;
      outgoing.end(marathon.broken.body);
    } else if (url.pathname === '/v2/tasks') outgoing.end(JSON.stringify(tasks));
    else if (url.pathname === '/v2/apps')
      outgoing.end(
        JSON.stringify({ apps: apps.apps.map((app) => ({ ...app, tasks: url.search === '' ? [] : tasks.tasks })) }),
      );
    else outgoing.end('{"eventType":"subscribe_event"}');
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return marathon;
}

let zookeeper: TestZooKeeper;
let marathon: CannedMarathon;
let directory: string;
let fatal: string[];
let running: RunningBamboo | undefined;
let url = '';
let test = 0;
beforeAll(async () => {
  ensurePackage('haproxy', '/usr/sbin/haproxy');
  zookeeper = await startZooKeeper();
}, 300_000);
afterAll(() => zookeeper.stop());
beforeEach(async () => {
  test += 1;
  fatal = [];
  directory = mkdtempSync(join(tmpdir(), 'standins-bamboo-'));
  marathon = await cannedMarathon();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await marathon.close();
  rmSync(directory, { recursive: true, force: true });
});

const output = (): string =>
  existsSync(join(directory, 'haproxy.cfg')) ? readFileSync(join(directory, 'haproxy.cfg'), 'utf8') : '';

async function start(
  version: string,
  change: { validation?: string; template?: string | null; reload?: string; path?: string; eventStream?: boolean } = {},
): Promise<void> {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  if (change.template !== null) writeFileSync(join(directory, 'template.cfg'), change.template ?? template);
  const file = join(directory, 'production.json');
  const settings = {
    Marathon: { Endpoint: marathon.url, UseEventStream: change.eventStream ?? false },
    Bamboo: {
      Endpoint: url,
      Zookeeper: { Host: zookeeper.servers, Path: change.path ?? `/bamboo${test}/state`, ReportingDelay: 0 },
    },
    HAProxy: {
      TemplatePath: join(directory, 'template.cfg'),
      OutputPath: join(directory, 'haproxy.cfg'),
      ReloadCommand: change.reload ?? `echo reloaded >> ${directory}/reloads`,
      ReloadValidationCommand: change.validation ?? 'haproxy -c -f {{.}}',
      ReloadCleanupCommand: 'exit 0',
    },
  };
  writeFileSync(file, JSON.stringify(settings));
  const config = bambooConfig({ version, file, env: {} });
  running = await startBamboo({
    config,
    bind: `127.0.0.1:${port}`,
    log: silent,
    onFatal: (error) => void fatal.push(`${error.exitCode}: ${error.message}`),
  });
}
const event = (): Promise<Answer> =>
  call({ method: 'POST', url: `${url}/api/marathon/event_callback`, body: '{"eventType":"status_update_event"}' });
const route = (): Promise<Answer> =>
  call({ method: 'POST', url: `${url}/api/services`, body: JSON.stringify({ id: '/hello', acl: 'path_beg -i /hi' }) });

describe('bamboo', () => {
  for (const version of ['0.2.11', '0.2.15', '0.2.20', '0.3.1']) {
    it(`${version} writes a configuration that the real haproxy accepts, with the route that was posted`, async () => {
      await start(version);
      await route();
      await eventually('the ACL is rendered', () => output().includes('acl ::hello-aclrule path_beg -i /hi'));
      expect(output()).toMatch(/server ::hello-127\.0\.0\.1-31005 127\.0\.0\.1:31005 +check inter 30000/);
      expect(output()).toContain('bind *:17001');
      expect(() =>
        execFileSync('haproxy', ['-c', '-f', join(directory, 'haproxy.cfg')], { stdio: 'pipe' }),
      ).not.toThrow();
      const state = JSON.parse((await call({ url: `${url}/api/state` })).body) as {
        Apps: { Id: string }[];
        Services: Record<string, { Acl: string }>;
      };
      expect(state.Apps.map((app) => app.Id)).toEqual(['/hello']);
      expect(state.Services['/hello']?.Acl).toBe('path_beg -i /hi');
      expect(marathon.subscriptions).toEqual([`${url}/api/marathon/event_callback`]);
      await eventually('haproxy was reloaded', () => existsSync(join(directory, 'reloads')));
    });
  }

  it('keeps its services as V1 up to 0.2.15 and as V2 from 0.2.20, under the escaped id', async () => {
    await start('0.2.15');
    await route();
    const client = await connect({ servers: zookeeper.servers, sessionTimeoutMs: 20_000, connectTimeoutMs: 20_000 });
    const node = `/bamboo${test}/state/%2Fhello`;
    expect((await client.read(node))?.toString()).toBe('path_beg -i /hi');
    await running?.stop();
    await start('0.2.20');
    expect(JSON.parse((await call({ url: `${url}/api/services` })).body)).toEqual({
      '/hello': { Id: '/hello', Acl: 'path_beg -i /hi', Config: { Acl: 'path_beg -i /hi' } },
    });
    await route();
    expect((await client.read(node))?.toString()).toBe('{"version":"2","config":{"Acl":"path_beg -i /hi"}}');
    await client.close();
    expect((await call({ method: 'DELETE', url: `${url}/api/services//hello` })).body).toBe('null');
    const again = await call({ method: 'DELETE', url: `${url}/api/services//hello` });
    expect([again.status, again.body]).toEqual([400, 'zk: node does not exist']);
  });

  it('never writes with a validation that lost its {{.}} from 0.2.15 on, while /status stays OK; 0.2.11 ignores it', async () => {
    const tried = (): number =>
      existsSync(join(directory, 'tried')) ? readFileSync(join(directory, 'tried'), 'utf8').length : 0;
    await start('0.2.15', { validation: `printf x >> ${directory}/tried; haproxy -c -f ` });
    await eventually('the first configuration was validated', () => tried() >= 1);
    const before = tried();
    await event();
    await eventually('the next was, too', () => tried() > before);
    expect((await call({ url: `${url}/status` })).body).toBe('OK');
    await running?.stop();
    expect(output()).toBe('');
    await start('0.2.11', { validation: 'haproxy -c -f ' });
    await eventually('0.2.11 writes', () => output().includes('::hello-cluster'));
  });

  it('loses its routes by version when Marathon fails: 0.2.11 always, later only to a JSON answer', async () => {
    const cases = [
      { version: '0.2.11', status: 503, body: '<html>no leader</html>', wiped: true },
      { version: '0.2.15', status: 503, body: '<html>no leader</html>', wiped: false },
      { version: '0.3.1', status: 503, body: '<html>no leader</html>', wiped: false },
      { version: '0.2.15', status: 504, body: '{"message":"timed out"}', wiped: true },
      { version: '0.3.1', status: 504, body: '{"message":"timed out"}', wiped: true },
    ];
    for (const { version, status, body, wiped } of cases) {
      marathon.broken = undefined;
      await start(version);
      await eventually(`${version} writes`, () => output().includes('backend ::hello-cluster'));
      marathon.broken = { status, body };
      await event();
      if (wiped) await eventually(`${version} loses its routes`, () => !output().includes('::hello'));
      await running?.stop();
      running = undefined;
      expect(output().includes('::hello'), `${version} ${status}`).toBe(!wiped);
    }
  });

  it('shows "Apps": null in 0.2.11 and null from 0.2.15 while Marathon cannot be reached', async () => {
    marathon.broken = { status: 503, body: 'no' };
    await start('0.2.11');
    expect((await call({ url: `${url}/api/state` })).body).toBe('{"Apps":null,"Services":{}}');
    await running?.stop();
    await start('0.2.15');
    expect((await call({ url: `${url}/api/state` })).body).toBe('null');
  });

  it('follows the event stream instead of subscribing when it is told to', async () => {
    await start('0.3.1', { eventStream: true });
    const stream = await eventually('the stream is open', () => marathon.streams[0]);
    await eventually('the first update is done', () => output().includes('::hello-cluster'));
    writeFileSync(join(directory, 'haproxy.cfg'), 'changed by hand');
    stream.write('event: status_update_event\ndata: {"eventType":"status_update_event"}\n\n');
    await eventually('the event made it write again', () => output().includes('::hello-cluster'));
    expect(marathon.subscriptions).toEqual([]);
  });

  it('ends as the real one: a reload that fails up to 0.2.14, a template that does not parse, a path that ends in a slash, no ZooKeeper', async () => {
    await start('0.2.11', { reload: 'exit 7' });
    expect(await eventually('0.2.11 ends', () => fatal[0])).toBe('1: HAProxy: update failed: exit status 7');
    await running?.stop();
    rmSync(join(directory, 'haproxy.cfg'));
    await start('0.2.15', { reload: 'exit 7' });
    await eventually('0.2.15 writes and lives', () => output() !== '');
    await running?.stop();
    fatal = [];
    await start('0.3.1', { template: '{{ range .Apps }}' });
    expect(await eventually('it panics', () => fatal[0])).toMatch(/^2: panic: template: /);
    await running?.stop();
    fatal = [];
    rmSync(join(directory, 'template.cfg'));
    await start('0.2.11', { template: null });
    expect(await eventually('it panics', () => fatal[0])).toMatch(/^2: panic: open /);
    await running?.stop();
    running = undefined;
    await expect(start('0.2.15', { path: '/bamboo/state/' })).rejects.toMatchObject({ exitCode: 2 });
  });
});
