import type { Finding } from './types.js';

/** A finding that several hosts share is told once, with commands for all of them. */
export function mergeFindings(
  findings: readonly Finding[],
): readonly (Finding & { readonly hosts: readonly string[] })[] {
  const merged = new Map<string, { readonly finding: Finding; readonly hosts: string[] }>();
  for (const finding of findings) {
    const key = keyOf(finding);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { finding, hosts: finding.host === undefined ? [] : [finding.host] });
    else if (finding.host !== undefined) known.hosts.push(finding.host);
  }
  return [...merged.values()].map(({ finding, hosts }) => {
    const commands = finding.commands.map((command) => withHost(command, finding.host, hosts.join(',')));
    return { ...finding, commands, hosts };
  });
}

/** The same in everything but the host. */
function keyOf({ rule, host, seen, advice, commands }: Finding): string {
  const others = commands.map((command) => withHost(command, host, '\0'));
  return JSON.stringify([rule, host === undefined ? '' : '\0', seen, advice, others]);
}

function withHost(command: string, host: string | undefined, by: string): string {
  return command
    .split(' ')
    .map((word) => (word === host ? by : word))
    .join(' ');
}
