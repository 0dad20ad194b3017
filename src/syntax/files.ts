/**
 * The files of the controller as the rooms without I/O see them: passed in by the cli, or made of plain objects in a test.
 * Paths are relative to the working directory or absolute; all methods are synchronous because loading is.
 */
export interface FileReader {
  /** The text of a file; undefined when there is none. Throws for a file that cannot be read or is not UTF-8. */
  read(path: string): string | undefined;
  kind(path: string): 'file' | 'directory' | 'executable' | undefined;
  /** Names in a directory, sorted; empty when there is none. */
  list(path: string): readonly string[];
  /** Runs an executable inventory with arguments and returns its standard output. Throws with its stderr on failure. */
  run(path: string, args: readonly string[]): string;
}
