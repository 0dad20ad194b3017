import type { Diagnostics } from '../core/diagnostic.js';
import { didYouMean } from '../core/suggest.js';
import type { InventoryDraft } from './draft.js';

/** Reports children that are defined nowhere, and names that a group and a host share. */
export function checkGroups(draft: InventoryDraft, diagnostics: Diagnostics): void {
  checkChildren(draft, diagnostics);
  for (const group of draft.groups.values()) {
    const host = draft.hosts.get(group.name);
    if (host === undefined || group.span === undefined) continue;
    diagnostics.warning({
      code: 'ambiguous-name',
      message: `\`${group.name}\` is the name of a group and of a host: patterns mean the group`,
      span: group.span,
      related: [{ span: host.span, message: 'the host' }],
    });
  }
}

function checkChildren(draft: InventoryDraft, diagnostics: Diagnostics): void {
  const defined = new Set(['all', 'ungrouped']);
  for (const group of draft.groups.values()) if (group.span !== undefined) defined.add(group.name);
  for (const group of draft.groups.values()) {
    for (const [name, span] of group.children) {
      if (defined.has(name)) continue;
      const hint = draft.hosts.has(name) ? `\`${name}\` is a host: put it under \`hosts:\`` : didYouMean(name, defined);
      diagnostics.error({
        code: 'unknown-group',
        message: `the group \`${name}\`, a child of \`${group.name}\`, is defined nowhere`,
        span,
        hint: hint ?? `define it: \`${name}:\` with its hosts`,
      });
    }
  }
}
