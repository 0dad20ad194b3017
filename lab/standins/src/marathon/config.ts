import { hostname } from 'node:os';
import { Fatal } from '../shared/exit.js';
import { atLeast } from '../shared/version.js';
import { parseZkUrl, type ZkUrl } from '../shared/zk-url.js';
import { parseOptions } from './options.js';

export interface MarathonConfig {
  readonly version: string;
  readonly options: ReadonlyMap<string, string>;
  readonly master: string;
  readonly zk: ZkUrl;
  readonly hostname: string;
  readonly httpAddress: string;
  readonly httpPort: number;
  readonly highAvailability: boolean;
  readonly eventCallbacks: boolean;
  readonly zkSessionTimeoutMs: number;
  readonly frameworkName: string;
  readonly failoverTimeoutSeconds: number;
  readonly servicePorts: readonly [number, number];
  readonly maintenanceMode: boolean;
}

/** A Marathon's configuration with the refusals of the real one. */
export function marathonConfig(given: {
  version: string;
  env: NodeJS.ProcessEnv;
  argv: readonly string[];
}): MarathonConfig {
  const { version } = given;
  const options = parseOptions(given);
  const exitCode = atLeast(version, '1.7.0') ? 112 : 1;
  const zkText = options.get('zk') ?? 'zk://localhost:2181/marathon';
  const zk = parseZkUrl(zkText);
  if (zk === undefined || zk.path === '/' || zk.path.endsWith('/')) {
    throw new Fatal(
      `[scallop] Error: Bad arguments for option 'zk': '${zkText}' - ${zkText} is not a valid zk url (zk://host1:port1,host2:port2/path)`,
      exitCode,
    );
  }
  if (!atLeast(version, '0.12.0') && zk.servers.split(',').some((server) => !/:\d+$/.test(server))) {
    throw new Fatal('requirement failed: expected host:port for zk servers', exitCode);
  }
  const subscriber = options.get('event_subscriber');
  if (subscriber !== undefined && subscriber !== 'http_callback') {
    throw new Fatal(
      `[scallop] Error: Bad arguments for option 'event_subscriber': '${subscriber}' - only http_callback is supported`,
      exitCode,
    );
  }
  const number = (name: string, fallback: number): number => Number(options.get(name) ?? fallback);
  // 0.9–0.11 ask for half an hour; the server grants 20 ticks at most.
  const session = Math.min(40_000, number('zk_session_timeout', atLeast(version, '0.13.0') ? 10_000 : 1_800_000));
  return {
    version,
    options,
    master: options.get('master') ?? '',
    zk,
    hostname: options.get('hostname') ?? hostname(),
    httpAddress: options.get('http_address') ?? '0.0.0.0',
    httpPort: number('http_port', 8080),
    highAvailability: options.get('ha') !== 'false',
    eventCallbacks: subscriber === 'http_callback',
    zkSessionTimeoutMs: session,
    frameworkName: options.get('framework_name') ?? 'marathon',
    failoverTimeoutSeconds: number('failover_timeout', 604_800),
    servicePorts: [number('local_port_min', 10_000), number('local_port_max', 20_000)],
    maintenanceMode: atLeast(version, '1.7.0') && options.get('maintenance_mode') !== 'false',
  };
}

/** The libmesos inside each Marathon image (components.md 3.2). */
export function libmesosOf(version: string): string {
  const table: readonly (readonly [string, string])[] = [
    ['1.8', '1.8.0'],
    ['1.6', '1.5.0'],
    ['1.5', '1.2.0'],
    ['1.4', '1.1.0'],
    ['1.2', '1.0.0'],
    ['1.1', '0.28.0'],
    ['0.14', '0.26.0'],
    ['0.13', '0.24.1'],
    ['0.11', '0.23.0'],
    ['0', '0.22.1'],
  ];
  return table.find(([since]) => atLeast(version, since))?.[1] ?? '0.22.1';
}
