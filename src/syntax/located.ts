import type { Span } from '../core/span.js';

/** A YAML value that knows where it stands. */
export type Located = LocatedScalar | LocatedList | LocatedMap;

export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** The scalar as it is written in the file, without quotes: tells `0644` from `420` and `1.10` from `1.1`. */
  readonly source: string;
  readonly quoted: boolean;
  /** Tagged `!secret` or `!vault`: masked by value wherever it is shown. */
  readonly secret?: boolean;
  /** An encrypted value that no password opens: whoever uses it gets this mistake. */
  readonly shut?: { readonly reason: string; readonly hint: string };
  /** Came from outside the controller's own files (a dynamic inventory): `<%` in it is text, never a template. */
  readonly literal?: boolean;
  readonly span: Span;
}

export interface LocatedList {
  readonly kind: 'list';
  readonly items: readonly Located[];
  readonly span: Span;
}

export interface LocatedEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Located;
}

export interface LocatedMap {
  readonly kind: 'map';
  /** In the order of the file; keys are unique (a duplicate is an error with both places). */
  readonly entries: readonly LocatedEntry[];
  readonly span: Span;
}

/** The entry of a map, or undefined. */
export function entryOf(map: LocatedMap, key: string): LocatedEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** Plain data of a located value, templates left as text. */
export function plainData(located: Located): unknown {
  switch (located.kind) {
    case 'scalar':
      return located.value;
    case 'list':
      return located.items.map(plainData);
    case 'map': {
      const data: Record<string, unknown> = {};
      for (const entry of located.entries) data[entry.key] = plainData(entry.value);
      return data;
    }
  }
}

/** Whether a scalar's text holds a template (`<%`): its value is known only after rendering. */
export function isTemplate(located: Located): boolean {
  if (located.kind !== 'scalar' || located.literal === true) return false;
  return typeof located.value === 'string' && located.value.includes('<%');
}
