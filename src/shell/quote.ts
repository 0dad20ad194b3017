const plainWord = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** A word that no shell can be given. Words come of data (what a host said, a variable): it fails the task, not the program. */
export class WordError extends RangeError {
  override readonly name = 'WordError';
}

/**
 * Quotes one word for a POSIX shell: the word arrives byte for byte as one argument. The only function that quotes.
 * Throws WordError for a word with a NUL character, which no argument can hold.
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw new WordError('a word of a command cannot hold a NUL character');
  if (plainWord.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
