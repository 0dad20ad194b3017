import type { Masker } from '../shell/masker.js';
import { isValueMap, type Value } from '../template/value.js';

/** What commands and services said; the rest of a result (paths, owners, times) is no secret and would blank out half of every text. */
const spoken: ReadonlySet<string> = new Set([
  'stdout',
  'stdout_lines',
  'stderr',
  'stderr_lines',
  'content',
  'json',
  'body',
]);

/** Shorter words are not learned: "running" or "ok" is nobody's secret. */
const shortest = 8;

/** Longer texts are not learned: to look for them in everything that is said would take longer than the run. */
const longest = 16_384;

/** Makes what a no_log task's module said known to the masker: a later task that shows it shows the mask. */
export function learnOutput(masker: Masker, result: Value): void {
  if (!isValueMap(result)) return;
  for (const [name, value] of Object.entries(result)) {
    if (spoken.has(name)) learnTexts(masker, value);
    else if (name === 'results' && Array.isArray(value))
      for (const item of value as readonly Value[]) learnOutput(masker, item);
  }
}

function learnTexts(masker: Masker, value: Value): void {
  if (typeof value === 'string') {
    const text = value.trim();
    if (text.length >= shortest && text.length <= longest) masker.learn(text);
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) learnTexts(masker, member);
  }
}
