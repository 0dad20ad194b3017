import type { Diagnostics } from '../core/diagnostic.js';
import type { Located, LocatedScalar } from '../syntax/located.js';
import { checkTemplates } from '../template/text.js';

/** Reports every template in a value that cannot be parsed, and Jinja's braces, which would be written as they are. */
export function checkText(located: Located, diagnostics: Diagnostics): void {
  for (const diagnostic of checkTemplates(located).diagnostics) diagnostics.add(diagnostic);
  checkBraces(located, diagnostics);
}

function checkBraces(located: Located, diagnostics: Diagnostics): void {
  switch (located.kind) {
    case 'scalar':
      reportBraces(located, diagnostics);
      return;
    case 'list':
      for (const item of located.items) checkBraces(item, diagnostics);
      return;
    case 'map':
      for (const entry of located.entries) checkBraces(entry.value, diagnostics);
  }
}

/** Words Go templates begin with (`docker ps --format '{{json .}}'`): those braces are meant as they stand. */
const goWords = new Set(
  'and block break call continue define else end eq ge gt html if index js json join le len lower lt ne not or pad print printf println range slice split template title truncate upper urlquery with'.split(
    ' ',
  ),
);

function reportBraces(scalar: LocatedScalar, diagnostics: Diagnostics): void {
  if (typeof scalar.value !== 'string' || scalar.value.includes('<%')) return;
  const match = /\{\{-?\s*([A-Za-z_]\w*)[^{}]*\}\}/.exec(scalar.value);
  if (match === null || goWords.has(match[1]!)) return;
  diagnostics.error({
    code: 'jinja',
    message: `\`${match[0]}\` is a Jinja template: it would be used as it stands`,
    span: scalar.span,
    hint: `write \`<%= ${match[1]!} %>\`; to keep the braces, write \`<%= '${match[0].replaceAll("'", '"')}' %>\``,
  });
}
