import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderTemplateFile } from '../../../src/template/file.js';
import { dataLayer } from '../../../src/run/layers.js';
import { extendScope } from '../../../src/template/scope.js';
import type { Value } from '../../../src/template/value.js';
import { clusterPlan } from './cluster.js';

const roles = join(import.meta.dirname, '../../../roles');
const addresses = { node1: '10.0.0.1', node2: '10.0.0.2', node3: '10.0.0.3', node4: '10.0.0.4', node5: '10.0.0.5' };

/** A role's template as a host of the usual cluster would get it. */
function rendered(options: {
  readonly play: string;
  readonly role: string;
  readonly template: string;
  readonly host: keyof typeof addresses;
  readonly variables?: string;
  readonly registered?: Readonly<Record<string, Value>>;
  readonly hostVariables?: Readonly<Record<string, Readonly<Record<string, Value>>>>;
}): string {
  const { play, role, template, host, variables = '', registered = {}, hostVariables = {} } = options;
  const { plan, context } = clusterPlan({ variables });
  const planned = plan.plays.find(({ name }) => name === play)!;
  const hosts = Object.fromEntries(
    Object.entries(addresses).map(([name, address]) => [name, { name, address, vars: hostVariables[name] ?? {} }]),
  );
  const builtins = dataLayer('built-in', { host: hosts[host]!, hosts, ...registered });
  const scope = extendScope(context.scopeOf(planned, host), [builtins]);
  const file = join(roles, role, 'templates', template);
  return String(renderTemplateFile({ text: readFileSync(file, 'utf8'), file, scope }));
}

const zooCfg = (variables = '', hostVariables = {}): readonly string[] =>
  rendered({
    play: 'ZooKeeper ensemble',
    role: 'zookeeper',
    template: 'zoo.cfg.ejs',
    host: 'node1',
    variables,
    hostVariables,
  })
    .trimEnd()
    .split('\n');

describe('zoo.cfg', () => {
  test('names every member by its id, the same on every host', () => {
    expect(zooCfg().filter((line) => line.startsWith('server.'))).toEqual([
      'server.1=10.0.0.1:2888:3888',
      'server.2=10.0.0.2:2888:3888',
      'server.3=10.0.0.3:2888:3888',
    ]);
  });

  test('takes the ids that hosts have been given, whatever their order', () => {
    const ids = { node1: { zookeeper_myid: 7 }, node2: { zookeeper_myid: 5 }, node3: { zookeeper_myid: 9 } };
    expect(zooCfg('', ids).filter((line) => line.startsWith('server.'))).toEqual([
      'server.7=10.0.0.1:2888:3888',
      'server.5=10.0.0.2:2888:3888',
      'server.9=10.0.0.3:2888:3888',
    ]);
  });

  test('takes the address that a host is given for its neighbours', () => {
    expect(zooCfg('', { node2: { node_address: '192.168.7.2' } })).toContain('server.2=192.168.7.2:2888:3888');
  });

  test('leaves port 8080 to Marathon and lets the monitoring commands answer', () => {
    expect(zooCfg()).toContain('admin.enableServer=false');
    expect(zooCfg('zookeeper_admin_server: true\n')).toContain('admin.serverPort=8888');
    expect(zooCfg()).toContain('4lw.commands.whitelist=srvr,mntr,ruok,isro');
  });

  test('puts data where the image keeps it, and takes further keys', () => {
    const lines = zooCfg('zookeeper_profile: mesoscloud\nzookeeper_options: { globalOutstandingLimit: 500 }\n');
    expect(lines).toContain('dataDir=/tmp/zookeeper');
    expect(lines).toContain('globalOutstandingLimit=500');
  });
});

describe('production.json', () => {
  const json = (variables = ''): Record<string, Record<string, unknown>> =>
    JSON.parse(
      rendered({ play: 'Bamboo', role: 'bamboo', template: 'production.json.ejs', host: 'node4', variables }),
    ) as Record<string, Record<string, unknown>>;

  test('gives each Bamboo its own endpoint and all of Marathon and ZooKeeper', () => {
    expect(json()).toMatchObject({
      Marathon: { Endpoint: 'http://10.0.0.1:8080,http://10.0.0.2:8080,http://10.0.0.3:8080', UseEventStream: true },
      Bamboo: {
        Endpoint: 'http://10.0.0.4:8000',
        Zookeeper: { Host: '10.0.0.1:2181,10.0.0.2:2181,10.0.0.3:2181', ReportingDelay: 5 },
      },
    });
  });

  test("keeps Bamboo's own placeholder, which the how-tos lost", () => {
    expect(json()['HAProxy']?.['ReloadValidationCommand']).toBe('haproxy -c -f {{.}}');
  });

  test('uses callbacks up to Marathon 1.4', () => {
    expect(json('marathon_version: 1.4.14\n')['Marathon']?.['UseEventStream']).toBe(false);
  });
});

describe('haproxy_template.cfg', () => {
  const text = (variables = ''): string =>
    rendered({
      play: 'Bamboo',
      role: 'bamboo',
      template: 'haproxy_template.cfg.ejs',
      host: 'node4',
      variables,
      registered: { bamboo_generated_password: { value: 'made-on-the-host' } },
    });

  test("leaves Bamboo's template to Bamboo", () => {
    expect(text()).toContain('acl {{ $app.EscapedId }}-aclrule {{ $service.Acl}}');
    expect(text()).toContain('bind *:{{ $app.Env.BAMBOO_TCP_PORT }}');
  });

  test('never has the password of the how-tos, nor the port of Marathon', () => {
    expect(text()).toContain('stats auth operator:made-on-the-host');
    expect(text('haproxy_stats_password: given\n')).toContain('stats auth operator:given');
    expect(text()).not.toMatch(/admin:admin|8080/);
    expect(text('haproxy_stats_enabled: false\n')).not.toContain('stats auth');
  });
});

describe('49-haproxy.conf', () => {
  test('binds the address together with the port, so that only the host itself can log', () => {
    const text = rendered({ play: 'HAProxy logs', role: 'rsyslog', template: '49-haproxy.conf.ejs', host: 'node4' });
    expect(text).toContain('input(type="imudp" address="127.0.0.1" port="514")');
    expect(text).toContain('local0.* /data/logs/haproxy/haproxy.log');
  });
});
