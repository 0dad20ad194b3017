import { expect, test } from 'vitest';
import type { Ensemble, MemberReply, Observation, Refusal } from '../../../../src/rollout/types.js';
import { mesosMasterKind } from '../../../../src/stack/ensembles/mesos-master.js';
import type { Value } from '../../../../src/template/value.js';
import { addressOf, context, http, told, unreached } from './services.js';

const hosts = ['node1', 'node2', 'node3'];

function open(variables: Readonly<Record<string, Value>> = {}, names: readonly string[] = hosts): Ensemble {
  const groups = Object.fromEntries(names.map((host) => [host, ['mesos_master', 'marathon']]));
  return mesosMasterKind.open(
    context(groups, {
      variables: { mesos_version: '1.9.0', mesos_master_work_dir: '/data/mesos/master', ...variables },
    }),
  );
}

interface MasterSaid {
  readonly elected?: boolean;
  readonly recovered?: number;
  readonly version?: string;
  readonly agents?: number;
  readonly frameworks?: number;
  readonly size?: number;
  readonly leader?: string;
  readonly silent?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts?: Readonly<Record<string, string>>;
  readonly agentVersions?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly marathon?: string;
  readonly absent?: boolean;
}

/** What a host tells of its master: a standby of three, well, unless told otherwise. */
function master(host: string, said: MasterSaid = {}): MemberReply {
  const endpoint = `${addressOf(host)}:5050`;
  const { elected = false, version = '1.4.1', agents = 0, frameworks = 0, leader = 'node1' } = said;
  if (said.absent === true) return told({ answers: { [`${endpoint} metrics`]: undefined } });
  const metrics = {
    'master/elected': elected ? 1 : 0,
    'master/slaves_active': agents,
    'master/frameworks_active': frameworks,
    'registrar/log/recovered': said.recovered ?? 1,
    'registrar/log/ensemble_size': said.size ?? 3,
  };
  const silent = said.silent === true;
  return told({
    answers: {
      [`${endpoint} metrics`]: silent ? undefined : http(200, metrics),
      [`${endpoint} version`]: silent ? undefined : http(200, { version }),
      [`${endpoint} redirect`]: silent ? undefined : http(307, '', { Location: `//${addressOf(leader)}:5050` }),
      [`${endpoint} slaves`]: elected
        ? http(200, { slaves: (said.agentVersions ?? ['1.4.1']).map((each) => ({ id: each, version: each })) })
        : undefined,
      'mesos registry': elected
        ? http(200, { minimum_capabilities: (said.capabilities ?? []).map((capability) => ({ capability })) })
        : http(200, {}),
      'marathon info': said.marathon === undefined ? undefined : http(200, { version: said.marathon }),
    },
    container: {
      name: 'mmaster',
      image: `mesos-master:${version}`,
      state: silent ? 'exited' : 'running',
      exitCode: silent ? 1 : 0,
      env: said.env ?? { MESOS_WORK_DIR: '/data/mesos/master', MESOS_QUORUM: '2' },
      mounts: said.mounts ?? { '/data/mesos/master': '/data/mesos/master' },
    },
    records: silent ? [['complaint', 'Failed to recover the log']] : [],
  });
}

const leading = { elected: true, agents: 2, frameworks: 1 } as const;

function observe(
  said: Readonly<Record<string, MasterSaid | MemberReply>>,
  options: { readonly ensemble?: Ensemble; readonly before?: Observation } = {},
): Observation {
  const ensemble = options.ensemble ?? open();
  const replies = new Map(
    Object.entries(said).map(([host, each]) => [host, 'kind' in each ? each : master(host, each)] as const),
  );
  return ensemble.observe(replies, options.before);
}

function refusals(
  said: Readonly<Record<string, MasterSaid>>,
  variables: Readonly<Record<string, Value>> = {},
  names: readonly string[] = hosts,
): readonly Refusal[] {
  const ensemble = open(variables, names);
  const observation = observe(said, { ensemble });
  return ensemble.refusals?.(observation, names) ?? [];
}

const well = { node1: leading, node2: {}, node3: {} };

test('three masters with one elected are well, and two of them are a quorum', () => {
  const ensemble = open();
  const observation = observe(well, { ensemble });
  expect(ensemble.quorum).toBe(2);
  expect(observation.unmet).toEqual([]);
  expect(observation.leader).toBe('node1');
  expect(observation.members.map(({ host, leads, said }) => [host, leads, said])).toEqual([
    ['node1', true, 'leads: 2 agents, 1 framework, 1.4.1'],
    ['node2', false, 'stands by for node1, 1.4.1'],
    ['node3', false, 'stands by for node1, 1.4.1'],
  ]);
});

test('a master whose log has not recovered does not count', () => {
  const { members, unmet } = observe({ ...well, node2: { recovered: 0 } });
  expect(members[1]?.healthy).toBe(false);
  expect(unmet).toEqual([
    {
      host: 'node2',
      condition: 'the master answers and its replica of the log votes',
      said: 'its replica of the log has not recovered: it does not vote, 1.4.1',
    },
  ]);
});

test('a master that ended tells its last words, and one whose host is away counts as down', () => {
  const { members } = observe({ ...well, node2: { silent: true }, node3: unreached('no route to host') });
  expect(members[1]?.said).toBe(
    'its container ended with exit code 1, 1.4.1; its last words: Failed to recover the log',
  );
  expect(members[2]).toMatchObject({ healthy: false, present: true, said: 'no route to host' });
});

test('two elected masters, and none, are both wrong', () => {
  expect(observe({ ...well, node2: { elected: true, leader: 'node2' } }).unmet[0]).toEqual({
    condition: 'one master is elected',
    said: 'node1 and node2 say that they are',
  });
  expect(observe({ node1: {}, node2: {}, node3: {} }).unmet[0]).toEqual({
    condition: 'one master is elected',
    said: 'none says that it is',
  });
});

test('every master must name the elected one and count the replicas', () => {
  expect(observe({ ...well, node3: { leader: 'node2', size: 2 } }).unmet).toEqual([
    { host: 'node3', condition: 'it names node1, the elected master', said: 'it names node2' },
    {
      host: 'node3',
      condition: 'the replicated log has 3 replicas (registrar/log/ensemble_size)',
      said: 'it counts 2',
    },
  ]);
});

test('agents and frameworks must be back before the next step', () => {
  const before = observe(well);
  const { unmet } = observe(
    { node1: { leader: 'node2' }, node2: { elected: true, leader: 'node2', agents: 1 }, node3: { leader: 'node2' } },
    { before },
  );
  expect(unmet).toEqual([
    { condition: 'the elected master counts 2 active agents as before', said: 'it counts 1' },
    { condition: 'the elected master counts 1 active framework as before', said: 'it counts 0' },
  ]);
});

test('masters that are well may go to any later 1.x', () => {
  expect(refusals(well)).toEqual([]);
});

test('a replicated log that lies in the container is not thrown away', () => {
  const [refusal] = refusals({ ...well, node2: { mounts: {} } });
  expect(refusal).toMatchObject({ host: 'node2' });
  expect(refusal?.message).toContain('keeps its replicated log in /data/mesos/master, which is no folder of the host');
});

test('a log in another folder of the host is kept', () => {
  const [refusal] = refusals({ ...well, node2: { mounts: { '/data/mesos/master': '/srv/mesos' } } });
  expect(refusal?.hint).toBe('set `mesos_master_work_dir: /srv/mesos` for this host');
});

test('a quorum is not changed by editing the list, with the arithmetic of it', () => {
  const five = [...hosts, 'node4', 'node5'];
  const said = { ...well, node4: { absent: true }, node5: { absent: true } };
  const [refusal] = refusals(said, {}, five);
  expect(refusal?.message).toBe(
    "this master runs with a quorum of 2, and the inventory's 5 masters need 3: 5 masters with a quorum of 2 could elect two leaders and corrupt the log: it bears 3",
  );
  expect(refusal?.hint).toContain('runner scale-out');
  expect(refusals(said, { mesos_membership_change: true }, five)).toEqual([]);
});

test('0.28 goes to 1.0 before anything later, and 1.x not back to 0.x', () => {
  const old = { version: '0.28.1', agentVersions: ['0.28.1'] };
  const three = { node1: { ...leading, ...old }, node2: old, node3: old };
  expect(refusals(three)[0]?.message).toContain('Mesos 0.28.1 goes to 1.0 first, masters and then all agents');
  expect(refusals(three, { mesos_version: '1.0.4' })).toEqual([]);
  expect(refusals(well, { mesos_version: '0.28.1' })[0]?.message).toContain('does not go back to 0.28.1');
});

test('masters wait for agents and Marathons that they could not serve', () => {
  expect(refusals({ ...well, node1: { ...leading, agentVersions: ['0.28.1', '1.4.1'] } })[0]?.message).toBe(
    'masters of 1.9.0 refuse agents of 0.28.1: bring the agents to 1.0 first',
  );
  expect(refusals({ ...well, node2: { marathon: '1.7.174' } }, { mesos_version: '1.4.0' })[0]?.message).toBe(
    'agents of 1.4.1 are newer than the masters of 1.4.0; masters are upgraded first',
  );
  expect(
    refusals({ ...well, node2: { marathon: '1.7.174' } }, { mesos_version: '1.4.2' }).map(({ message }) => message),
  ).toEqual(['Marathon 1.7.174, which runs, needs Mesos 1.5.0 or later, and the masters would be 1.4.2']);
});

test('a registry that needs a capability is not read by masters that lack it', () => {
  const said = { version: '1.9.0', agentVersions: ['1.8.0'] };
  const drained = {
    node1: { ...leading, ...said, capabilities: ['AGENT_DRAINING'] },
    node2: said,
    node3: said,
  };
  const [refusal] = refusals(drained, { mesos_version: '1.8.0' });
  expect(refusal?.message).toBe(
    'the registry needs masters that know AGENT_DRAINING, and 1.8.0 does not: it would refuse to start',
  );
  expect(refusal?.hint).toContain('REACTIVATE_AGENT');
});

test('a master before 1.0, which does not tell of its log, must be well for 20 seconds', () => {
  const { inARow, intervalSeconds } = open({ mesos_version: '0.28.1' }).timing;
  expect(inARow * intervalSeconds).toBe(20);
});

test('a step that was cut off is known by what it kept', () => {
  const reply = master('node2');
  const kept = told({ answers: {}, records: [['kept']] });
  const both: MemberReply =
    reply.kind === 'reply' && kept.kind === 'reply'
      ? { kind: 'reply', reply: { ...reply.reply, stdout: Buffer.concat([reply.reply.stdout, kept.reply.stdout]) } }
      : reply;
  expect(observe({ ...well, node2: both }).members[1]?.unfinished).toBe(true);
});
