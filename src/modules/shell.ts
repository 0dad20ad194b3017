import { sh, type ShellText } from '../shell/text.js';
import { commandFields, compareGuards, guardResources, lookAtGuards, runCommand } from './support/command-line.js';
import { defineModule, params } from './support/define.js';
import { path, word } from './support/fields.js';

const usualShell = '/bin/sh';

/** Runs a line of shell as it is written. */
export const shell = defineModule({
  name: 'shell',
  summary: 'Runs a command through a shell of the host: variables, globs, pipes and redirections work.',
  params: params({
    cmd: word('The shell source to run.'),
    executable: path('The shell that runs it.').default(usualShell),
    ...commandFields,
  }),
  freeForm: 'cmd',
  background: 'alone',
  doneOnce: () => true,
  look: ({ params }) => lookAtGuards(params),
  restsOn: (params) => guardResources(params),
  compare: (found, context) => compareGuards(found, context),
  change: (host, { params }) => runCommand(host, { command: commandOf(params), shown: params.cmd, params }),
});

/**
 * The usual shell runs the text itself: as an argument of another one everybody on the host could read it in the process
 * list. With a stdin the command stands in a pipe, and needs a shell of its own for its `$$` to be its own.
 */
function commandOf(params: {
  readonly cmd: string;
  readonly executable: string;
  readonly stdin?: string | undefined;
}): ShellText {
  return params.executable === usualShell && params.stdin === undefined
    ? sh`eval ${params.cmd}`
    : sh`exec ${params.executable} -c ${params.cmd}`;
}
