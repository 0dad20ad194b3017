import type { Scalar } from 'yaml';
import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';

/**
 * Whether an unquoted scalar means what it says. Otherwise an error is added: different readers of YAML take it for
 * different numbers, or it loses digits; its text should then stand for it, so that no other mistake follows.
 */
export function isUnambiguous(options: {
  readonly node: Scalar.Parsed;
  readonly span: Span;
  readonly diagnostics: Diagnostics;
}): boolean {
  const { node, span, diagnostics } = options;
  const { source } = node;
  const value: unknown = node.value;
  if (startsWithOddZero(source)) {
    diagnostics.error({
      code: 'leading-zero',
      message: `\`${source}\` begins with 0: some readers of YAML take it for an octal number, others for a decimal one`,
      span,
      hint: `quote it: "${source}"`,
    });
    return false;
  }
  if (typeof value !== 'number') return true;
  if (!Number.isFinite(value)) {
    diagnostics.error({
      code: 'number-range',
      message: `\`${source}\` is not a number that can be used`,
      span,
      hint: `quote it if it is meant as text: "${source}"`,
    });
    return false;
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    diagnostics.error({
      code: 'number-range',
      message: `\`${source}\` is too large for a number: it would become ${BigInt(value)}`,
      span,
      hint: `quote it: "${source}"`,
    });
    return false;
  }
  return true;
}

/** `0644`, `08`, `01:30`, `007.5`: digits behind a zero with nothing but number signs, so that it is no plain word or name. */
function startsWithOddZero(source: string): boolean {
  return /^[-+]?0[0-9][0-9_.:]*$/.test(source);
}
