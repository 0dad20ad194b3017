/** Above this a host's further lines are counted, not kept. */
const mostLines = 10_000;

/** What hosts said, kept until all are done, so that those who said the same are shown as one. */
export class GatheredOutput {
  readonly #lines = new Map<string, { readonly lines: string[]; omitted: number }>();

  /** Keeps lines; without any the host is known to have said nothing so far. */
  add(host: string, lines: readonly string[]): void {
    const kept = this.#lines.get(host) ?? { lines: [], omitted: 0 };
    this.#lines.set(host, kept);
    const room = Math.max(0, mostLines - kept.lines.length);
    kept.lines.push(...lines.slice(0, room));
    kept.omitted += Math.max(0, lines.length - room);
  }

  /** Hosts with equal output together, the largest group first; hosts in the given order. */
  groups(
    order: readonly string[],
  ): readonly { readonly hosts: readonly string[]; readonly lines: readonly string[] }[] {
    const groups = new Map<string, { readonly hosts: string[]; readonly lines: readonly string[] }>();
    for (const host of order) {
      const kept = this.#lines.get(host);
      if (kept === undefined) continue;
      const lines = kept.omitted === 0 ? kept.lines : [...kept.lines, `[… ${kept.omitted} more lines …]`];
      const key = lines.join('\n');
      const group = groups.get(key) ?? { hosts: [], lines };
      group.hosts.push(host);
      groups.set(key, group);
    }
    return [...groups.values()].toSorted((a, b) => b.hosts.length - a.hosts.length);
  }
}
