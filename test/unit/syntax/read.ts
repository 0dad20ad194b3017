import { Diagnostics } from '../../../src/core/diagnostic.js';
import { formatSpan } from '../../../src/core/span.js';
import type { Located } from '../../../src/syntax/located.js';
import { parseYaml } from '../../../src/syntax/parse-yaml.js';

/** Parses text as the file f.yaml; `problems` are "line:column code: message | hint". */
export function read(text: string): { readonly located: Located | undefined; readonly problems: readonly string[] } {
  const diagnostics = new Diagnostics();
  const located = parseYaml({ text, file: 'f.yaml', diagnostics });
  return { located, problems: problemsOf(diagnostics) };
}

export function problemsOf(diagnostics: Pick<Diagnostics, 'all'>): readonly string[] {
  return diagnostics.all.map(({ code, message, hint, span }) => {
    const place = span === undefined ? '' : `${formatSpan(span).replace('f.yaml:', '')} `;
    return `${place}${code}: ${message}${hint === undefined ? '' : ` | ${hint}`}`;
  });
}

/** Parses text that must be right. */
export function located(text: string): Located {
  const result = read(text);
  if (result.located === undefined || result.problems.length > 0)
    throw new Error(`not valid: ${result.problems.join('\n')}`);
  return result.located;
}
