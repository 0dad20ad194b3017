import type { Span } from '../core/span.js';
import type { Located } from '../syntax/located.js';

/** Variables as written, before any rendering; the order of the layers is the order of precedence, lowest first. */
export interface VariableLayer {
  /** For people: "group web", "host node1", "group_vars/all.yaml". */
  readonly name: string;
  readonly values: ReadonlyMap<string, Located>;
}

export interface InventoryGroup {
  readonly name: string;
  readonly span?: Span;
  readonly parents: readonly string[];
  readonly children: readonly string[];
  /** Members of this group itself and of its children, in the order of the inventory, each once. */
  readonly hosts: readonly string[];
  readonly layers: readonly VariableLayer[];
}

export interface InventoryHost {
  readonly name: string;
  readonly span?: Span;
  /** Every group the host is in, `all` left out, parents before children, then by name. */
  readonly groups: readonly string[];
  /** Group layers (all, parents first, then by name), then the host's own layers: lowest precedence first. */
  readonly layers: readonly VariableLayer[];
}

/** Every host and group; immutable. `ungrouped` and `all` are always there. */
export interface Inventory {
  /** In the order of the files. */
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  /** The paths the inventory came from, for messages. */
  readonly sources: readonly string[];
}

export type HostKeyPolicy = 'strict' | 'accept-new' | 'off';

/** How to reach a host, after rendering and merging `ssh:` maps, aliases and ~/.ssh/config. Passwords are Secret values. */
export interface ConnectionSettings {
  readonly kind: 'ssh' | 'local';
  /** Address or name to connect to. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Private key files, in order. Empty: the defaults of ssh (id_ed25519, id_ecdsa, id_rsa). */
  readonly keys: readonly string[];
  readonly passphrase?: string;
  readonly password?: string;
  /** Socket of an agent; undefined: none. */
  readonly agent?: string;
  readonly forwardAgent: boolean;
  /** Compresses all that goes over the connection: for slow lines. */
  readonly compression: boolean;
  /** Only the named keys, even when the agent has more. */
  readonly identitiesOnly: boolean;
  readonly hostKey: HostKeyPolicy;
  /** known_hosts files, the first is written to by accept-new. */
  readonly knownHosts: readonly string[];
  /** The name looked up in known_hosts instead of the address (HostKeyAlias). */
  readonly hostKeyAlias?: string;
  /** Hosts to jump through, first hop first. */
  readonly jump: readonly ConnectionSettings[];
  readonly proxyCommand?: string;
  readonly connectTimeoutSeconds: number;
  /** Seconds between keepalives; 3 unanswered ones mean the connection is lost. */
  readonly keepaliveSeconds: number;
}
