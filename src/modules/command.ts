import { sh } from '../shell/text.js';
import { commandFields, compareGuards, guardResources, lookAtGuards, runCommand } from './support/command-line.js';
import { defineModule, params } from './support/define.js';
import { alias, text, texts } from './support/fields.js';
import { splitWords } from './support/split-words.js';

/** Runs a program without a shell: nothing in its words is expanded. */
export const command = defineModule({
  name: 'command',
  summary: 'Runs a program with its arguments, without a shell: no variables, globs, pipes or redirections.',
  params: params(
    {
      cmd: alias(
        text(
          'The program and its arguments, split at spaces as a shell does (quotes hold), nothing expanded.',
        ).optional(),
        'command',
      ),
      argv: texts('The program and its arguments as a list, taken as they are.').optional(),
      ...commandFields,
    },
    (value) => {
      if ((value.cmd === undefined) === (value.argv === undefined)) return 'give either `cmd` or `argv`';
      if (value.cmd !== undefined && /^\s*$/.test(value.cmd)) return '`cmd` is empty: there is no command';
      return value.argv?.length === 0 ? '`argv` is empty: it needs at least the program' : undefined;
    },
  ),
  freeForm: 'cmd',
  background: 'alone',
  doneOnce: () => true,
  look: ({ params }) => lookAtGuards(params),
  restsOn: (params) => guardResources(params),
  compare: (found, context) => compareGuards(found, context),
  change(host, { params }) {
    const words = params.argv ?? splitWords(params.cmd ?? '');
    return runCommand(host, { command: sh`exec ${words}`, shown: [...words], params });
  },
});
