import { Diagnostics, InputError } from '../core/diagnostic.js';
import { spanOfFlag } from '../core/span.js';
import { resolveBecome } from '../inventory/become.js';
import { readLimit } from '../inventory/limit.js';
import { matchHosts } from '../inventory/pattern.js';
import type { ConnectionSettings, Inventory } from '../inventory/types.js';
import type { Masker } from '../shell/masker.js';
import type { Value } from '../template/value.js';
import type { Become } from '../transport/types.js';
import { resolveConnections } from './connections.js';
import { readExtraVars } from './extra-vars.js';
import { inventoryScope, variablesAsData } from './host-variables.js';
import { loadChosenInventory } from './load-inventory.js';
import { nodeFiles } from './node-files.js';
import type { ConnectionOptions, InventoryOptions } from './options.js';
import { askPasswords, type Passwords } from './prompt.js';
import { printDiagnostics } from './report-error.js';
import { maskerFor } from './secrets-of.js';

/** Hosts a command without a playbook works on: how each is reached and whom to become there. */
export interface ChosenHosts {
  readonly inventory: Inventory;
  readonly hosts: readonly string[];
  readonly settings: ReadonlyMap<string, ConnectionSettings>;
  readonly becomeOf: (host: string) => Become | undefined;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly masker: Masker;
  /** What -k and -K asked for. */
  readonly passwords: { readonly login: string | undefined; readonly become: string | undefined };
}

/** Reads the inventory and the flags, all mistakes at once. Throws InputError; connects to nothing. */
export async function chooseHosts(request: {
  readonly pattern: string;
  readonly options: InventoryOptions & ConnectionOptions;
  /** What was asked for already; undefined: -k and -K ask here. */
  readonly passwords?: Passwords;
}): Promise<ChosenHosts> {
  const { pattern, options } = request;
  const files = nodeFiles();
  const diagnostics = new Diagnostics();
  const inventory = loadChosenInventory({ options, playbooks: [], files, diagnostics, hosts: [pattern] });
  const extraVars = readExtraVars({ flags: options.extraVars ?? [], files, diagnostics });
  const masker = maskerFor(inventory);
  const limit = readLimit({ limits: options.limit ?? [], files, diagnostics });
  const found = matchHosts({ pattern, inventory, span: spanOfFlag('the pattern') });
  const limited =
    limit.length === 0 ? undefined : matchHosts({ pattern: limit, inventory, span: spanOfFlag('--limit') });
  for (const diagnostic of [...found.diagnostics, ...(limited?.diagnostics ?? [])]) diagnostics.add(diagnostic);
  const hosts = found.hosts.filter((host) => limited === undefined || limited.hosts.includes(host));
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);

  const passwords = request.passwords ?? (await askPasswords(options, masker));
  const { login: password, become: becomePassword } = passwords;
  for (const secret of [password, becomePassword]) if (secret !== undefined) masker.learn(secret);
  const settings = resolveConnections({
    hosts,
    inventory,
    extraVars,
    options,
    files,
    diagnostics,
    ...(password === undefined ? {} : { password }),
  });
  const becomes = new Map(
    hosts.map((host) => [host, becomeFor({ host, inventory, extraVars, options, becomePassword, diagnostics })]),
  );
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  printDiagnostics(diagnostics.all);
  return { inventory, hosts, settings, becomeOf: (host) => becomes.get(host), extraVars, masker, passwords };
}

function becomeFor(request: {
  readonly host: string;
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly options: ConnectionOptions;
  readonly becomePassword: string | undefined;
  readonly diagnostics: Diagnostics;
}): Become | undefined {
  const { host, inventory, options, becomePassword, diagnostics } = request;
  const variables = variablesAsData(inventoryScope(request));
  const span = inventory.hosts.get(host)?.span ?? spanOfFlag(host);
  const said = resolveBecome({ variables, span, diagnostics });
  if (!(said.become ?? options.become ?? false)) return undefined;
  const password = said.password ?? becomePassword;
  const method = said.method ?? (options.becomeMethod === 'su' ? 'su' : 'sudo');
  return { method, user: said.user ?? options.becomeUser ?? 'root', ...(password === undefined ? {} : { password }) };
}
