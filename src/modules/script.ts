import type { z } from 'zod';
import { sh } from '../shell/text.js';
import {
  commandFields,
  compareGuards,
  guardResources,
  lookAtGuards,
  runCommand,
  type Guards,
} from './support/command-line.js';
import { decodeOutput, succeeded } from './support/command-result.js';
import { decryptField, plainBytes } from './support/decrypt.js';
import { defineModule, params } from './support/define.js';
import { text } from './support/fields.js';
import { splitWords } from './support/split-words.js';
import { ModuleFailure } from './types.js';

const scriptParams = params({
  cmd: text("The script of the controller (searched in the role's files/ and beside the playbook), and its arguments."),
  executable: text('The program that runs it; without it, what its first line says, or /bin/sh.').optional(),
  decrypt: decryptField,
  ...commandFields,
});

interface Prepared {
  readonly bytes: Buffer;
  readonly name: string;
  readonly words: readonly string[];
}

/** Runs a script of the controller on the host. */
export const script = defineModule<z.output<typeof scriptParams>, Prepared, Guards>({
  name: 'script',
  summary: 'Copies a script of the controller to the host, runs it there and removes it.',
  params: scriptParams,
  freeForm: 'cmd',
  background: 'awaited',
  async prepare(controller, params) {
    const [name, ...words] = splitWords(params.cmd);
    if (name === undefined) throw new ModuleFailure('`cmd` names no script');
    const path = await controller.find(name, 'files');
    const plain = await plainBytes(controller, { path, decrypt: params.decrypt });
    return { bytes: plain ?? (await controller.readFile(path)), name, words };
  },
  doneOnce: () => true,
  look: ({ params }) => lookAtGuards(params),
  restsOn: (params) => guardResources(params),
  compare: (found, context) => compareGuards(found, context),
  async change(host, { params, prepared }) {
    // A folder of its own under a name nobody can guess, made for this user only; works where /tmp cannot execute.
    const made = await host.run(sh`umask 077; mktemp -d "\${TMPDIR:-/tmp}/runner.XXXXXXXXXX"`);
    const folder = decodeOutput(succeeded(made, { host, doing: 'cannot make a temporary folder' })).text;
    const file = `${folder}/script`;
    try {
      await host.writeFile({ path: file, source: { kind: 'bytes', bytes: prepared.bytes }, mode: '0700' });
      const program = params.executable === undefined ? interpreterOf(prepared.bytes) : splitWords(params.executable);
      return await runCommand(host, {
        command: sh`exec ${[...program, file, ...prepared.words]}`,
        shown: [prepared.name, ...prepared.words],
        params,
      });
    } finally {
      await host.run(sh`rm -rf -- ${folder}`);
    }
  },
});

/** The words of a script's `#!` line, so that it runs even from a file system without execution. */
export function interpreterOf(bytes: Buffer): readonly string[] {
  const first = bytes.toString('utf8', 0, 256).split('\n')[0] ?? '';
  const [, program, argument] = /^#!\s*(\S+)(?:\s+(.*\S))?\s*$/.exec(first) ?? [];
  if (program === undefined) return ['/bin/sh'];
  return argument === undefined ? [program] : [program, argument];
}
