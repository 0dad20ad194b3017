import type { Span } from './span.js';

export type Severity = 'error' | 'warning';

/**
 * One mistake in the user's files or flags. `code` is a stable kebab-case name ("unknown-key", "undefined-name"),
 * `message` one sentence in plain words, `hint` what to do about it ("did you mean `hosts`?").
 * `related` points at the other place of a conflict, for example the first of two equal keys.
 */
export interface Diagnostic {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly span?: Span;
  readonly hint?: string;
  readonly related?: readonly { readonly span: Span; readonly message: string }[];
}

/** Collects diagnostics while files are read, so that all of them are reported at once. */
export class Diagnostics {
  readonly #list: Diagnostic[] = [];
  readonly #known = new Set<string>();

  /** The same mistake at the same place, found on several ways, is one. */
  add(diagnostic: Diagnostic): void {
    const { code, message, span } = diagnostic;
    const key = JSON.stringify([code, message, span]);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#list.push(diagnostic);
  }

  error(diagnostic: Omit<Diagnostic, 'severity'>): void {
    this.add({ severity: 'error', ...diagnostic });
  }

  warning(diagnostic: Omit<Diagnostic, 'severity'>): void {
    this.add({ severity: 'warning', ...diagnostic });
  }

  get all(): readonly Diagnostic[] {
    return this.#list;
  }

  get hasErrors(): boolean {
    return this.#list.some((diagnostic) => diagnostic.severity === 'error');
  }
}

/** The user's files or flags are wrong: nothing was touched, exit code 2. Carries every mistake found. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
    this.diagnostics = diagnostics;
  }
}
