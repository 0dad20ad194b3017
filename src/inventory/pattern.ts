import type { Diagnostic } from '../core/diagnostic.js';
import { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { didYouMean } from '../core/suggest.js';
import { isImplicitLocalhost } from './localhost.js';
import { type PatternTerm, patternTerms } from './pattern-terms.js';
import type { Inventory } from './types.js';

export interface HostMatch {
  /** In the order of the inventory, each once; an implicit localhost comes last. */
  readonly hosts: readonly string[];
  /** `empty-pattern` when nothing matched, `unknown-host` for a name that is neither a host nor a group, `host-pattern` for a wrong regex. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The hosts of a pattern: terms joined by `:` or `,` are added up, then `&term` keeps only what is also in it, then
 * `!term` takes away, whatever their order; with nothing to add up, `all` is meant. A name is a group, else a host; a
 * glob matches both; `~regex` matches from the beginning of a name. `group[0]`, `group[-1]`, `group[1:3]` pick by
 * place, counted from 0, both ends included. A list of patterns counts as one, joined.
 */
export function matchHosts(options: {
  readonly pattern: string | readonly string[];
  readonly inventory: Inventory;
  readonly span?: Span;
}): HostMatch {
  const { inventory, span } = options;
  const diagnostics = new Diagnostics();
  const patterns = typeof options.pattern === 'string' ? [options.pattern] : options.pattern;
  const found = patterns.flatMap((pattern) =>
    termsOf(pattern, inventory).map((term) => ({
      operator: term.operator,
      hosts: hostsOf({ term, inventory, diagnostics, ...placeOf(term, pattern, span) }),
    })),
  );
  const everybody = found.length > 0 && found.every(({ operator }) => operator !== 'or');
  const chosen = new Set<string>(everybody ? inventory.hosts.keys() : []);
  for (const { operator, hosts } of found) if (operator === 'or') for (const host of hosts) chosen.add(host);
  for (const operator of ['and', 'not'] as const) {
    for (const { hosts } of found.filter((term) => term.operator === operator)) {
      for (const host of chosen) if (hosts.has(host) === (operator === 'not')) chosen.delete(host);
    }
  }
  const ordered = [...inventory.hosts.keys()].filter((host) => chosen.has(host));
  const hosts = [...ordered, ...[...chosen].filter((host) => !inventory.hosts.has(host))];
  if (hosts.length === 0 && !diagnostics.hasErrors)
    reportEmpty({ patterns, inventory, diagnostics, ...(span === undefined ? {} : { span }) });
  return { hosts, diagnostics: diagnostics.all };
}

/** A whole pattern that is a host's name is that host, whatever signs are in it (an IPv6 address has colons). */
function termsOf(pattern: string, inventory: Inventory): readonly PatternTerm[] {
  const name = pattern.trim();
  if (inventory.hosts.has(name) || isImplicitLocalhost(name, inventory)) {
    return [{ operator: 'or', kind: 'name', name, offset: 0, length: pattern.length }];
  }
  return patternTerms(pattern);
}

interface Lookup {
  readonly term: PatternTerm;
  readonly inventory: Inventory;
  readonly diagnostics: Diagnostics;
  readonly span?: Span;
}

function hostsOf(lookup: Lookup): ReadonlySet<string> {
  const { term, inventory } = lookup;
  const all = term.kind === 'name' ? named(lookup) : matching(lookup);
  if (term.subscript === undefined) return new Set(all);
  const inOrder = [...inventory.hosts.keys()].filter((host) => all.includes(host));
  const { first, last } = term.subscript;
  const fromEnd = (index: number): number => (index < 0 ? inOrder.length + index : index);
  return new Set(inOrder.slice(Math.max(0, fromEnd(first)), fromEnd(last) + 1));
}

function named({ term, inventory, diagnostics, span }: Lookup): readonly string[] {
  const { name } = term;
  const group = inventory.groups.get(name);
  if (group !== undefined) return group.hosts;
  if (inventory.hosts.has(name) || isImplicitLocalhost(name, inventory)) return [name];
  const hint = didYouMean(name, [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  diagnostics.error({
    code: 'unknown-host',
    message: `the inventory has no host or group \`${name}\``,
    ...(span === undefined ? {} : { span }),
    hint: hint ?? groupsHint(inventory),
  });
  return [];
}

function matching({ term, inventory, diagnostics, span }: Lookup): readonly string[] {
  const expression = term.kind === 'glob' ? globExpression(term.name) : regexOf(term.name);
  if (expression === undefined) {
    diagnostics.error({
      code: 'host-pattern',
      message: `\`~${term.name}\` is no regular expression`,
      ...(span === undefined ? {} : { span }),
    });
    return [];
  }
  const groups = [...inventory.groups.values()]
    .filter((group) => expression.test(group.name))
    .flatMap((group) => group.hosts);
  return groups.concat([...inventory.hosts.keys()].filter((host) => expression.test(host)));
}

function regexOf(source: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${source})`, 'u');
  } catch {
    return undefined;
  }
}

/** `*` any text, `?` one character, `[abc]`, `[a-c]` and `[!a]` one of a set. */
function globExpression(glob: string): RegExp {
  const source = glob.replaceAll(/\[!?[^\]]+\]|[\s\S]/gu, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 2 && part.startsWith('[')) return part.replace('[!', '[^').replaceAll('\\', '\\\\');
    return part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
  return regexOf(`${source}$`) ?? /(?!)/;
}

function reportEmpty(options: {
  readonly patterns: readonly string[];
  readonly inventory: Inventory;
  readonly diagnostics: Diagnostics;
  readonly span?: Span;
}): void {
  const { patterns, inventory, diagnostics, span } = options;
  diagnostics.error({
    code: 'empty-pattern',
    message:
      inventory.hosts.size === 0
        ? 'the inventory has no hosts'
        : `the pattern \`${patterns.join(',')}\` matches no host`,
    ...(span === undefined ? {} : { span }),
    hint: inventory.hosts.size === 0 ? 'name an inventory with -i' : groupsHint(inventory),
  });
}

function groupsHint(inventory: Inventory): string {
  const names = [...inventory.groups.keys()].filter((name) => name !== 'all' && name !== 'ungrouped');
  if (names.length === 0) return 'it has no groups but `all`';
  return `its groups: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ' …' : ''}`;
}

/** The term's own stretch of a pattern that stands on one line as it was written; else the whole. */
function placeOf(term: PatternTerm, pattern: string, span: Span | undefined): { readonly span?: Span } {
  if (span === undefined) return {};
  const width = span.end.column - span.start.column;
  const quotes = width === pattern.length + 2 ? 1 : 0;
  if (span.end.line !== span.start.line || width !== pattern.length + 2 * quotes) return { span };
  const column = span.start.column + quotes + term.offset;
  return {
    span: { file: span.file, start: { ...span.start, column }, end: { ...span.start, column: column + term.length } },
  };
}
