import { cpus, totalmem } from 'node:os';
import { Fatal } from '../../shared/exit.js';
import { atLeast } from '../../shared/version.js';
import { loadFlags, type MesosFlags } from '../flags.js';
import type { Resources } from '../protocol.js';
import { addressOf, type Address } from '../setup.js';

export interface AgentConfig {
  readonly version: string;
  readonly flags: MesosFlags;
  readonly bindHost: string;
  readonly bindPort: number;
  readonly advertised: Address;
  /** `zk://…/path` or `host:port`. */
  readonly master: string;
  readonly workDir: string;
  readonly containerizers: readonly string[];
  readonly dockerSocket: string;
  readonly dockerKillOrphans: boolean;
  readonly resources: Resources;
  readonly attributes: Readonly<Record<string, string>>;
  readonly zkSessionTimeoutMs: number;
}

/** `cpus:4;mem:2048;ports:[31000-32000]` over what the machine has (a real agent leaves 1 GB, or half, to the system). */
function resourcesOf(text: string | undefined): Resources {
  const found = new Map(
    (text ?? '').split(';').map((item) => [item.split(/[(:]/, 1)[0] ?? '', item.slice(item.indexOf(':') + 1)] as const),
  );
  const megabytes = Math.floor(totalmem() / 1024 / 1024);
  const ports = /(\d+)\s*-\s*(\d+)/.exec(found.get('ports') ?? '31000-32000');
  return {
    cpus: Number(found.get('cpus') ?? cpus().length),
    mem: Number(found.get('mem') ?? (megabytes > 2048 ? megabytes - 1024 : Math.floor(megabytes / 2))),
    disk: Number(found.get('disk') ?? 10_000),
    ports: [Number(ports?.[1] ?? 31_000), Number(ports?.[2] ?? 32_000)],
  };
}

function attributesOf(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(';').filter((pair) => pair.includes(':'));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)]));
}

/** A mesos-slave's configuration with the refusals of the real one; throws a Fatal (exit code 1). */
export function agentConfig(options: {
  version: string;
  env: NodeJS.ProcessEnv;
  argv: readonly string[];
}): AgentConfig {
  const { version } = options;
  const flags = loadFlags({ program: 'mesos-slave', ...options });
  const master = flags.text('master');
  if (master === undefined) throw new Fatal('Missing required option --master');
  const workDir = flags.text('work_dir') ?? (atLeast(version, '1.0.0') ? undefined : '/tmp/mesos');
  if (workDir === undefined) throw new Fatal('Missing required option --work_dir');
  const containerizers = (flags.text('containerizers') ?? 'mesos').split(',');
  const unknown = containerizers.find(
    (name) => !['docker', 'mesos', ...(atLeast(version, '1.1.0') ? [] : ['external'])].includes(name),
  );
  if (unknown !== undefined)
    throw new Fatal(`Failed to create a containerizer: Unknown or unsupported containerizer: ${unknown}`);
  const recover = flags.text('recover') ?? 'reconnect';
  if (recover !== 'reconnect' && recover !== 'cleanup')
    throw new Fatal(
      `Unknown option for 'recover' flag ${recover}. Please run the agent with '--help' to see the valid options`,
    );
  return {
    version,
    flags,
    ...addressOf(flags, 5051),
    master,
    workDir,
    containerizers,
    dockerSocket: (flags.text('docker_socket') ?? '/var/run/docker.sock').replace(/^unix:\/\//, ''),
    dockerKillOrphans: !atLeast(version, '0.23.0') || flags.boolean('docker_kill_orphans', true),
    resources: resourcesOf(flags.text('resources')),
    attributes: attributesOf(flags.text('attributes')),
    zkSessionTimeoutMs: flags.duration('zk_session_timeout', '10secs'),
  };
}
