/**
 * Why a host may not be called so, or undefined. Names become words of patterns and parts of file names, so that path
 * separators, blanks and the signs of patterns are refused.
 */
export function hostNameProblem(name: string): string | undefined {
  if (name === '') return 'a host name may not be empty';
  if (name.length > 255) return 'a host name may have 255 characters';
  if (/^[\p{L}\p{N}_:][\p{L}\p{N}_.:@%+-]*$/u.test(name)) return undefined;
  return 'a host name is made of letters, digits, `.`, `-`, `_`, `:`, `@` and begins with a letter or a digit';
}

/** Why a group may not be called so, or undefined. */
export function groupNameProblem(name: string): string | undefined {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name) && name.length <= 255) return undefined;
  return 'a group name is made of letters, digits, `_`, `-` and `.`';
}
