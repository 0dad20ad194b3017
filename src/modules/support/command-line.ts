import { sh, type ShellText } from '../../shell/text.js';
import type { Value } from '../../template/value.js';
import type { Comparison, HostWriter, Look, ModuleContext, ModuleResult } from '../types.js';
import { failureOf, outputValues, outputWarnings } from './command-result.js';
import { flag, path, text } from './fields.js';
import { globWord, pathWord } from './path-word.js';
import { pathResource } from '../promises.js';
import { parseReport, tell } from './report.js';

/** Parameters that command, shell and script share. */
export const commandFields = {
  creates: path('A path or glob pattern on the host: when it exists, the command is not run.').optional(),
  removes: path('A path or glob pattern on the host: when it does not exist, the command is not run.').optional(),
  chdir: path('The folder to run in.').optional(),
  stdin: text('What the command reads on its standard input; without it, it reads nothing.').optional(),
  stdin_add_newline: flag('Ends `stdin` with a newline.').default(true),
};

/** When something is not to be done at all. */
export interface GuardFields {
  readonly creates?: string | undefined;
  readonly removes?: string | undefined;
}

export interface CommandFields extends GuardFields {
  readonly chdir?: string | undefined;
  readonly stdin?: string | undefined;
  readonly stdin_add_newline: boolean;
}

/** What the guards of a command found. */
export interface Guards {
  readonly creates: boolean;
  readonly removes: boolean;
  readonly folder: boolean;
}

const noGuards: Guards = { creates: false, removes: true, folder: true };

/** Looks whether `creates` and `removes` match something, from the folder the command would run in. */
export function lookAtGuards(params: GuardFields & { readonly chdir?: string | undefined }): Look<Guards> {
  const { creates, removes, chdir } = params;
  if (creates === undefined && removes === undefined && chdir === undefined)
    return { kind: 'nothing', found: noGuards };
  const pieces = [
    tell,
    sh`matches() { for one; do if [ -e "$one" ] || [ -L "$one" ]; then tell "$key"; return; fi; done; }`,
  ];
  if (chdir !== undefined) pieces.push(sh`cd ${pathWord(chdir)} 2>/dev/null || { tell lost; exit 0; }`);
  if (creates !== undefined) pieces.push(sh`key=creates; matches ${globWord(creates)}`);
  if (removes !== undefined) pieces.push(sh`key=removes; matches ${globWord(removes)}`);
  return {
    kind: 'script',
    script: sh`${pieces.reduce(
      (left, right) => sh`${left}
${right}`,
    )}
exit 0`,
    parse(reply) {
      const report = parseReport(reply);
      const told = (key: string): boolean => report.records(key).length > 0;
      return { creates: told('creates'), removes: removes === undefined || told('removes'), folder: !told('lost') };
    },
  };
}

/** Whether the guards let the command run. */
export function compareGuards(found: Guards, context: ModuleContext<CommandFields, unknown>): Comparison {
  const { chdir } = context.params;
  if (!found.folder && !context.promised?.has(pathResource(chdir ?? ''))) {
    return {
      kind: 'failed',
      message: `cannot change into the folder ${chdir}: there is none, or the user may not enter it`,
    };
  }
  const why = guardReason(found, context.params);
  if (why !== undefined) {
    const said = `skipped: ${why}`;
    return { kind: 'same', values: { rc: 0, stdout: said, stdout_lines: [said], stderr: '', stderr_lines: [] } };
  }
  return { kind: 'act', summary: 'runs a command' };
}

/** Which guard holds it back, in a few words. */
export function guardReason(found: Guards, { creates, removes }: GuardFields): string | undefined {
  if (found.creates) return `${creates} exists`;
  return found.removes ? undefined : `${removes} does not exist`;
}

/** What a preview cannot foresee of the guards: an earlier task may make the path they look for. */
export function guardResources(params: GuardFields): readonly string[] {
  return [params.creates, params.removes].flatMap((guard) => (guard === undefined ? [] : [pathResource(guard)]));
}

/** Runs a user's command on a channel of its own and turns its end into a result, with Ansible's names. */
export async function runCommand(
  host: HostWriter,
  options: { readonly command: ShellText; readonly shown: Value; readonly params: CommandFields },
): Promise<ModuleResult> {
  const { stdin, stdin_add_newline: newline, chdir } = options.params;
  const input = stdin === undefined ? undefined : Buffer.from(newline && !stdin.endsWith('\n') ? `${stdin}\n` : stdin);
  const enter =
    chdir === undefined
      ? sh``
      : sh`cd ${pathWord(chdir)} || exit
`;
  const start = new Date();
  const began = performance.now();
  const reply = await host.run(sh`${enter}${options.command}`, {
    ownChannel: true,
    ...(input === undefined ? {} : { stdin: input }),
  });
  const seconds = (performance.now() - began) / 1000;
  const failed = failureOf(reply, host);
  return {
    ...(failed === undefined ? {} : { failed }),
    values: {
      cmd: options.shown,
      ...outputValues(reply),
      start: start.toISOString(),
      end: new Date(start.getTime() + seconds * 1000).toISOString(),
      delta: Math.round(seconds * 1000) / 1000,
    },
    warnings: outputWarnings(reply),
  };
}
