import { describe, expect, it } from 'vitest';
import { agentConfig } from '../../../lab/standins/src/mesos/agent/config.js';
import { orphansAmong } from '../../../lab/standins/src/mesos/agent/orphans.js';
import { loadFlags } from '../../../lab/standins/src/mesos/flags.js';
import { masterConfig } from '../../../lab/standins/src/mesos/master/config.js';
import { marathonConfig } from '../../../lab/standins/src/marathon/config.js';
import { argumentsFromEnvironment } from '../../../lab/standins/src/marathon/options.js';

type Env = Readonly<Record<string, string>>;
const zk = { MESOS_ZK: 'zk://a:2181/mesos', MESOS_QUORUM: '1', MESOS_WORK_DIR: '/w' };
const marathon = { MARATHON_MASTER: 'zk://a:2181/mesos', MARATHON_ZK: 'zk://a:2181/marathon' };

describe('mesos-master refuses to start', () => {
  const cases: readonly {
    readonly with: string;
    readonly version?: string;
    readonly env: Env;
    readonly argv?: readonly string[];
    readonly says: string;
  }[] = [
    { with: 'an unknown flag', env: zk, argv: ['--isolator=x'], says: "Failed to load unknown flag 'isolator'" },
    {
      with: 'a flag of a later version',
      version: '0.28.1',
      env: zk,
      argv: ['--agent_ping_timeout=15secs'],
      says: "Failed to load unknown flag 'agent_ping_timeout'",
    },
    {
      with: 'a flag that this version lost',
      version: '1.9.0',
      env: zk,
      argv: ['--registry_strict=true'],
      says: 'strict registry',
    },
    {
      with: 'a value in a word of its own',
      env: zk,
      argv: ['--cluster', 'x'],
      says: "Failed to load non-boolean flag 'cluster': Missing value",
    },
    {
      with: 'one flag twice',
      env: zk,
      argv: ['--cluster=a', '--cluster=b'],
      says: "Duplicate flag 'cluster' on command line",
    },
    {
      with: 'the old and the new name of a flag',
      env: { ...zk, MESOS_SLAVE_PING_TIMEOUT: '15secs', MESOS_AGENT_PING_TIMEOUT: '15secs' },
      says: 'is already loaded via name',
    },
    {
      with: 'minutes spelt wrongly',
      env: { ...zk, MESOS_ALLOCATION_INTERVAL: '5min' },
      says: "Failed to load value '5min' for flag 'allocation_interval'",
    },
    {
      with: 'a boolean that is none',
      env: { ...zk, MESOS_LOG_AUTO_INITIALIZE: 'yes' },
      says: "Failed to load value 'yes' for flag 'log_auto_initialize'",
    },
    { with: 'no quorum', env: { MESOS_ZK: zk.MESOS_ZK, MESOS_WORK_DIR: '/w' }, says: 'Need to specify --quorum' },
    { with: 'no work_dir', env: { MESOS_ZK: zk.MESOS_ZK, MESOS_QUORUM: '1' }, says: '--work_dir needed' },
    { with: 'the ZooKeeper path /', env: { ...zk, MESOS_ZK: 'zk://a:2181/' }, says: "'/' is not supported" },
    {
      with: 'a registry of another kind',
      env: { ...zk, MESOS_REGISTRY: 'memory' },
      says: 'not a supported option for registry persistence',
    },
  ];
  for (const { with: what, version, env, argv, says } of cases) {
    it(`with ${what}`, () => {
      expect(() => masterConfig({ version: version ?? '1.4.1', env, argv: argv ?? [] })).toThrow(says);
    });
  }
});

describe('mesos flags', () => {
  it('ignore an unknown MESOS_ variable, the MESOS_ISOLATOR of the how-tos included', () => {
    expect(
      masterConfig({
        version: '1.4.1',
        env: { ...zk, MESOS_ISOLATOR: 'cgroups/cpu', MESOS_NO_HOSTNAME_LOOKUP: '1' },
        argv: [],
      }).flags.given,
    ).not.toHaveProperty('isolator');
  });

  it('let the command line win over the environment', () => {
    expect(masterConfig({ version: '1.4.1', env: { ...zk, MESOS_QUORUM: '1' }, argv: ['--quorum=2'] }).quorum).toBe(2);
  });

  it('take a deprecated name from 1.0 on with a warning', () => {
    const flags = loadFlags({
      program: 'mesos-master',
      version: '1.4.1',
      env: { MESOS_SLAVE_PING_TIMEOUT: '20secs' },
      argv: [],
    });
    expect(flags.duration('agent_ping_timeout', '15secs')).toBe(20_000);
    expect(flags.warnings).toEqual(["Loaded deprecated flag 'slave_ping_timeout' (now 'agent_ping_timeout')"]);
  });

  it('know --x, --no-x, an empty variable and the agents’ 75 seconds', () => {
    const flags = loadFlags({
      program: 'mesos-slave',
      version: '1.4.1',
      env: { MESOS_CGROUPS_ENABLE_CFS: '' },
      argv: ['--no-strict', '--switch_user'],
    });
    expect([
      flags.boolean('strict', true),
      flags.boolean('switch_user', false),
      flags.boolean('cgroups_enable_cfs', false),
    ]).toEqual([false, true, true]);
    expect(masterConfig({ version: '0.28.1', env: zk, argv: [] }).agentTimeoutMs).toBe(75_000);
  });

  it('ask the agent for a work_dir from 1.0 on, and for a master always', () => {
    expect(agentConfig({ version: '0.28.1', env: { MESOS_MASTER: 'a:5050' }, argv: [] }).workDir).toBe('/tmp/mesos');
    expect(() => agentConfig({ version: '1.0.4', env: { MESOS_MASTER: 'a:5050' }, argv: [] })).toThrow(
      'Missing required option --work_dir',
    );
    expect(() => agentConfig({ version: '1.0.4', env: { MESOS_WORK_DIR: '/w' }, argv: [] })).toThrow(
      'Missing required option --master',
    );
  });
});

describe('an agent that starts stops as orphans', () => {
  const id = 'f00-S0';
  const uuid = '4c3f1f6e-6f9d-4b7e-9c5a-1d2e3f405162';
  const names = [
    'mesos-master',
    'mesos-slave',
    `mesos-${id}.${uuid}`,
    `mesos-other-S1.${uuid}`,
    'zk',
    'my-mesos-master',
  ];
  const every = names.slice(0, 4);
  const own = [`mesos-${id}.${uuid}`];
  const withUuid = names.slice(2, 4);
  const cases: readonly {
    readonly version: string;
    readonly recovered: boolean;
    readonly stops: readonly string[];
    readonly kill?: boolean;
  }[] = [
    { version: '0.20.0', recovered: false, stops: every },
    { version: '0.22.2', recovered: true, stops: every },
    { version: '0.23.0', recovered: false, stops: [] },
    { version: '0.28.3', recovered: true, stops: own },
    { version: '1.0.0', recovered: false, stops: every },
    { version: '1.0.1', recovered: true, stops: every },
    { version: '1.0.2', recovered: true, stops: withUuid },
    { version: '1.0.4', recovered: false, stops: withUuid },
    { version: '1.1.0', recovered: false, stops: every },
    { version: '1.1.3', recovered: true, stops: every },
    { version: '1.2.0', recovered: true, stops: withUuid },
    { version: '1.9.0', recovered: true, stops: withUuid },
    { version: '1.1.0', recovered: true, stops: [], kill: false },
  ];
  for (const { version, recovered, stops, kill } of cases) {
    it(`${stops.length} of ${names.length} containers in ${version}${recovered ? ', after a recovery' : ''}${kill === false ? ', unless told not to' : ''}`, () => {
      expect(
        orphansAmong({ version, names, known: [], recoveredId: recovered ? id : undefined, killOrphans: kill ?? true }),
      ).toEqual(stops);
    });
  }
});

describe('marathon', () => {
  const refusals: readonly {
    readonly with: string;
    readonly version: string;
    readonly env: Env;
    readonly argv?: readonly string[];
    readonly says: string;
    readonly code: number;
  }[] = [
    {
      with: 'an unknown variable',
      version: '1.4.14',
      env: { ...marathon, MARATHON_LOG_DIR: '/x' },
      says: "Unknown option 'log_dir'",
      code: 1,
    },
    {
      with: 'event_subscriber in 1.5',
      version: '1.5.15',
      env: { ...marathon, MARATHON_EVENT_SUBSCRIBER: 'http_callback' },
      says: "Unknown option 'event_subscriber'",
      code: 1,
    },
    {
      with: 'a boolean with a value',
      version: '1.8.222',
      env: { ...marathon, MARATHON_CHECKPOINT: 'true' },
      says: "Excess arguments provided: 'true'",
      code: 112,
    },
    {
      with: 'the same option by environment and by command line',
      version: '1.4.14',
      env: marathon,
      argv: ['--zk', 'zk://b:2181/marathon'],
      says: 'you should provide exactly one argument',
      code: 1,
    },
    {
      with: 'a value with a blank in it up to 1.6',
      version: '1.4.14',
      env: { ...marathon, MARATHON_FRAMEWORK_NAME: 'two words' },
      says: "Excess arguments provided: 'words'",
      code: 1,
    },
    {
      with: 'no master',
      version: '1.4.14',
      env: { MARATHON_ZK: marathon.MARATHON_ZK },
      says: "Required option 'master' not found",
      code: 1,
    },
    {
      with: 'a ZooKeeper path that ends in a slash',
      version: '1.8.222',
      env: { ...marathon, MARATHON_ZK: 'zk://a:2181/marathon/' },
      says: 'not a valid zk url',
      code: 112,
    },
    {
      with: 'a ZooKeeper server without its port in 0.11',
      version: '0.11.1',
      env: { ...marathon, MARATHON_ZK: 'zk://a/marathon' },
      says: 'expected host:port',
      code: 1,
    },
    {
      with: 'an option that 1.8 lost',
      version: '1.8.222',
      env: { ...marathon, MARATHON_SAVE_TASKS_TO_LAUNCH_TIMEOUT: '1' },
      says: 'Unknown option',
      code: 112,
    },
    {
      with: 'a port that is no number',
      version: '1.4.14',
      env: { ...marathon, MARATHON_HTTP_PORT: 'http' },
      says: 'bad number',
      code: 1,
    },
  ];
  for (const { with: what, version, env, argv, says, code } of refusals) {
    it(`refuses to start with ${what}`, () => {
      const start = (): unknown => marathonConfig({ version, env, argv: argv ?? [] });
      expect(start).toThrow(says);
      expect(start).toThrow(expect.objectContaining({ exitCode: code }));
    });
  }

  it('takes an empty variable as a flag, and disable_ for a toggle', () => {
    const config = marathonConfig({
      version: '1.4.14',
      env: { ...marathon, MARATHON_CHECKPOINT: '', MARATHON_DISABLE_HA: '' },
      argv: [],
    });
    expect([config.options.get('checkpoint'), config.highAvailability]).toEqual(['true', false]);
  });

  it('keeps a value whole from 1.6.4 on and takes it apart before', () => {
    const env = { MARATHON_FRAMEWORK_NAME: 'a=b MARATHON_c' };
    expect(argumentsFromEnvironment('1.4.14', env)).toEqual(['--framework_name', 'a', 'b', 'c']);
    expect(argumentsFromEnvironment('1.8.222', env)).toEqual(['--framework_name', 'a=b MARATHON_c']);
  });

  it('asks ZooKeeper for half an hour up to 0.11, of which a server grants 40 seconds, and for ten seconds later', () => {
    expect(marathonConfig({ version: '0.11.1', env: marathon, argv: [] }).zkSessionTimeoutMs).toBe(40_000);
    expect(marathonConfig({ version: '1.4.14', env: marathon, argv: [] }).zkSessionTimeoutMs).toBe(10_000);
  });
});
