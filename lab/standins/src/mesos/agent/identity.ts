import { mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fatal } from '../../shared/exit.js';
import type { AgentConfig } from './config.js';

/** What an agent checkpoints about itself and refuses to see changed. */
interface SlaveInfo {
  readonly id: string;
  readonly hostname: string;
  readonly port: number;
  readonly resources: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function slaveInfo(config: AgentConfig, id: string): SlaveInfo {
  return {
    id,
    hostname: config.advertised.hostname,
    port: config.advertised.port,
    resources: config.flags.text('resources') ?? '',
    attributes: config.attributes,
  };
}

function latest(workDir: string): string {
  return join(workDir, 'meta', 'slaves', 'latest');
}

/**
 * The agent's id from `<work_dir>/meta/slaves/latest`; undefined for a new agent.
 * Throws a Fatal when the hostname, port, resources or attributes are not those of before (`--reconfiguration_policy=additive` lets the last two change).
 */
export function recoverIdentity(config: AgentConfig): string | undefined {
  let old: SlaveInfo;
  try {
    old = JSON.parse(readFileSync(join(realpathSync(latest(config.workDir)), 'slave.info'), 'utf8')) as SlaveInfo;
  } catch {
    return undefined;
  }
  const now = slaveInfo(config, old.id);
  const additive = config.flags.text('reconfiguration_policy') === 'additive';
  const changed = (['hostname', 'port', 'resources', 'attributes'] as const).filter(
    (key) =>
      JSON.stringify(old[key]) !== JSON.stringify(now[key]) &&
      !(additive && (key === 'resources' || key === 'attributes')),
  );
  if (changed.length > 0 && config.flags.boolean('strict', true)) {
    const detail = changed
      .map((key) => `${key}: old ${JSON.stringify(old[key])}, new ${JSON.stringify(now[key])}`)
      .join('; ');
    throw new Fatal(
      'Failed to perform recovery: Incompatible agent info detected.\n' +
        `${detail}\n` +
        `To remedy this do as follows:\nStep 1: rm -f ${latest(config.workDir)}\n        This ensures agent doesn't recover old live executors.\nStep 2: Restart the agent.`,
    );
  }
  return old.id;
}

/** Checkpoints the id that the master gave. */
export function keepIdentity(config: AgentConfig, id: string): void {
  const directory = join(config.workDir, 'meta', 'slaves', id);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'slave.info'), JSON.stringify(slaveInfo(config, id)));
  rmSync(latest(config.workDir), { force: true });
  symlinkSync(directory, latest(config.workDir));
}

export function forgetIdentity(config: AgentConfig): void {
  rmSync(latest(config.workDir), { force: true });
}
