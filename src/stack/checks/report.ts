import type { Diagnostic, Severity } from '../../core/diagnostic.js';
import { formatSpan, type Span } from '../../core/span.js';

/** Builds a diagnostic; members that are undefined are left out. */
export function finding(options: {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly span?: Span | undefined;
  readonly hint?: string | undefined;
  readonly related?: { readonly span: Span | undefined; readonly message: string };
}): Diagnostic {
  const { severity, code, message, span, hint, related } = options;
  return {
    severity,
    code,
    message,
    ...(span === undefined ? {} : { span }),
    ...(hint === undefined ? {} : { hint }),
    ...(related?.span === undefined ? {} : { related: [{ span: related.span, message: related.message }] }),
  };
}

/** The same mistake on many hosts is told once. */
export function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((diagnostic) => {
    const key = [
      diagnostic.code,
      diagnostic.message,
      diagnostic.span === undefined ? '' : formatSpan(diagnostic.span),
    ].join('\n');
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
