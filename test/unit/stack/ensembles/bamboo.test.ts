import { expect, test } from 'vitest';
import type { Ensemble, MemberReply, Observation, Refusal } from '../../../../src/rollout/types.js';
import { bambooKind } from '../../../../src/stack/ensembles/bamboo.js';
import type { Value } from '../../../../src/template/value.js';
import { addressOf, context, http, told } from './services.js';

const groups = { node1: ['marathon'], node4: ['bamboo'], node5: ['bamboo'] };

function open(variables: Readonly<Record<string, Value>> = {}): Ensemble {
  return bambooKind.open(context(groups, { variables: { bamboo_version: '0.3.1', ...variables } }));
}

interface BambooSaid {
  readonly version?: string;
  /** null: it has not heard from Marathon. */
  readonly apps?: readonly string[] | null;
  readonly servers?: string;
  readonly invalid?: boolean;
  readonly marathonApps?: readonly Readonly<Record<string, unknown>>[];
  readonly marathon?: string;
}

const hello = { id: '/hello', tasksRunning: 2, container: { portMappings: [{ containerPort: 80 }] } };
const route = 'frontend http-in\nbackend ::hello-cluster\n  server one 10.0.0.4:31000\n';

function bamboo(host: string, said: BambooSaid = {}): MemberReply {
  const address = addressOf(host);
  const { version = '0.2.20', apps = ['/hello'], invalid = false } = said;
  return told({
    answers: {
      [`${address}:8000 state`]: http(200, { Apps: apps?.map((Id) => ({ Id })) ?? null, Services: {} }),
      haproxy: http(503, ''),
      'bamboo status': http(200, 'OK'),
      '10.0.0.1:8080 apps': http(200, { apps: said.marathonApps ?? [hello] }),
      '10.0.0.1:8080 info': http(200, { version: said.marathon ?? '1.4.14' }),
    },
    container: { name: 'bamboo', image: `bamboo:${version}` },
    records: [
      ['haproxy-check', invalid ? '[ALERT] unknown keyword\nexit 1' : 'exit 0'],
      ['haproxy-servers', said.servers ?? route],
    ],
  });
}

function observe(
  said: Readonly<Record<string, BambooSaid>>,
  options: { readonly ensemble?: Ensemble; readonly before?: Observation } = {},
): Observation {
  const replies = new Map(Object.entries(said).map(([host, each]) => [host, bamboo(host, each)] as const));
  return (options.ensemble ?? open()).observe(replies, options.before);
}

function refusals(said: BambooSaid, variables: Readonly<Record<string, Value>> = {}): readonly Refusal[] {
  const ensemble = open(variables);
  return ensemble.refusals?.(observe({ node4: said, node5: {} }, { ensemble }), ['node4']) ?? [];
}

test('all but one must serve', () => {
  const ensemble = open();
  expect(ensemble.quorum).toBe(1);
  expect(observe({ node4: {}, node5: {} }, { ensemble }).unmet).toEqual([]);
});

test('a Bamboo that has not heard from Marathon, and a broken configuration of HAProxy, are not well', () => {
  const { unmet } = observe({ node4: { apps: null }, node5: { invalid: true } });
  expect(unmet.map(({ host, said }) => [host, said])).toEqual([
    ['node4', 'it lists no apps: it cannot reach Marathon, 0.2.20'],
    ['node5', "HAProxy's configuration is not valid: [ALERT] unknown keyword, 0.2.20"],
  ]);
});

test('every app of Marathon that runs and has ports must be listed', () => {
  const marathonApps = [
    hello,
    { id: '/batch', tasksRunning: 1, ports: [] },
    { id: '/off', tasksRunning: 0, ports: [1] },
  ];
  expect(observe({ node4: { apps: [], marathonApps }, node5: {} }).unmet).toEqual([
    {
      host: 'node4',
      condition: 'it lists every app of Marathon that has ports and runs',
      said: 'it lacks /hello',
    },
  ]);
});

test('a route that HAProxy served must have a server again, unless its app went', () => {
  const before = observe({ node4: {}, node5: {} });
  expect(observe({ node4: { servers: 'backend ::hello-cluster\n' }, node5: {} }, { before }).unmet).toEqual([
    {
      host: 'node4',
      condition: 'its HAProxy has a server in every backend that it had',
      said: 'none in ::hello-cluster',
    },
  ]);
  const gone = { apps: [], marathonApps: [], servers: '' };
  expect(observe({ node4: gone, node5: gone }, { before }).unmet).toEqual([]);
});

test('rules of the new form are not left to a Bamboo that cannot read them', () => {
  expect(refusals({})).toEqual([]);
  expect(refusals({}, { bamboo_version: '0.2.15' })[0]?.message).toContain('takes for broken ones');
});

test('a Bamboo that would not hear of the Marathon that runs is refused', () => {
  const [refusal] = refusals({ marathon: '1.5.15' }, { bamboo_use_event_stream: false });
  expect(refusal?.message).toContain('Marathon 1.5.15, which runs, calls nobody back');
  expect(refusals({ marathon: '1.5.15' }, { bamboo_use_event_stream: true })).toEqual([]);
});
