import type { Diagnostics } from '../core/diagnostic.js';
import type { Located } from '../syntax/located.js';
import { checkBraces } from '../syntax/variable-text.js';
import { checkTemplates } from '../template/text.js';

/** Reports every template in a value that cannot be parsed, and Jinja's braces, which would be written as they are. */
export function checkText(located: Located, diagnostics: Diagnostics): void {
  for (const diagnostic of checkTemplates(located).diagnostics) diagnostics.add(diagnostic);
  checkBraces(located, diagnostics);
}
