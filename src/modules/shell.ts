import { sh } from '../shell/text.js';
import { commandFields, compareGuards, guardResources, lookAtGuards, runCommand } from './support/command-line.js';
import { defineModule, params } from './support/define.js';
import { path, word } from './support/fields.js';

/** Runs a line of shell as it is written. */
export const shell = defineModule({
  name: 'shell',
  summary: 'Runs a command through a shell of the host: variables, globs, pipes and redirections work.',
  params: params({
    cmd: word('The shell source to run.'),
    executable: path('The shell that runs it.').default('/bin/sh'),
    ...commandFields,
  }),
  freeForm: 'cmd',
  look: ({ params }) => lookAtGuards(params),
  restsOn: (params) => guardResources(params),
  compare: (found, context) => compareGuards(found, context),
  change: (host, { params }) =>
    runCommand(host, { command: sh`exec ${params.executable} -c ${params.cmd}`, shown: params.cmd, params }),
});
