import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import type { Change } from '../types.js';
import { formatMode } from './mode.js';
import { ownershipChanges, wantedMode, type Ownership } from './ownership.js';
import { parseState, type PathState } from './path-state.js';

/**
 * Looks at everything below `$p` without names: which differ is only counted, and the change goes by the kind and mode
 * of what it finds, so that no file name of the host, however it is made, gets into a command. Comes last: it is the report's body.
 */
export const lookAtMembers: ShellText = shellSource(`if [ -d "$p" ] && [ ! -L "$p" ]; then
  tell body
  find "$p" -exec stat -c '%f %u %g %s %i %d %h %Y %X %Z %U %G %F' -- {} +
fi`);

/** One change that says how many members differ; undefined when none does. */
export function memberChange(members: readonly PathState[], wanted: Ownership): Change | undefined {
  const differing = members.filter((member) => ownershipChanges(member, wanted).length > 0).length;
  if (differing === 0) return undefined;
  const after = [wanted.mode, [wanted.owner, wanted.group].filter((part) => part !== undefined).join(':')];
  return {
    part: 'recurse',
    before: `${differing} of ${members.length} differ`,
    after: after.filter((part) => part !== undefined && part !== '').join(' '),
  };
}

/** The states of a listing by `lookAtMembers`. */
export function parseMembers(body: Buffer | undefined): readonly PathState[] {
  const lines = (body ?? Buffer.alloc(0)).toString('utf8').split('\n');
  return lines.flatMap((fields) => (fields === '' ? [] : (parseState({ fields }) ?? [])));
}

/**
 * The commands that give everything below a folder its mode and owner; links themselves, never what they point to. The
 * mode goes by "all folders with 0700 to 0755" for each mode that was seen, because busybox's `chmod u=rwX` means
 * something else than the coreutils' (it forgets the old x before it looks for one).
 */
export function recurseSteps(
  path: string,
  options: { readonly wanted: Ownership; readonly members: readonly PathState[] },
): ShellText {
  const { wanted, members } = options;
  const steps: ShellText[] = [];
  if (wanted.owner !== undefined) steps.push(sh`chown -hR -- ${wanted.owner} ${path}`);
  if (wanted.group !== undefined) steps.push(sh`chgrp -hR -- ${wanted.group} ${path}`);
  for (const [type, kinds] of [
    ['-type d', ['directory']],
    ['! -type d ! -type l', ['file', 'other']],
  ] as const) {
    const seen = members.filter(({ kind }) => kinds.some((one) => one === kind));
    for (const [before, after] of modeSteps(seen, wanted.mode)) {
      steps.push(sh`find ${path} -depth ${shellSource(type)} -perm ${before} -exec chmod -- ${after} {} +`);
    }
  }
  return joinShell(steps, ' && ');
}

function modeSteps(members: readonly PathState[], mode: string | undefined): ReadonlyMap<string, string> {
  const steps = new Map<string, string>();
  if (mode === undefined) return steps;
  for (const member of members) {
    const [before, after] = [formatMode(member.mode), wantedMode(mode, member)];
    if (before !== after) steps.set(before, after);
  }
  return steps;
}
