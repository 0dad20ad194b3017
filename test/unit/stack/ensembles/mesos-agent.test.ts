import { expect, test } from 'vitest';
import { InputError } from '../../../../src/core/diagnostic.js';
import type { Ensemble, MemberReply, Observation, Refusal } from '../../../../src/rollout/types.js';
import { mesosAgentKind } from '../../../../src/stack/ensembles/mesos-agent.js';
import type { Value } from '../../../../src/template/value.js';
import { addressOf, context, http, told } from './services.js';

const groups = { node1: ['mesos_master'], node4: ['mesos_slave'], node5: ['mesos_slave'] };

function open(
  options: {
    readonly variables?: Readonly<Record<string, Value>>;
    readonly settings?: Readonly<Record<string, Value>>;
  } = {},
): Ensemble {
  const variables = {
    mesos_version: '1.9.0',
    mesos_slave_work_dir: '/data/mesos/slave',
    mesos_attributes: { rack: 'a' },
    mesos_slave_options: {},
    ...options.variables,
  };
  return mesosAgentKind.open(context(groups, { ...options, variables }));
}

interface AgentSaid {
  readonly id?: string;
  readonly registered?: number;
  readonly errors?: number;
  readonly tasks?: number;
  readonly version?: string;
  readonly active?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts?: Readonly<Record<string, string>>;
  readonly checkpoint?: boolean;
}

const environment = {
  MESOS_WORK_DIR: '/data/mesos/slave',
  MESOS_ATTRIBUTES: 'rack:a',
  MESOS_DOCKER_MESOS_IMAGE: 'mesos-slave:1.4.1',
};

function agent(host: string, said: AgentSaid = {}): MemberReply {
  const endpoint = `${addressOf(host)}:5051`;
  const { version = '1.4.1', id = `S-${host}` } = said;
  const metrics = {
    'slave/registered': said.registered ?? 1,
    'slave/recovery_errors': said.errors ?? 0,
    'slave/tasks_running': said.tasks ?? 2,
  };
  return told({
    answers: {
      [`${endpoint} metrics`]: http(200, metrics),
      [`${endpoint} version`]: http(200, { version }),
      'mesos agent state': http(200, {
        id,
        frameworks: [
          { id: 'F1', name: 'marathon', ...(said.checkpoint === undefined ? {} : { checkpoint: said.checkpoint }) },
        ],
      }),
      '10.0.0.1:5050 metrics': http(200, { 'master/elected': 1, 'master/slaves_active': said.active ?? 2 }),
      '10.0.0.1:5050 version': http(200, { version: '1.9.0' }),
    },
    container: {
      name: 'mslave',
      image: `mesos-slave:${version}`,
      env: said.env ?? environment,
      mounts: said.mounts ?? { '/data/mesos/slave': '/data/mesos/slave' },
    },
  });
}

function observe(
  said: Readonly<Record<string, AgentSaid>>,
  options: { readonly ensemble?: Ensemble; readonly before?: Observation } = {},
): Observation {
  const replies = new Map(Object.entries(said).map(([host, each]) => [host, agent(host, each)] as const));
  return (options.ensemble ?? open()).observe(replies, options.before);
}

function refusals(said: AgentSaid, variables: Readonly<Record<string, Value>> = {}): readonly Refusal[] {
  const ensemble = open({ variables });
  return ensemble.refusals?.(observe({ node4: said, node5: {} }, { ensemble }), ['node4']) ?? [];
}

test('agents have no quorum, and each is known by its id', () => {
  const ensemble = open();
  const { members, unmet } = observe({ node4: {}, node5: {} }, { ensemble });
  expect(ensemble.quorum).toBe(0);
  expect(unmet).toEqual([]);
  expect(members.map(({ identity, said }) => [identity, said])).toEqual([
    ['S-node4', '2 tasks running, 1.4.1'],
    ['S-node5', '2 tasks running, 1.4.1'],
  ]);
});

test('an agent that has not registered, or that recovered with errors, is not back', () => {
  const { unmet } = observe({ node4: { registered: 0 }, node5: { errors: 1 } });
  expect(unmet.map(({ host, said }) => [host, said])).toEqual([
    ['node4', 'it has not registered with a master, 1.4.1'],
    ['node5', '1 error when it recovered its state, 1.4.1'],
  ]);
});

test('an agent must come back with its tasks, unless its tasks come and go', () => {
  const before = observe({ node4: {}, node5: {} });
  const after = { node4: { tasks: 1 }, node5: { active: 1 } };
  expect(observe(after, { before }).unmet).toEqual([
    { host: 'node4', condition: 'it runs 2 tasks as before', said: 'it runs 1' },
  ]);
  expect(observe(after, { before, ensemble: open({ settings: { tasks: 'any' } }) }).unmet).toEqual([]);
  expect(() => open({ settings: { tasks: 'some' } })).toThrow(InputError);
});

test('the elected master must count as many active agents as before', () => {
  const before = observe({ node4: {}, node5: {} });
  expect(observe({ node4: { active: 1 }, node5: { active: 1 } }, { before }).unmet).toEqual([
    { condition: 'the elected master counts 2 active agents as before', said: 'it counts 1' },
  ]);
});

test('agents that change nothing but their version may be stepped', () => {
  expect(refusals({})).toEqual([]);
});

test('attributes, resources and the name of an agent are not changed under its feet', () => {
  const [refusal] = refusals({}, { mesos_attributes: { rack: 'b' }, mesos_slave_options: { resources: 'cpus:4' } });
  expect(refusal?.message).toBe(
    'the agent would be given another attributes from `rack:a` to `rack:b`, another resources from none to `cpus:4`: ' +
      'it refuses to start with what is not compatible with its state (reconfiguration_policy is equal)',
  );
  expect(refusal?.hint).toBe(
    'drain the agent first (its tasks must leave), then remove /data/mesos/slave/meta/slaves/latest or start it once with --recover=cleanup: it comes back as a new agent',
  );
  expect(refusals({}, { mesos_hostname: 'agent4' })).toEqual([]);
  expect(refusals({ env: { ...environment, MESOS_HOSTNAME: '10.0.0.4' } }, { mesos_hostname: 'agent4' })).toHaveLength(
    1,
  );
});

test('with an additive policy attributes may come, and only come', () => {
  const policy = { mesos_slave_options: { reconfiguration_policy: 'additive' } };
  expect(refusals({}, { ...policy, mesos_attributes: { rack: 'a', zone: '1' } })).toEqual([]);
  expect(refusals({}, { ...policy, mesos_attributes: { zone: '1' } })).toHaveLength(1);
});

test('a work directory that is elsewhere, or in the container, is not left behind', () => {
  expect(refusals({ mounts: {} })[0]?.message).toContain('keeps its work directory /data/mesos/slave in itself');
  expect(refusals({ mounts: { '/data/mesos/slave': '/srv/slave' } })[0]?.hint).toBe(
    'set `mesos_slave_work_dir: /srv/slave` for this host',
  );
});

test('tasks that would end with the agent are said before it is stopped', () => {
  const { MESOS_DOCKER_MESOS_IMAGE: _image, ...without } = environment;
  expect(refusals({ env: without })[0]?.message).toContain('its 2 running tasks would end with its container');
  expect(refusals({ env: without, tasks: 0 })).toEqual([]);
  expect(refusals({ checkpoint: false })[0]?.message).toContain('tasks of marathon would be killed');
});

test('a preview counts on the masters that an earlier play is about to bring', () => {
  const newer = { mesos_version: '1.10.0' };
  expect(refusals({}, { ...newer, run: { preview: true } })).toEqual([]);
  expect(refusals({}, { ...newer, run: { preview: false } })).toHaveLength(1);
});

test('agents are never newer than the masters, and 0.x goes by way of 1.0', () => {
  expect(refusals({}, { mesos_version: '1.10.0' })[0]?.message).toBe(
    'agents of 1.10.0 are newer than the masters of 1.9.0; masters are upgraded first',
  );
  expect(refusals({ version: '0.28.1' }, { mesos_version: '1.4.1' })[0]?.message).toContain('goes to 1.0 first');
});
