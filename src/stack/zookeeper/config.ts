/** A server of an ensemble as zoo.cfg lists it. */
export interface ListedServer {
  readonly id: number;
  readonly address: string;
}

/** `key=value` lines of a zoo.cfg, comments left out. */
export function configEntries(text: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^#!=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) entries.set(match[1], match[2] ?? '');
  }
  return entries;
}

/** The `server.N` lines of a zoo.cfg; empty for a server that stands alone. Observers are listed too. */
export function listedServers(text: string): readonly ListedServer[] {
  return [...configEntries(text)].flatMap(([key, value]) => {
    const id = /^server\.(\d{1,3})$/.exec(key)?.[1];
    // An IPv6 address stands in brackets.
    const address = /^(\[[^\]]+\]|[^:]+):/.exec(value)?.[1];
    return id === undefined || address === undefined
      ? []
      : [{ id: Number(id), address: address.replaceAll(/[[\]]/g, '') }];
  });
}

/** Whether the ensemble's membership is changed by `reconfig` (3.5 and later, off unless said). */
export function reconfigEnabled(text: string): boolean {
  return configEntries(text).get('reconfigEnabled') === 'true';
}
