import type { Diagnostics } from '../core/diagnostic.js';
import type { Located, LocatedEntry } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import type { VariableLayer } from './types.js';

/** Ansible's names for what stands in our `ssh:` map; of two names for one key the later in this list wins. */
const sshAliases: Readonly<Record<string, string>> = {
  ansible_ssh_host: 'host',
  ansible_host: 'host',
  ansible_ssh_port: 'port',
  ansible_port: 'port',
  ansible_ssh_user: 'user',
  ansible_user: 'user',
  ansible_private_key_file: 'key',
  ansible_ssh_private_key_file: 'key',
  ansible_ssh_private_key_passphrase: 'passphrase',
  ansible_ssh_pass: 'password',
  ansible_ssh_password: 'password',
  ansible_password: 'password',
  ansible_timeout: 'connect_timeout',
  ansible_ssh_timeout: 'connect_timeout',
};

const becomeAliases: Readonly<Record<string, string>> = {
  ansible_become: 'become',
  ansible_become_user: 'become_user',
  ansible_become_method: 'become_method',
  ansible_become_pass: 'become_password',
  ansible_become_password: 'become_password',
};

const notRead: Readonly<Record<string, string>> = {
  ansible_ssh_args: 'write the settings into `ssh:` or ~/.ssh/config',
  ansible_ssh_common_args: 'write the settings into `ssh:` or ~/.ssh/config',
  ansible_ssh_extra_args: 'write the settings into `ssh:` or ~/.ssh/config',
  ansible_host_key_checking: 'write `ssh: {host_key: strict | accept-new | off}`',
  ansible_ssh_host_key_checking: 'write `ssh: {host_key: strict | accept-new | off}`',
  ansible_ssh_executable: 'no ssh program is used',
  ansible_become_exe: 'the become methods are sudo and su',
  ansible_become_flags: 'the become methods are sudo and su',
};

/**
 * A layer with Ansible's connection names translated: each also stands under our name (`ansible_port` as `ssh.port`),
 * unless the layer already has that. Names that look like connection settings but are not read get a warning.
 */
export function withoutAliases(layer: VariableLayer, diagnostics: Diagnostics): VariableLayer {
  warnNotRead(layer, diagnostics);
  const values = new Map(layer.values);
  for (const [alias, name] of Object.entries(becomeAliases)) {
    const located = layer.values.get(alias);
    if (located !== undefined && !layer.values.has(name)) values.set(name, located);
  }
  const translated = new Map<string, LocatedEntry>();
  for (const [alias, key] of Object.entries(sshAliases)) {
    const located = layer.values.get(alias);
    if (located !== undefined) translated.set(key, { key, keySpan: located.span, value: located });
  }
  const ssh = translated.size === 0 ? undefined : withEntries([...translated.values()], layer.values.get('ssh'));
  if (ssh !== undefined) values.set('ssh', ssh);
  return values.size === layer.values.size && ssh === undefined ? layer : { name: layer.name, values };
}

/** The translated settings below those of an `ssh:` map; undefined when `ssh` is no map (a template): it says all itself. */
function withEntries(entries: readonly LocatedEntry[], ssh: Located | undefined): Located | undefined {
  const [first] = entries;
  if (first === undefined) return undefined;
  if (ssh === undefined) return { kind: 'map', entries, span: first.value.span };
  if (ssh.kind !== 'map') return undefined;
  return { ...ssh, entries: [...entries.filter((entry) => entryOf(ssh, entry.key) === undefined), ...ssh.entries] };
}

function warnNotRead(layer: VariableLayer, diagnostics: Diagnostics): void {
  for (const [name, hint] of Object.entries(notRead)) {
    const located = layer.values.get(name);
    if (located === undefined) continue;
    const jump =
      located.kind === 'scalar' ? /(?:-J\s*|ProxyJump[=\s]+["']?)([^\s"']+)/.exec(located.source)?.[1] : undefined;
    diagnostics.warning({
      code: 'unread-setting',
      message: `\`${name}\` is not read`,
      span: located.span,
      hint: jump === undefined ? hint : `write \`ssh: {jump: ${jump}}\``,
    });
  }
}
