import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { isForbiddenKey } from './forbidden-keys.js';
import type { Located, LocatedEntry } from './located.js';
import { yamlLimits } from './yaml-limits.js';

/**
 * Plain data (parsed JSON, rendered variables) as located values that all stand at one place. Their text is literal:
 * it came from outside the controller's files and is never a template. Forbidden keys and too deep nesting are reported
 * and left out; what JSON does not know (functions, undefined) becomes null.
 */
export function locatedFromData(options: {
  readonly data: unknown;
  readonly span: Span;
  readonly diagnostics: Diagnostics;
}): Located {
  return convert(options.data, options, 0);
}

function convert(
  data: unknown,
  place: { readonly span: Span; readonly diagnostics: Diagnostics },
  depth: number,
): Located {
  const { span, diagnostics } = place;
  if (depth > yamlLimits.depth) {
    diagnostics.error({
      code: 'data-depth',
      message: `lists and maps may be nested ${yamlLimits.depth} deep, this is deeper`,
      span,
    });
    return scalar(null, span);
  }
  if (Array.isArray(data)) return { kind: 'list', items: data.map((item) => convert(item, place, depth + 1)), span };
  if (typeof data !== 'object' || data === null) return scalar(data, span);
  const entries: LocatedEntry[] = [];
  for (const [key, value] of Object.entries(data)) {
    if (isForbiddenKey(key)) {
      diagnostics.error({
        code: 'forbidden-key',
        message: `\`${key}\` may not be used as a key: JavaScript gives it a meaning of its own`,
        span,
      });
    } else {
      entries.push({ key, keySpan: span, value: convert(value, place, depth + 1) });
    }
  }
  return { kind: 'map', entries, span };
}

function scalar(data: unknown, span: Span): Located {
  const value = typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean' ? data : null;
  return {
    kind: 'scalar',
    value,
    source: value === null ? '' : String(value),
    quoted: typeof value === 'string',
    literal: true,
    span,
  };
}
