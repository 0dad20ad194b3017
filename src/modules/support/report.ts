import { shellSource, type ShellText } from '../../shell/text.js';
import { placeInShell } from '../../shell/words-of-shell.js';
import { ModuleFailure, type LookReply } from '../types.js';

/**
 * How the looks of this room answer. `tell KEY VALUE…` prints a record: how many words it has and then the words, each
 * ended by NUL, so that no value, whatever a host puts in a name, can be taken for another record. `tell body` comes last
 * and is followed by raw bytes.
 */
export const tell: ShellText = shellSource(`LC_ALL=C; export LC_ALL
tell() { printf '%s\\0' "$#" "$@"; }`);

/** What a look told: every key with the words of each time it was told. */
export interface Report {
  /** The first word told under a key, undefined when it was not told. */
  word(key: string): string | undefined;
  /** The first word told under a key; a look that did not tell it has failed, with the host's own words. */
  need(key: string): string;
  /** Every record of a key, in order. */
  records(key: string): readonly (readonly string[])[];
  /** Everything after `tell body`, byte for byte. */
  readonly body: Buffer | undefined;
}

/** Parses what a look printed. Throws ModuleFailure with the host's words when the script itself failed. */
export function parseReport(reply: LookReply): Report {
  const lines = reply.stderr.toString('utf8').replaceAll(placeInShell, '').trim().split('\n');
  // A look may come by one obstacle twice.
  const words = [...new Set(lines)].join('\n');
  if (reply.code !== 0) throw new ModuleFailure(words === '' ? `the look ended with code ${reply.code}` : words);
  const { records, body } = readRecords(reply.stdout);
  return {
    word: (key) => records.get(key)?.[0]?.[0],
    need(key) {
      const value = records.get(key)?.[0]?.[0];
      if (value === undefined) throw new ModuleFailure(words === '' ? `the host did not tell its ${key}` : words);
      return value;
    },
    records: (key) => records.get(key) ?? [],
    body,
  };
}

interface Records {
  readonly records: ReadonlyMap<string, readonly (readonly string[])[]>;
  readonly body: Buffer | undefined;
}

function readRecords(bytes: Buffer): Records {
  const records = new Map<string, string[][]>();
  let offset = 0;
  const next = (): string => {
    const end = bytes.indexOf(0, offset);
    if (end === -1) throw new ModuleFailure("the host's answer to a look is cut short");
    const word = bytes.toString('utf8', offset, end);
    offset = end + 1;
    return word;
  };
  while (offset < bytes.length) {
    const count = next();
    if (!/^[1-9]\d*$/.test(count)) throw new ModuleFailure("the host's answer to a look is not in the expected form");
    const key = next();
    const values = Array.from({ length: Number(count) - 1 }, next);
    if (key === 'body') return { records, body: bytes.subarray(offset) };
    const told = records.get(key);
    if (told) told.push(values);
    else records.set(key, [values]);
  }
  return { records, body: undefined };
}
