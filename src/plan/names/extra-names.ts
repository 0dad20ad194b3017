import type { Diagnostics } from '../../core/diagnostic.js';
import { spanOfFlag } from '../../core/span.js';
import { suggest } from '../../core/suggest.js';

/** Shorter names are near to many. */
const shortest = 5;

/**
 * Warns of names given with -e that nothing defines or reads and that are nearly those of something that exists: a
 * misspelt one would change nothing, without a word. Other names pass: a template may ask for what need not be there.
 */
export function checkExtraNames(request: {
  readonly given: readonly string[];
  /** Names that something else than -e defines. */
  readonly defined: ReadonlySet<string>;
  readonly read: ReadonlySet<string>;
  readonly diagnostics: Diagnostics;
}): void {
  const { given, defined, read, diagnostics } = request;
  for (const name of given) {
    if (name.length < shortest || defined.has(name) || read.has(name) || /^(?:ansible_|become|ssh$)/.test(name))
      continue;
    const near = suggest(
      name,
      [...defined, ...read].filter((other) => !given.includes(other)),
    );
    if (near === undefined) continue;
    diagnostics.warning({
      code: 'extra-name',
      message: `nothing reads the variable \`${name}\` that -e gives`,
      span: spanOfFlag('-e'),
      hint: `did you mean \`${near}\`?`,
    });
  }
}
