/** "1 agent", "2 agents". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** "node1", "node1 and node2", "node1, node2 and node3". */
export function listed(items: readonly string[]): string {
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** "node1 was", "node1 and node2 were": a list and the word that goes with one or with several. */
export function listedWith(
  items: readonly string[],
  words: { readonly one: string; readonly several: string },
): string {
  return `${listed(items)} ${items.length === 1 ? words.one : words.several}`;
}

/** "node1 was not asked". */
export function notAskedText(hosts: readonly string[]): string {
  return listedWith(hosts, { one: 'was not asked', several: 'were not asked' });
}
