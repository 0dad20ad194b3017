import type { Diagnostics } from '../core/diagnostic.js';
import { matchHosts } from '../inventory/pattern.js';
import type { Inventory } from '../inventory/types.js';
import type { Play } from '../playbook/types.js';
import { isLate } from './late-groups.js';
import { EvaluationError } from '../template/errors.js';
import { evaluate } from '../template/evaluate.js';
import { createScope } from '../template/scope.js';
import type { VariableContent } from '../template/types.js';
import type { Value } from '../template/value.js';

export interface PlayHostsRequest {
  readonly play: Play;
  readonly inventory: Inventory;
  /** Hosts that --limit leaves; undefined: all. */
  readonly limit: ReadonlySet<string> | undefined;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly diagnostics: Diagnostics;
  /** Names of hosts and groups that the run may bring: a pattern with one of them may match nothing yet. */
  readonly late?: readonly RegExp[];
}

/** The hosts of a play in its order, after --limit. A pattern that matches nothing is reported, unless the play allows it. */
export function hostsOfPlay(request: PlayHostsRequest): readonly string[] {
  const { play, inventory, limit, diagnostics } = request;
  const pattern = patternOf(request);
  if (pattern === undefined) return [];
  const found = matchHosts({ pattern, inventory, span: play.hosts.span });
  const comesLate = pattern.some((each) => isLate(each, request.late ?? []));
  for (const diagnostic of found.diagnostics) {
    if ((play.allowEmpty || comesLate) && (diagnostic.code === 'empty-pattern' || diagnostic.code === 'unknown-host'))
      continue;
    diagnostics.add(
      diagnostic.code === 'empty-pattern'
        ? {
            ...diagnostic,
            hint: [diagnostic.hint, 'say `allow_empty: true` if no host is fine'].filter(Boolean).join('; '),
          }
        : diagnostic,
    );
  }
  return ordered(
    found.hosts.filter((host) => limit === undefined || limit.has(host)),
    play.order,
  );
}

/** The pattern as text; templates in it see the play's variables, the groups and `-e`, since no host is known yet. */
function patternOf(request: PlayHostsRequest): readonly string[] | undefined {
  const { play, inventory, extraVars, diagnostics } = request;
  const variables = new Map<string, VariableContent>(
    [...play.vars.values].map(([name, located]) => [name, { kind: 'located', located }]),
  );
  const groups = Object.fromEntries([...inventory.groups.values()].map((group) => [group.name, [...group.hosts]]));
  const scope = createScope([
    { origin: 'built-in', variables: new Map([['groups', { kind: 'data', value: groups }]]) },
    { origin: play.vars.origin, variables },
    {
      origin: '-e',
      variables: new Map(Object.entries(extraVars).map(([name, value]) => [name, { kind: 'data', value }])),
    },
  ]);
  try {
    const value = evaluate(play.hosts, scope);
    if (typeof value === 'string') return [value];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    diagnostics.error({
      code: 'wrong-type',
      message: '`hosts` must be a pattern or a list of patterns',
      span: play.hosts.span,
    });
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    diagnostics.add({
      ...error.diagnostic,
      hint: error.diagnostic.hint ?? "in `hosts` only the play's own vars, `groups` and -e are known",
    });
  }
  return undefined;
}

function ordered(hosts: readonly string[], order: Play['order']): readonly string[] {
  switch (order) {
    case 'inventory':
      return hosts;
    case 'reverse_inventory':
      return hosts.toReversed();
    case 'sorted':
      return hosts.toSorted();
    case 'reverse_sorted':
      return hosts.toSorted().toReversed();
    case 'shuffle':
      return shuffled(hosts);
  }
}

function shuffled(hosts: readonly string[]): readonly string[] {
  const keyed = hosts.map((host) => ({ host, key: Math.random() }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ host }) => host);
}
