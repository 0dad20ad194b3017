import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { type FieldValues, readFields } from '../syntax/fields.js';
import { locatedFromData } from '../syntax/from-data.js';
import { parseJump } from './jump.js';
import { isImplicitLocalhost } from './localhost.js';
import { noSshConfig, type SshConfig, type SshConfigHost } from './ssh-config.js';
import { sshFields } from './ssh-settings.js';
import type { ConnectionSettings, HostKeyPolicy, Inventory } from './types.js';

/** What the controller brings of its own. */
export interface ConnectionSurroundings {
  /** Login name and home directory of whoever runs this. */
  readonly localUser: string;
  readonly home: string;
  /** SSH_AUTH_SOCK. */
  readonly agentSocket?: string;
  readonly sshConfig?: SshConfig;
}

/** Flags of the command line; they win over the inventory, for the hosts themselves and not for those jumped through. */
export interface ConnectionOverrides {
  readonly user?: string;
  readonly port?: number;
  readonly keys?: readonly string[];
  readonly password?: string;
  readonly passphrase?: string;
  readonly hostKey?: HostKeyPolicy;
  readonly connectTimeoutSeconds?: number;
  readonly jump?: readonly string[];
}

export interface ConnectionRequest {
  readonly host: string;
  readonly inventory: Inventory;
  /**
   * A host's variables after rendering, as plain data: `ssh` and `ansible_connection` are read. Called for the host
   * and for every inventory host on the way to it.
   */
  readonly variablesOf: (host: string) => Readonly<Record<string, unknown>>;
  readonly surroundings: ConnectionSurroundings;
  readonly overrides?: ConnectionOverrides;
  readonly diagnostics: Diagnostics;
}

export const connectionDefaults = { port: 22, connectTimeoutSeconds: 10, keepaliveSeconds: 10 } as const;

/**
 * How to reach a host: flags, then the merged `ssh:` map of the inventory, then ~/.ssh/config, then the defaults.
 * Undefined when the settings make no sense; the mistakes are in the diagnostics.
 */
export function resolveConnection(request: ConnectionRequest): ConnectionSettings | undefined {
  const { host, inventory, overrides = {}, diagnostics } = request;
  const variables = request.variablesOf(host);
  const said = variables['ansible_connection'];
  const local = said === 'local' || (said === undefined && isImplicitLocalhost(host, inventory));
  const ssh = readSsh({ data: variables['ssh'], span: spanOfHost(request), diagnostics });
  if (ssh === undefined) return undefined;
  const jump = local ? [] : resolveJumps({ ...request, ssh, trail: [host], hops: overrides.jump });
  if (jump === undefined) return undefined;
  return { ...settle({ ...request, overrides, name: host, ssh }), kind: local ? 'local' : 'ssh', jump };
}

type SshValues = FieldValues<typeof sshFields>;

function readSsh(options: {
  readonly data: unknown;
  readonly span: Span;
  readonly diagnostics: Diagnostics;
}): SshValues | undefined {
  if (options.data === undefined || options.data === null) return {};
  const before = options.diagnostics.all.length;
  const located = locatedFromData(options);
  const values = readFields({ located, what: '`ssh`', fields: sshFields, diagnostics: options.diagnostics });
  return options.diagnostics.all.slice(before).some(({ severity }) => severity === 'error') ? undefined : values;
}

/** Said once for all hosts that the same directives are about. */
function warnOfExec(directives: readonly string[], diagnostics: Diagnostics): void {
  const message = `\`Match exec\` in the ssh configuration starts a program and is not followed: ${directives.join(', ')} in it is left out`;
  if (diagnostics.all.some((known) => known.message === message)) return;
  diagnostics.warning({ code: 'match-exec', message, hint: 'use `Match host`, or say it in `ssh:` of the inventory' });
}

/** One hop or host from what is said of it, nothing of what is jumped through. */
function settle(options: {
  readonly name: string;
  readonly ssh: SshValues;
  readonly overrides: ConnectionOverrides;
  readonly surroundings: ConnectionSurroundings;
  readonly diagnostics: Diagnostics;
}): ConnectionSettings {
  const { name, ssh, overrides, surroundings, diagnostics } = options;
  const destination = ssh.host ?? name;
  const user = overrides.user ?? ssh.user;
  const config = (surroundings.sshConfig ?? noSshConfig).lookUp({
    host: destination,
    ...(user === undefined ? {} : { user }),
  });
  if (config.notFollowed !== undefined) warnOfExec(config.notFollowed, diagnostics);
  const home = (path: string): string =>
    path === '~' || path.startsWith('~/') ? surroundings.home + path.slice(1) : path;
  const agent = agentSocket(ssh, config, surroundings);
  const password = overrides.password ?? ssh.password;
  const passphrase = overrides.passphrase ?? ssh.passphrase;
  const namedKeys = overrides.keys ?? ssh.key;
  const withJump = overrides.jump !== undefined || ssh.jump !== undefined || config.proxyJump !== undefined;
  return {
    kind: 'ssh',
    address: config.hostName ?? destination,
    port: overrides.port ?? ssh.port ?? config.port ?? connectionDefaults.port,
    user: user ?? config.user ?? surroundings.localUser,
    keys: (namedKeys ?? config.identityFiles).map(home),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(password === undefined ? {} : { password }),
    ...(agent === undefined ? {} : { agent: home(agent) }),
    forwardAgent: ssh.forward_agent ?? config.forwardAgent ?? false,
    compression: ssh.compression ?? config.compression ?? false,
    // A key that the inventory or a flag names is the one that is meant, however many keys the agent holds.
    identitiesOnly: config.identitiesOnly ?? namedKeys !== undefined,
    hostKey: overrides.hostKey ?? ssh.host_key ?? config.strictHostKeyChecking ?? 'strict',
    knownHosts: (
      ssh.known_hosts ?? [
        ...(config.userKnownHostsFiles ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
        '/etc/ssh/ssh_known_hosts',
      ]
    ).map(home),
    ...(config.hostKeyAlias === undefined ? {} : { hostKeyAlias: config.hostKeyAlias }),
    jump: [],
    ...(config.proxyCommand === undefined || withJump ? {} : { proxyCommand: config.proxyCommand }),
    connectTimeoutSeconds:
      overrides.connectTimeoutSeconds ??
      ssh.connect_timeout ??
      config.connectTimeoutSeconds ??
      connectionDefaults.connectTimeoutSeconds,
    // ssh's own default is 0, no keepalive: a dead link would then hang for minutes, so 0 in ~/.ssh/config is not followed.
    keepaliveSeconds: ssh.keepalive ?? (config.serverAliveIntervalSeconds || connectionDefaults.keepaliveSeconds),
  };
}

function agentSocket(ssh: SshValues, config: SshConfigHost, surroundings: ConnectionSurroundings): string | undefined {
  const said = ssh.agent ?? config.identityAgent ?? true;
  if (said === false) return undefined;
  return said === true || said === 'SSH_AUTH_SOCK' || said === '$SSH_AUTH_SOCK' ? surroundings.agentSocket : said;
}

interface Jumping extends ConnectionRequest {
  readonly ssh: SshValues;
  /** The hosts being resolved: the one to reach, then those it is reached through. */
  readonly trail: readonly string[];
  readonly hops: readonly string[] | undefined;
}

/** The hops to a host, first one first: those of the first hop's own way, then its own. */
function resolveJumps(jumping: Jumping): readonly ConnectionSettings[] | undefined {
  const { ssh, surroundings, trail } = jumping;
  const name = trail.at(-1) ?? jumping.host;
  const hops =
    jumping.hops ??
    ssh.jump ??
    (surroundings.sshConfig ?? noSshConfig).lookUp({ host: ssh.host ?? name }).proxyJump ??
    [];
  // `jump` said for a whole group that the jump host is itself in: it is reached without.
  if (hops.includes('none') || hops.includes(name)) return [];
  const settings: ConnectionSettings[] = [];
  for (const [index, hop] of hops.entries()) {
    const resolved = resolveHop({ jumping, hop, first: index === 0 });
    if (resolved === undefined) return undefined;
    settings.push(...resolved);
  }
  return settings;
}

function resolveHop(options: {
  readonly jumping: Jumping;
  readonly hop: string;
  readonly first: boolean;
}): readonly ConnectionSettings[] | undefined {
  const { jumping, hop, first } = options;
  const { inventory, trail, diagnostics, surroundings } = jumping;
  const span = spanOfHost(jumping);
  if (trail.includes(hop)) {
    diagnostics.error({
      code: 'jump-cycle',
      message: `the hosts to jump through go in a circle: ${[...trail, hop].map((name) => `\`${name}\``).join(' → ')}`,
      span,
    });
    return undefined;
  }
  const known = inventory.hosts.has(hop);
  const written = known ? { host: hop } : parseJump(hop);
  if (written === undefined) {
    diagnostics.error({
      code: 'jump-host',
      message: `\`${hop}\` is no host to jump through`,
      span,
      hint: 'name a host of the inventory, or write user@host:port',
    });
    return undefined;
  }
  const { host, ...own } = written;
  const ssh = known ? readSsh({ data: jumping.variablesOf(hop)['ssh'], span, diagnostics }) : own;
  if (ssh === undefined) return undefined;
  const settings = settle({ name: host, ssh, overrides: {}, surroundings, diagnostics });
  const before = first ? resolveJumps({ ...jumping, ssh, trail: [...trail, host], hops: undefined }) : [];
  return before === undefined ? undefined : [...before, settings];
}

function spanOfHost(request: ConnectionRequest): Span {
  const host = request.inventory.hosts.get(request.host);
  for (const layer of [...(host?.layers ?? [])].reverse()) {
    const ssh = layer.values.get('ssh');
    if (ssh !== undefined) return ssh.span;
  }
  return host?.span ?? { file: request.host, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
}
