import type { Diagnostics } from '../core/diagnostic.js';
import type { Located, LocatedScalar } from './located.js';

/** Reports Jinja's braces in any text of a value: they would be used as they stand. */
export function checkBraces(located: Located, diagnostics: Diagnostics): void {
  eachScalar(located, (scalar) => {
    if (typeof scalar.value !== 'string' || scalar.literal === true || scalar.value.includes('<%')) return;
    const match = /\{\{-?\s*([A-Za-z_]\w*)[^{}]*\}\}/.exec(scalar.value);
    const name = match?.[1];
    const isValue = match !== null && name !== undefined && !goWords.has(name);
    const found = isValue ? match[0] : (jinjaStatement.exec(scalar.value) ?? jinjaComment.exec(scalar.value))?.[0];
    if (found === undefined) return;
    const ours = isValue ? `<%= ${name} %>` : found.startsWith('{#') ? '<%# … %>' : '<% if (…) { %> … <% } %>';
    diagnostics.error({
      code: 'jinja',
      message: `\`${found}\` is a Jinja template: it would be used as it stands`,
      span: scalar.span,
      hint: `write \`${ours}\`; to keep the braces, write \`<%= '${found.replaceAll("'", '"')}' %>\``,
    });
  });
}

const jinjaStatement =
  /\{%[-+]?\s*(if|elif|else|endif|for|endfor|set|endset|raw|endraw|macro|endmacro|include|import|block|endblock|filter|endfilter)\b[^{}]*%\}/;

/** With blanks inside, as people write it: `${#list}` of a shell is none. */
const jinjaComment = /\{#-?\s[^{}]*\s-?#\}/;

/** Words Go templates begin with (`docker ps --format '{{json .}}'`): those braces are meant as they stand. */
const goWords = new Set(
  (
    'and block break call continue define else end eq ge gt html if index js json join le len lower lt ne not or pad print printf println ' +
    'range slice split template title truncate upper urlquery with'
  ).split(' '),
);

/**
 * Warns about unquoted numbers in variables whose text is not the number's: `1.10` is 1.1 and `1e10` is 10000000000
 * when a template prints them. Fields with a type of their own need no such warning: their readers see the text.
 */
export function checkLostText(located: Located, diagnostics: Diagnostics): void {
  eachScalar(located, (scalar) => {
    if (typeof scalar.value !== 'number' || scalar.quoted || scalar.literal === true) return;
    const lost = /^\d+\.\d*0$/.test(scalar.source) || /^\d+e\d+$/i.test(scalar.source);
    if (!lost) return;
    diagnostics.warning({
      code: 'lost-text',
      message: `\`${scalar.source}\` is the number ${scalar.value}, and that is how templates print it`,
      span: scalar.span,
      hint: `quote it if it is meant as text: "${scalar.source}"`,
    });
  });
}

function eachScalar(located: Located, visit: (scalar: LocatedScalar) => void): void {
  switch (located.kind) {
    case 'scalar':
      visit(located);
      return;
    case 'list':
      for (const item of located.items) eachScalar(item, visit);
      return;
    case 'map':
      for (const entry of located.entries) eachScalar(entry.value, visit);
  }
}
