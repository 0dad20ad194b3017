/** Names that are always there; nothing else may take them. */
export const builtinNames = ['host', 'groups', 'hosts', 'facts', 'play', 'role', 'run'] as const;

const reservedWords = new Set(
  (
    'arguments async await break case catch class const continue debugger default delete do else enum eval export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static super switch this ' +
    'throw true try typeof undefined var void while with yield'
  ).split(' '),
);

/** Why nothing may be called so: no expression could read it, or it is always there. Undefined for a good name. */
export function variableNameFault(name: string): { readonly message: string; readonly hint: string } | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    const hint = /^[A-Za-z_][\w.-]*$/.test(name)
      ? `write \`${name.replaceAll(/[.-]/g, '_')}\``
      : 'use letters, digits and `_`, and do not begin with a digit';
    return { message: `\`${name}\` cannot be the name of a variable`, hint };
  }
  if (reservedWords.has(name)) {
    return {
      message: `\`${name}\` is a word of JavaScript and cannot be the name of a variable`,
      hint: `write \`${name}_\` or another name`,
    };
  }
  if ((builtinNames as readonly string[]).includes(name)) {
    return { message: `\`${name}\` is always there and cannot be set`, hint: 'choose another name' };
  }
  return undefined;
}
