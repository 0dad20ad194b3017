import type { Diagnostics } from '../core/diagnostic.js';
import { optional, readFields } from '../syntax/fields.js';
import { isTemplate, type Located, type LocatedEntry } from '../syntax/located.js';
import {
  boolean,
  duration,
  either,
  integer,
  nonEmptyText,
  oneOf,
  oneOrMany,
  type Reader,
  text,
} from '../syntax/reader.js';
import type { VariableLayer } from './types.js';

/** The keys of an `ssh:` map; lengths of time are in seconds. */
export const sshFields = {
  host: optional(word()),
  port: optional(port()),
  user: optional(word()),
  key: optional(oneOrMany(nonEmptyText())),
  passphrase: optional(text()),
  password: optional(text()),
  agent: optional(agent()),
  jump: optional(oneOrMany(nonEmptyText())),
  host_key: optional(oneOf(['strict', 'accept-new', 'off'])),
  known_hosts: optional(oneOrMany(nonEmptyText())),
  connect_timeout: optional(duration()),
  keepalive: optional(duration()),
  forward_agent: optional(boolean()),
  compression: optional(boolean()),
};

/**
 * A host or user without signs that mean something to a shell: both become part of a ProxyCommand, and may come from a
 * cloud's inventory (OpenSSH refuses the same, CVE-2023-51385).
 */
function word(): Reader<string> {
  return (located, reading) => {
    const value = nonEmptyText()(located, reading);
    if (value === undefined || isTemplate(located) || /^[^\s'"`$\\;&<>|(){}-][^\s'"`$\\;&<>|(){}]*$/.test(value))
      return value;
    reading.diagnostics.error({
      code: 'unsafe-word',
      message: `\`${reading.name}\` may not begin with \`-\` or hold blanks, quotes or signs of the shell`,
      span: located.span,
    });
    return undefined;
  };
}

/** A number, or text of digits as templates and other inventories give it. */
function port(): Reader<number> {
  const bounds = { minimum: 1, maximum: 65_535 };
  return (located, reading) => {
    const digits = located.kind === 'scalar' && typeof located.value === 'string' && /^\d{1,5}$/.test(located.value);
    return integer(bounds)(digits ? { ...located, value: Number(located.value) } : located, reading);
  };
}

/** false: no agent; true: the one of the environment; text: its socket. */
function agent(): Reader<string | boolean> {
  return either<string | boolean>({
    wanted: 'true, false or the path of a socket',
    choose: (located) => {
      if (located.kind !== 'scalar') return undefined;
      return typeof located.value === 'boolean' ? boolean() : nonEmptyText();
    },
  });
}

/** Reports what is wrong with the connection settings of a layer, as far as it can be told before templates are rendered. */
export function checkConnectionSettings(layer: VariableLayer, diagnostics: Diagnostics): void {
  const ssh = layer.values.get('ssh');
  if (ssh !== undefined && !isTemplate(ssh))
    readFields({ located: ssh, what: '`ssh`', fields: sshFields, templates: 'later', diagnostics });
  const check = (name: string, reader: Reader<unknown>): void => {
    const located = layer.values.get(name);
    if (located !== undefined && !isTemplate(located)) reader(located, { name, diagnostics });
  };
  check('become', boolean());
  check('become_user', nonEmptyText());
  check('become_method', oneOf(['sudo', 'su']));
  check('become_password', text());
  check('ansible_connection', oneOf(['ssh', 'local', 'smart', 'paramiko']));
}

/** `ssh:` maps merged key by key, the later layer wins; undefined when no layer or only one has such a map. */
export function mergedSsh(layers: readonly VariableLayer[]): Located | undefined {
  const maps = layers.flatMap((layer) => layer.values.get('ssh') ?? []);
  const last = maps.at(-1);
  if (last === undefined || maps.length < 2) return undefined;
  const entries = new Map<string, LocatedEntry>();
  for (const map of maps) {
    // A whole map that is a template cannot be merged before it is rendered: it stands alone, as the last word.
    if (map.kind !== 'map') return last;
    for (const entry of map.entries) entries.set(entry.key, entry);
  }
  return { kind: 'map', entries: [...entries.values()], span: last.span };
}
