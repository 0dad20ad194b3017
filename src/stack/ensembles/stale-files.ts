/**
 * What to do about files that say an older version than runs: most often an upgrade has been made, and nobody told them.
 * The end of a hint, or all of it.
 */
export function staleFilesHint(options: {
  readonly variable: string;
  readonly files: string;
  readonly running: string;
}): string {
  const { variable, files, running } = options;
  return `the files say ${files}, ${running} runs: write \`${variable}: ${running}\` there`;
}
