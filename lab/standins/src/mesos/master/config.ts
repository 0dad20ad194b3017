import { Fatal } from '../../shared/exit.js';
import { atLeast } from '../../shared/version.js';
import { parseZkUrl, type ZkUrl } from '../../shared/zk-url.js';
import { loadFlags, type MesosFlags } from '../flags.js';
import { addressOf, type Address } from '../setup.js';

export interface MasterConfig {
  readonly version: string;
  readonly flags: MesosFlags;
  readonly bindHost: string;
  readonly bindPort: number;
  readonly advertised: Address;
  readonly zk: ZkUrl | undefined;
  readonly quorum: number;
  readonly workDir: string | undefined;
  readonly zkSessionTimeoutMs: number;
  /** How long a silent agent stays on the books: agent_ping_timeout times max_agent_ping_timeouts. */
  readonly agentTimeoutMs: number;
  readonly agentReregisterTimeoutMs: number;
}

/** A mesos-master's configuration with the refusals of the real one; throws a Fatal (exit code 1). */
export function masterConfig(options: {
  version: string;
  env: NodeJS.ProcessEnv;
  argv: readonly string[];
}): MasterConfig {
  const { version } = options;
  const flags = loadFlags({ program: 'mesos-master', ...options });
  const registry = flags.text('registry') ?? 'replicated_log';
  if (registry !== 'replicated_log' && registry !== 'in_memory') {
    throw new Fatal(`'${registry}' is not a supported option for registry persistence`);
  }
  if (atLeast(version, '1.0.0') && flags.boolean('registry_strict', false)) {
    throw new Fatal("Cannot use '--registry_strict=true': the strict registry is not supported");
  }
  const zkText = flags.text('zk');
  const zk = zkText === undefined ? undefined : parseZkUrl(zkText);
  if (zkText !== undefined && zk === undefined)
    throw new Fatal(`Failed to create a master contender: Failed to parse '${zkText}'`);
  if (zk?.path === '/') {
    throw new Fatal(
      "Failed to create a master contender: Expecting a (chroot) path for ZooKeeper ('/' is not supported)",
    );
  }
  if (registry === 'replicated_log' && flags.text('work_dir') === undefined) {
    throw new Fatal('--work_dir needed for replicated log based registry');
  }
  if (registry === 'replicated_log' && zk !== undefined && flags.text('quorum') === undefined) {
    throw new Fatal('Need to specify --quorum for replicated log based registry when using ZooKeeper');
  }
  const modern = atLeast(version, '1.0.0');
  const ping = flags.duration(modern ? 'agent_ping_timeout' : 'slave_ping_timeout', '15secs');
  return {
    version,
    flags,
    ...addressOf(flags, 5050),
    zk,
    quorum: flags.number('quorum', 1),
    workDir: registry === 'in_memory' ? undefined : flags.text('work_dir'),
    zkSessionTimeoutMs: flags.duration('zk_session_timeout', '10secs'),
    agentTimeoutMs: ping * flags.number(modern ? 'max_agent_ping_timeouts' : 'max_slave_ping_timeouts', 5),
    agentReregisterTimeoutMs: flags.duration(
      modern ? 'agent_reregister_timeout' : 'slave_reregister_timeout',
      '10mins',
    ),
  };
}
