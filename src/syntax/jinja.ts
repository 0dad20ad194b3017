/** A place in a text that reads as a Jinja template: nothing here renders it. */
export interface Jinja {
  /** The braces and what is in them. */
  readonly found: string;
  /** Offset in the text. */
  readonly index: number;
  /** The variable that `{{ … }}` begins with. */
  readonly name?: string;
  /** How to write it, and how to keep the braces. */
  readonly hint: string;
}

const value = /\{\{-?\s*([A-Za-z_]\w*)[^{}]*\}\}/g;
const statement =
  /\{%[-+]?\s*(?:if|elif|else|endif|for|endfor|set|endset|raw|endraw|macro|endmacro|include|import|block|endblock|filter|endfilter)\b[^{}]*%\}/g;
/** With blanks inside, as people write it: `${#list}` of a shell is none. */
const comment = /\{#-?\s[^{}]*\s-?#\}/g;

/** Words Go templates begin with (`docker ps --format '{{json .}}'`): those braces are meant as they stand. */
const goWords = new Set(
  (
    'and block break call continue define else end eq ge gt html if index js json join le len lower lt ne not or pad print printf println ' +
    'range slice split template title truncate upper urlquery with'
  ).split(' '),
);

/** Jinja's values, statements and comments in a text, in the order they stand. */
export function jinjaIn(text: string): readonly Jinja[] {
  if (!text.includes('{')) return [];
  const values = [...text.matchAll(value)].flatMap((match): readonly Jinja[] => {
    const name = match[1] ?? '';
    return goWords.has(name) ? [] : [{ ...placed(match, `<%= ${name} %>`), name }];
  });
  const others = [
    ...[...text.matchAll(statement)].map((match) => placed(match, '<% if (…) { %> … <% } %>')),
    ...[...text.matchAll(comment)].map((match) => placed(match, '<%# … %>')),
  ];
  return [...values, ...others].toSorted((a, b) => a.index - b.index);
}

function placed(match: RegExpExecArray, ours: string): Jinja {
  const [found] = match;
  const kept = found.replaceAll("'", '"');
  return { found, index: match.index, hint: `write \`${ours}\`; to keep the braces, write \`<%= '${kept}' %>\`` };
}
