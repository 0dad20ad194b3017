import type { CodeAnalysis } from './analyse.js';

/** What rewritten code calls: parameters of the compiled function, names no playbook uses. */
export const scopeParameter = '$$scope';
export const lenientParameter = '$$lenient';

/**
 * Code in which every free name is read through the scope: `x` becomes `$$scope("x", offset)`, guarded stretches are
 * wrapped so that an undefined name in them gives `undefined`. Names in `keep` stay as they are.
 */
export function rewrite(code: string, analysis: CodeAnalysis, keep: ReadonlySet<string>): string {
  const opens = new Map<number, string>();
  const closes = new Map<number, string>();
  for (const guard of analysis.guards) {
    opens.set(guard.start, `${opens.get(guard.start) ?? ''}${lenientParameter}(() => (`);
    closes.set(guard.end, `${closes.get(guard.end) ?? ''}))`);
  }
  const names = analysis.names.filter((name) => !keep.has(name.name));
  let output = '';
  let next = 0;
  for (let offset = 0; offset <= code.length; offset++) {
    output += (closes.get(offset) ?? '') + (opens.get(offset) ?? '');
    const name = names[next];
    if (name?.start === offset) {
      const read = `${scopeParameter}(${JSON.stringify(name.name)}, ${offset})`;
      output += name.shorthand ? `${name.name}: ${read}` : read;
      next++;
      offset = name.end - 1;
      continue;
    }
    output += code[offset] ?? '';
  }
  return output;
}
