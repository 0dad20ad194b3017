/** A shell pattern for a whole name (`*`, `?`, `[…]`) as a regular expression; a bracket that is not closed stands for itself. */
export function globExpression(pattern: string): RegExp {
  const source = pattern.replace(/\*|\?|\[([!^]?)(\]?[^\]]*)\]|[^*?]/g, (piece: string, not?: string, set?: string) => {
    if (piece === '*') return '[^]*';
    if (piece === '?') return '[^]';
    if (set !== undefined && set !== '') return `[${not === '' ? '' : '^'}${set.replace(/[\\\]^]/g, '\\$&')}]`;
    return piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${source}$`);
}
