import { sh, shellSource, type ShellText } from '../../shell/text.js';

/**
 * A path as a shell word: quoted byte for byte, but a leading `~` or `~user` is the home folder, as the user the task
 * runs as sees it.
 */
export function pathWord(path: string): ShellText {
  const [, user, rest] = /^~([A-Za-z0-9_.-]*)(\/[^]*)?$/.exec(path) ?? [];
  if (user === undefined) return sh`${guardDash(path)}`;
  const home = shellSource(user === '' ? '"${HOME:-/}"' : `~${user}`);
  return rest === undefined ? home : sh`${home}${rest}`;
}

/**
 * A glob pattern as a shell word: `*`, `?` and `[…]` stay live, everything else is quoted. Whether it matched is for the
 * script to find out (an unmatched pattern stays as it is).
 */
export function globWord(pattern: string): ShellText {
  const pieces: ShellText[] = [];
  let rest = guardDash(pattern);
  const home = /^~[A-Za-z0-9_.-]*(?=\/|$)/.exec(rest)?.[0];
  if (home !== undefined) {
    pieces.push(pathWord(home));
    rest = rest.slice(home.length);
  }
  for (const piece of rest.match(/[*?]|\[[!^]?[A-Za-z0-9._-]+\]|[^*?[]+|\[/g) ?? []) {
    const live = /^(?:[*?]|\[.+\])$/.test(piece);
    pieces.push(live ? shellSource(piece) : sh`${piece}`);
  }
  return pieces.reduce((left, right) => sh`${left}${right}`, shellSource(''));
}

/** A relative path that starts with a dash would be taken for a flag where a tool knows no `--`. */
function guardDash(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}
