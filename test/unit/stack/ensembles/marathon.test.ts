import { expect, test } from 'vitest';
import { expectedOrder } from '../../../../src/rollout/expected-order.js';
import { nextStep } from '../../../../src/rollout/order.js';
import type { Ensemble, MemberReply, Observation, Progress, Refusal } from '../../../../src/rollout/types.js';
import { marathonPathProblem } from '../../../../src/stack/ensembles/marathon-path.js';
import { marathonKind } from '../../../../src/stack/ensembles/marathon.js';
import type { Value } from '../../../../src/template/value.js';
import { addressOf, context, http, told } from './services.js';

const hosts = ['node1', 'node2', 'node3'];

function open(variables: Readonly<Record<string, Value>> = {}, names: readonly string[] = hosts): Ensemble {
  const groups = Object.fromEntries(names.map((host) => [host, ['marathon', 'mesos_master']]));
  return marathonKind.open(context(groups, { variables: { marathon_version: '1.5.15', ...variables } }));
}

interface InstanceSaid {
  readonly version?: string;
  readonly leads?: boolean;
  /** Host of the leader that it names; undefined: it does not answer. */
  readonly leader?: string | undefined;
  readonly running?: number;
  readonly deployments?: number;
  readonly frameworkId?: string;
  readonly callbacks?: readonly string[];
  readonly mesos?: string;
  readonly store?: string;
}

/** What a host tells of its instance: a standby of node1 with 1.4.14. */
function instance(host: string, said: InstanceSaid = {}): MemberReply {
  const endpoint = `${addressOf(host)}:8080`;
  const { version = '1.4.14', leads = false, running = 2, frameworkId = 'F1' } = said;
  const named = 'leader' in said ? said.leader : leads ? host : 'node1';
  const headers: Readonly<Record<string, string>> = leads ? {} : { 'X-Marathon-Via': `1.1 ${endpoint}` };
  const answer = (body: unknown): string | undefined => (named === undefined ? undefined : http(200, body, headers));
  return told({
    answers: {
      [`${endpoint} leader`]: answer({ leader: `${addressOf(named ?? '')}:8080` }),
      [`${endpoint} info`]: answer({ version, frameworkId }),
      'marathon apps': answer({ apps: [{ id: '/hello', instances: 2, tasksRunning: running }] }),
      'marathon deployments': answer(Array.from({ length: said.deployments ?? 0 }, () => ({}))),
      'marathon subscriptions': answer({ callbackUrls: said.callbacks ?? [] }),
      'mesos version': http(200, { version: said.mesos ?? '1.4.1' }),
    },
    container: {
      name: 'marathon',
      image: `marathon:v${version}`,
      state: named === undefined ? 'exited' : 'running',
      env: { MARATHON_ZK: said.store ?? 'zk://a:2181,b:2181/marathon' },
    },
  });
}

const well: Readonly<Record<string, InstanceSaid>> = { node1: { leads: true }, node2: {}, node3: {} };

function observe(
  said: Readonly<Record<string, InstanceSaid>> = well,
  options: { readonly ensemble?: Ensemble; readonly before?: Observation } = {},
): Observation {
  const replies = new Map(Object.entries(said).map(([host, each]) => [host, instance(host, each)] as const));
  return (options.ensemble ?? open()).observe(replies, options.before);
}

function refusals(
  said: Readonly<Record<string, InstanceSaid>> = well,
  variables: Readonly<Record<string, Value>> = {},
  pending: readonly string[] = hosts,
): readonly Refusal[] {
  const ensemble = open(variables);
  return ensemble.refusals?.(observe(said, { ensemble }), pending) ?? [];
}

function start(ensemble: Ensemble, said: Readonly<Record<string, InstanceSaid>> = well): Progress {
  const observation = observe(said, { ensemble });
  return { observation, before: observation, pending: ensemble.members, done: [], stopped: [], maxUnavailable: 1 };
}

function steps(ensemble: Ensemble, progress: Progress): readonly string[] {
  return expectedOrder(ensemble, progress).steps.map((step) =>
    step.kind === 'stop' ? `stop ${step.host}` : `apply ${step.hosts.join(' ')}`,
  );
}

test('an instance that answers for another stands by; its version is that of its image', () => {
  const { members, leader, unmet } = observe();
  expect(leader).toBe('node1');
  expect(unmet).toEqual([]);
  expect(members.map(({ said, version }) => [said, version])).toEqual([
    ['leads: 1 app, 1.4.14', '1.4.14'],
    ['stands by for node1, 1.4.14', '1.4.14'],
    ['stands by for node1, 1.4.14', '1.4.14'],
  ]);
});

test('where nobody that was asked leads, the one they stand by for is named', () => {
  const standby = { leads: false, leader: '9' };
  expect(observe({ node1: standby, node2: standby, node3: standby }).unmet).toContainEqual({
    condition: 'one instance leads',
    said: 'none answers for itself; they name 10.0.0.9:8080',
  });
});

test('a rollout does not begin while a deployment is under way', () => {
  expect(observe({ ...well, node1: { leads: true, deployments: 1 } }).unmet).toEqual([
    { condition: 'no deployment is under way', said: '1 is (GET /v2/deployments)' },
  ]);
});

test('a new leader carries on the framework, the apps and their tasks', () => {
  const before = observe();
  const { members, unmet } = observe(
    {
      node1: { leader: undefined },
      node2: { leads: true, version: '1.5.15', frameworkId: 'F2', running: 1 },
      node3: { leader: undefined },
    },
    { before },
  );
  expect(members[1]).toMatchObject({ leads: true, healthy: true });
  expect(unmet.filter(({ host }) => host === undefined)).toEqual([
    { condition: 'node2, which leads, has the framework id F1 as before', said: 'F2' },
    { condition: 'node2, which leads, counts 2 running tasks of /hello as before', said: 'it counts 1' },
  ]);
});

test('a restart takes the standbys first and the leader last', () => {
  const ensemble = open({ marathon_version: '1.4.14' });
  expect(steps(ensemble, start(ensemble))).toEqual(['apply node2', 'apply node3', 'apply node1']);
});

test('another version stops all but the leader, starts one beside it, hands over to that one and then takes the rest', () => {
  const ensemble = open();
  expect(steps(ensemble, start(ensemble))).toEqual([
    'stop node3',
    'apply node2',
    'stop node1',
    'apply node1',
    'apply node3',
  ]);
});

test('two instances hand over without another stop, and one alone is replaced', () => {
  const two = open({}, ['node1', 'node2']);
  expect(steps(two, start(two, { node1: { leads: true }, node2: {} }))).toEqual([
    'apply node2',
    'stop node1',
    'apply node1',
  ]);
  const one = open({}, ['node1']);
  expect(steps(one, start(one, { node1: { leads: true } }))).toEqual(['apply node1']);
});

test('a hand-over that was cut off goes on where it was', () => {
  const ensemble = open();
  const cut = start(ensemble, { node1: { leads: true }, node2: { version: '1.5.15' }, node3: {} });
  expect(nextStep(ensemble, cut)).toMatchObject({ kind: 'stop', host: 'node3' });
  const stopped = start(ensemble, {
    node1: { leads: true },
    node2: { version: '1.5.15' },
    node3: { leader: undefined },
  });
  expect(nextStep(ensemble, stopped)).toMatchObject({ kind: 'stop', host: 'node1' });
  const over = start(ensemble, {
    node1: { leader: undefined },
    node2: { leads: true, version: '1.5.15' },
    node3: { leader: undefined },
  });
  expect(nextStep(ensemble, over)).toMatchObject({ kind: 'apply', hosts: ['node1'] });
});

test('Marathon goes from one minor release to the next, and to 1.8 from 1.6 too', () => {
  expect(marathonPathProblem('1.4.14', '1.5.15')).toBeUndefined();
  expect(marathonPathProblem('1.1.1', '1.3.14')).toBeUndefined();
  expect(marathonPathProblem('1.6.549', '1.8.222')).toBeUndefined();
  expect(marathonPathProblem('1.3.14', '1.5.15')).toBe(
    'Marathon 1.3.14 goes to 1.4 before 1.5.15: no minor release is skipped',
  );
  expect(marathonPathProblem('1.4.14', '1.8.222')).toBe(
    'Marathon 1.4.14 goes to 1.5, then 1.6 before 1.8.222: no minor release is skipped',
  );
});

test('there is no way back but a backup', () => {
  const [refusal] = refusals(well, { marathon_version: '1.3.14' });
  expect(refusal?.message).toContain('Marathon 1.4.14 does not go back to 1.3.14');
  expect(refusal?.hint).toContain('runner restore');
});

test('instances of two election libraries never run side by side', () => {
  const old = { version: '1.1.1', mesos: '1.4.1' };
  const [refusal] = refusals(
    { node1: { leads: true, ...old }, node2: old, node3: old },
    { marathon_version: '1.3.14' },
  );
  expect(refusal?.message).toContain('with node1, node2 and node3 running there would be two leaders');
  expect(refusal?.hint).toContain('runner stop marathon');
  const down = { ...old, leader: undefined };
  expect(refusals({ node1: down, node2: down, node3: down }, { marathon_version: '1.3.14' })).toEqual([]);
});

test('no instance of the old version is left behind', () => {
  const [refusal] = refusals(well, {}, ['node1', 'node2']);
  expect(refusal?.message).toContain('node3 would be left behind with 1.4.14');
});

test('Marathon waits for the masters it needs, and for Bamboos that live on callbacks', () => {
  const seven = { version: '1.6.549', mesos: '1.4.1' };
  expect(
    refusals({ node1: { leads: true, ...seven }, node2: seven, node3: seven }, { marathon_version: '1.7.174' })[0]
      ?.message,
  ).toBe('Marathon 1.7.174 needs Mesos 1.5.0 or later, and the masters run 1.4.1');
  const callbacks = ['http://10.0.0.4:8000/api/marathon/event_callback'];
  const [refusal] = refusals({ ...well, node1: { leads: true, callbacks } });
  expect(refusal?.message).toContain('Marathon 1.5.15 calls nobody back');
  expect(refusal?.hint).toContain('bamboo_use_event_stream: true');
});

test('another znode is refused: it is another Marathon', () => {
  const [refusal] = refusals(well, { marathon_version: '1.4.14', marathon_zookeeper_url: 'zk://a:2181/other' });
  expect(refusal?.hint).toBe('set `marathon_zookeeper_path: /marathon`');
  expect(refusals(well, { marathon_version: '1.4.14', marathon_zookeeper_url: 'zk://c:2181/marathon' })).toEqual([]);
});
