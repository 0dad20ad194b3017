import { Diagnostics, InputError } from '../core/diagnostic.js';
import { CancelledError, UnreachableError } from '../core/errors.js';
import type { ConnectionSettings, Inventory } from '../inventory/types.js';
import { type LookReply, ModuleFailure } from '../modules/types.js';
import type { Masker } from '../shell/masker.js';
import type { ShellText } from '../shell/text.js';
import { type HostVariables, membersOf } from '../stack/status/members.js';
import type { Member } from '../stack/status/types.js';
import type { Value } from '../template/value.js';
import { SessionPool } from '../transport/pool.js';
import { type Become, BecomeError, type Session } from '../transport/types.js';
import { componentVariables, readStackRoles } from './component-variables.js';
import { resolveConnections } from './connections.js';
import { nodeFiles } from './node-files.js';
import { chooseHosts } from './open-hosts.js';
import type { ConnectionOptions, InventoryOptions } from './options.js';
import type { Passwords } from './prompt.js';
import { printError } from './terminal.js';

/** The hosts of a cluster and what the inventory wants on them, with the connections of one command. */
export interface OpenCluster {
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly masker: Masker;
  readonly passwords: { readonly login: string | undefined; readonly become: string | undefined };
  /** Everything the inventory wants on all its hosts, also on those that `--limit` leaves out. */
  readonly members: readonly Member[];
  /** Hosts after `--limit`, in the order of the inventory. */
  readonly hosts: readonly string[];
  variablesOf(host: string): HostVariables;
  /** Throws UnreachableError. */
  reach(host: string): Promise<{ readonly session: Session; readonly become?: Become }>;
  /** Runs a script; what it ended with is the caller's to judge. Throws UnreachableError, or ModuleFailure when it did not end by itself. */
  run(host: string, script: ShellText, options?: { readonly timeoutSeconds?: number }): Promise<LookReply>;
  /** Undefined for what is no trouble of a host (a mistake of ours, an interruption). */
  troubleOf(error: unknown): string | undefined;
  close(): Promise<void>;
}

const usualSeconds = 60;

/** Reads the inventory and the flags; connects to a host when it is first asked. Throws InputError. */
export async function openCluster(request: {
  readonly options: InventoryOptions & ConnectionOptions;
  readonly signal: AbortSignal;
  /** What was asked for already; undefined: -k and -K ask here. */
  readonly passwords?: Passwords;
}): Promise<OpenCluster> {
  const { options, signal, passwords } = request;
  const chosen = await chooseHosts({ pattern: 'all', options, ...(passwords === undefined ? {} : { passwords }) });
  const { inventory, extraVars, masker } = chosen;
  const settings = allSettings(chosen, options);
  const roles = readRoles();
  const variablesOf = (host: string): HostVariables =>
    componentVariables({ inventory, host, address: settings.get(host)?.address ?? host, roles, extraVars });
  const members = [...inventory.hosts.keys()].flatMap((host) => membersOf(variablesOf(host)));
  const pool = new SessionPool({ onNotice: printError });
  const reach: OpenCluster['reach'] = async (host) => {
    const found = settings.get(host);
    if (found === undefined) {
      const message = `the inventory has no host \`${host}\``;
      throw new UnreachableError({ host, reason: 'name-not-found', message });
    }
    const become = chosen.becomeOf(host);
    const session = await pool.session({ host, settings: found, signal });
    return { session, ...(become === undefined ? {} : { become }) };
  };
  return {
    inventory,
    extraVars,
    masker,
    passwords: chosen.passwords,
    members,
    hosts: chosen.hosts,
    variablesOf,
    reach,
    run: async (host, script, { timeoutSeconds = usualSeconds } = {}) => {
      const { session, become } = await reach(host);
      const { end, stdout, stderr } = await session.script({
        script,
        signal,
        timeoutSeconds,
        ...(become === undefined ? {} : { become }),
      });
      switch (end.kind) {
        case 'code':
          return { code: end.code, stdout, stderr };
        case 'signal':
          throw new ModuleFailure(`what ran there was killed by ${end.signal}`);
        case 'timeout':
          throw new ModuleFailure(`it did not end within ${end.seconds} s`);
        case 'lost':
          if (signal.aborted) throw new CancelledError('interrupted');
          throw new UnreachableError({ host, reason: 'lost', message: `the connection was lost: ${end.message}` });
      }
    },
    troubleOf: (error) =>
      error instanceof UnreachableError || error instanceof BecomeError || error instanceof ModuleFailure
        ? error.message
        : undefined,
    close: () => pool.closeAll(),
  };
}

function readRoles(): ReturnType<typeof readStackRoles> {
  const diagnostics = new Diagnostics();
  const roles = readStackRoles({ files: nodeFiles(), diagnostics });
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  return roles;
}

/** Also of hosts that `--limit` leaves out: one that is reached wrongly is only known by its name in the others' answers. */
function allSettings(
  chosen: Awaited<ReturnType<typeof chooseHosts>>,
  options: InventoryOptions & ConnectionOptions,
): ReadonlyMap<string, ConnectionSettings> {
  const { inventory, extraVars } = chosen;
  const hosts = [...inventory.hosts.keys()].filter((host) => !chosen.settings.has(host));
  const diagnostics = new Diagnostics();
  const others = resolveConnections({ hosts, inventory, extraVars, options, files: nodeFiles(), diagnostics });
  return new Map([...chosen.settings, ...others]);
}
