import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import type { Change } from '../types.js';
import { ownershipChanges, type Ownership } from './ownership.js';
import { parseState } from './path-state.js';

/**
 * Looks at everything below `$p` without names: which differ is only counted, and the change goes by `-R` itself, so
 * that no file name of the host, however it is made, gets into a command. Comes last: it is the report's body.
 */
export const lookAtMembers: ShellText = shellSource(`if [ -d "$p" ] && [ ! -L "$p" ]; then
  tell body
  find "$p" -exec stat -c '%f %u %g %s %i %d %h %Y %X %Z %U %G %F' -- {} +
fi`);

/** One change that says how many members differ; undefined when none does. */
export function memberChange(body: Buffer | undefined, wanted: Ownership): Change | undefined {
  const lines = (body ?? Buffer.alloc(0)).toString('utf8').split('\n').filter((line) => line !== '');
  const differing = lines.filter((line) => ownershipChanges(parseState({ fields: line }), wanted).length > 0).length;
  if (differing === 0) return undefined;
  const after = [wanted.mode, [wanted.owner, wanted.group].filter((part) => part !== undefined).join(':')];
  return {
    part: 'recurse',
    before: `${differing} of ${lines.length} differ`,
    after: after.filter((part) => part !== undefined && part !== '').join(' '),
  };
}

/** The commands that give everything below a folder its mode and owner; links themselves, never what they point to. */
export function recurseSteps(path: string, wanted: Ownership): ShellText {
  const steps: ShellText[] = [];
  if (wanted.owner !== undefined) steps.push(sh`chown -hR -- ${wanted.owner} ${path}`);
  if (wanted.group !== undefined) steps.push(sh`chgrp -hR -- ${wanted.group} ${path}`);
  if (wanted.mode !== undefined) steps.push(sh`chmod -R -- ${wanted.mode} ${path}`);
  return joinShell(steps, ' && ');
}
