/** `value` when it is text (or a number, as written), else `fallback`. */
export function textOr(value: unknown, fallback: string): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : fallback;
}
