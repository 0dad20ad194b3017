import { appendFileSync, mkdirSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Fatal, reason } from '../shared/exit.js';
import type { Log } from '../shared/log.js';
import type { MesosFlags } from './flags.js';

export interface Address {
  readonly ip: string;
  readonly port: number;
  readonly hostname: string;
}

function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find((address) => address.family === 'IPv4' && !address.internal)?.address ?? '127.0.0.1';
}

/** What this process binds to and what it tells the others. */
export function addressOf(
  flags: MesosFlags,
  defaultPort: number,
): { readonly bindHost: string; readonly bindPort: number; readonly advertised: Address } {
  const ip = flags.text('ip') ?? firstAddress();
  const bindPort = flags.number('port', defaultPort);
  const advertisedIp = flags.text('advertise_ip') ?? ip;
  return {
    bindHost: flags.text('ip') ?? '0.0.0.0',
    bindPort,
    advertised: {
      ip: advertisedIp,
      port: flags.number('advertise_port', bindPort),
      hostname: flags.text('hostname') ?? (flags.boolean('hostname_lookup', true) ? hostname() : advertisedIp),
    },
  };
}

/** Lines go to stdout and, with `--log_dir`, to `<log_dir>/<program>.<LEVEL>`; below WARNING nothing is said but the banner. */
export function openLog(options: { program: string; flags: MesosFlags; stdout: Log }): Log {
  const level = options.flags.text('logging_level') ?? 'INFO';
  if (!['INFO', 'WARNING', 'ERROR'].includes(level))
    throw new Fatal(
      `'${level}' is not a valid logging level. Possible values for 'logging_level' flag are: 'INFO', 'WARNING', 'ERROR'.`,
    );
  const directory = options.flags.text('log_dir');
  if (directory !== undefined) {
    try {
      mkdirSync(directory, { recursive: true });
    } catch (error) {
      throw new Fatal(`Could not initialize logging: Failed to create directory '${directory}': ${reason(error)}`);
    }
  }
  return (message) => {
    if (level !== 'INFO') return;
    options.stdout(message);
    if (directory !== undefined)
      appendFileSync(join(directory, `${options.program}.INFO`), `I${new Date().toISOString()} ${message}\n`);
  };
}
