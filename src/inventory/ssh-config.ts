import { type Line, parse, type SSHConfig } from 'ssh-config';
import type { FileReader } from '../syntax/files.js';
import type { HostKeyPolicy } from './types.js';
import { readSshConfig } from './ssh-config-file.js';

/** What ~/.ssh/config says of a host; an undefined field was not said. Paths are absolute or as written, tokens replaced. */
export interface SshConfigHost {
  readonly hostName?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly?: boolean | undefined;
  /** Socket of the agent, `SSH_AUTH_SOCK` for the environment's, or false for none. */
  readonly identityAgent?: string | false | undefined;
  /** Hops, first one first; empty: `ProxyJump none`. */
  readonly proxyJump?: readonly string[] | undefined;
  readonly proxyCommand?: string | undefined;
  readonly userKnownHostsFiles?: readonly string[] | undefined;
  readonly strictHostKeyChecking?: HostKeyPolicy | undefined;
  readonly hostKeyAlias?: string | undefined;
  readonly connectTimeoutSeconds?: number | undefined;
  readonly serverAliveIntervalSeconds?: number | undefined;
  readonly forwardAgent?: boolean | undefined;
  readonly compression?: boolean | undefined;
  /** Directives that `Match exec` sections might say of this host: they are not followed, since that would start programs. */
  readonly notFollowed?: readonly string[] | undefined;
}

/** The user's and the machine's ssh_config, read once. */
export interface SshConfig {
  /** What they say of a destination as it would be given to `ssh`; `user` is the login name when it is already known. */
  lookUp(query: { readonly host: string; readonly user?: string }): SshConfigHost;
}

export interface SshConfigOptions {
  /** In order of precedence, usually ~/.ssh/config and /etc/ssh/ssh_config; missing files are skipped. */
  readonly paths: readonly string[];
  readonly files: FileReader;
  /** The controller's own user and home directory, for `~`, `%d` and `%u`. */
  readonly home: string;
  readonly localUser: string;
}

/** Reads ssh_config files. `Match exec` and canonical names, which would start programs, are not followed. */
export function loadSshConfig(options: SshConfigOptions): SshConfig {
  // A section ends with its file: what stands before the next file's first Host is for everybody again.
  const text = options.paths.map((path) => readSshConfig(path, options)).join('\nHost *\n');
  const config = parse(text);
  dropCanonical(config);
  const withoutExec = text.replaceAll(/^[ \t]*match[ \t].*$/gim, withoutExecOf);
  const followed = withoutExec === text ? undefined : parse(withoutExec);
  if (followed !== undefined) dropCanonical(followed);
  return { lookUp: (query) => lookUp({ ...options, ...query, config, followed }) };
}

/** A `Match` line as if what it would run had said yes. */
function withoutExecOf(line: string): string {
  const rest = line.replaceAll(/\s!?exec(?:\s*=\s*|\s+)(?:"(?:[^"\\]|\\.)*"|\S+)/gi, '');
  return rest === line ? line : /^\s*match\s*$/i.test(rest) ? `${rest} all` : rest;
}

/** Without a configuration: nothing is said of any host. */
export const noSshConfig: SshConfig = { lookUp: () => ({ identityFiles: [] }) };

/** Takes out the directive at which the parser's own evaluation would ask a name server through a program. */
function dropCanonical(lines: Line[]): void {
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index];
    if (line === undefined || !('param' in line)) continue;
    if (/^CanonicalizeHostName$/i.test(line.param)) lines.splice(index, 1);
    else if ('config' in line) dropCanonical(line.config);
  }
}

interface LookUp extends SshConfigOptions {
  readonly config: SSHConfig;
  /** The same with every `Match exec` followed; undefined when there is none. */
  readonly followed: SSHConfig | undefined;
  readonly host: string;
  readonly user?: string;
}

function lookUp(options: LookUp): SshConfigHost {
  const { config, followed, host, user } = options;
  const compute = (lines: SSHConfig): ReturnType<SSHConfig['compute']> =>
    lines.compute(
      { Host: host, ...(user === undefined ? {} : { User: user }) },
      { ignoreCase: true, matchExec: false },
    );
  const said = compute(config);
  const more = followed === undefined ? {} : compute(followed);
  const notFollowed = Object.keys(more).filter((name) => String(more[name]) !== String(said[name] ?? ''));
  const all = (name: string): readonly string[] => [said[name] ?? []].flat();
  const one = (name: string): string | undefined => all(name)[0];
  const flag = (name: string): boolean | undefined => yesOrNo(one(name));
  const whole = (name: string): number | undefined => wholeNumber(one(name));

  const hostName = replaceTokens(one('hostname') ?? host, { ...options, tokens: { h: host, n: host } });
  const login = user ?? one('user');
  const port = whole('port');
  const tokens = {
    h: hostName,
    n: host,
    p: String(port ?? 22),
    r: login ?? options.localUser,
    u: options.localUser,
    d: options.home,
  };
  const path = (text: string): string => expandHome(replaceTokens(text, { tokens }), options.home);
  const knownHosts = all('userknownhostsfile');
  const agent = one('identityagent');
  const jump = one('proxyjump');
  const command = all('proxycommand').join(' ');
  const policy = hostKeyPolicy(one('stricthostkeychecking'));
  return {
    hostName: one('hostname') === undefined ? undefined : hostName,
    port,
    user: one('user'),
    identityFiles: all('identityfile')
      .filter((file) => file !== 'none')
      .map(path),
    identitiesOnly: flag('identitiesonly'),
    identityAgent: agent === undefined ? undefined : agent === 'none' ? false : path(agent),
    proxyJump:
      jump === undefined
        ? undefined
        : jump === 'none'
          ? []
          : jump.split(',').map((hop) => replaceTokens(hop.trim(), { tokens })),
    proxyCommand: command === '' || command === 'none' ? undefined : replaceTokens(command, { tokens }),
    userKnownHostsFiles: knownHosts.length === 0 ? undefined : knownHosts.filter((file) => file !== 'none').map(path),
    strictHostKeyChecking: policy,
    hostKeyAlias: one('hostkeyalias'),
    connectTimeoutSeconds: whole('connecttimeout'),
    serverAliveIntervalSeconds: whole('serveraliveinterval'),
    forwardAgent: flag('forwardagent'),
    compression: flag('compression'),
    ...(notFollowed.length === 0 ? {} : { notFollowed }),
  };
}

/** `ask` is strict here: there is nobody to ask. */
function hostKeyPolicy(text: string | undefined): HostKeyPolicy | undefined {
  switch (text?.toLowerCase()) {
    case 'yes':
    case 'ask':
      return 'strict';
    case 'accept-new':
      return 'accept-new';
    case 'no':
    case 'off':
      return 'off';
    default:
      return undefined;
  }
}

function yesOrNo(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  return /^(yes|true)$/i.test(text) ? true : /^(no|false)$/i.test(text) ? false : undefined;
}

/** Seconds or a port; ssh's `1m30` forms count too. */
function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
  const parts = [...text.matchAll(/(\d+)([smhdw]?)/gi)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined;
  return parts.reduce(
    (sum, [, digits, unit]) => sum + Number(digits) * units[(unit?.toLowerCase() || 's') as keyof typeof units],
    0,
  );
}

function replaceTokens(text: string, { tokens }: { readonly tokens: Readonly<Record<string, string>> }): string {
  return text.replaceAll(/%(.)/g, (whole, letter: string) => (letter === '%' ? '%' : (tokens[letter] ?? whole)));
}

function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? home + path.slice(1) : path;
}
