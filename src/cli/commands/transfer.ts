import { resolve } from 'node:path';
import { InputError } from '../../core/diagnostic.js';
import { loadPlan } from '../load-plan.js';
import { nodeFiles } from '../node-files.js';
import type { PlayOptions } from '../options.js';
import { connectionsOf, exitCodeOfRun, performRun } from '../perform-run.js';
import { askPasswords } from '../prompt.js';

/** What `runner copy` and `runner fetch` take. */
export interface TransferOptions extends PlayOptions {
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly backup?: boolean;
  readonly flat?: boolean;
}

/** `runner copy PATTERN SRC DEST`: the module `copy` as a run of its own, with its lock, its report and its preview. */
export function copy(request: {
  readonly pattern: string;
  readonly source: string;
  readonly destination: string;
  readonly options: TransferOptions;
}): Promise<number> {
  const { pattern, source, destination, options } = request;
  const { mode, owner, group, backup } = options;
  const src = absolute(source);
  if (nodeFiles().kind(src) === undefined)
    throw mistake({ code: 'no-source', message: `there is no file or folder ${src} here` });
  return runTask({ pattern, options, module: 'copy', params: { src, dest: destination, mode, owner, group, backup } });
}

/** `runner fetch PATTERN SRC DEST`: a file of every host goes to DEST/HOST/SRC, or to DEST itself with `--flat`. */
export function fetch(request: {
  readonly pattern: string;
  readonly source: string;
  readonly destination: string;
  readonly options: TransferOptions;
}): Promise<number> {
  const { pattern, source, destination, options } = request;
  const params = { src: source, dest: absolute(destination), flat: options.flat };
  return runTask({ pattern, options, module: 'fetch', params });
}

/** From the working directory, where the user stands; a `/` at the end means something. */
function absolute(path: string): string {
  return `${resolve(path)}${path.endsWith('/') && path !== '/' ? '/' : ''}`;
}

function mistake(diagnostic: { readonly code: string; readonly message: string; readonly hint?: string }): InputError {
  return new InputError([{ severity: 'error', ...diagnostic }]);
}

/** Runs one module as a playbook that stands in no file. Throws InputError. */
async function runTask(request: {
  readonly pattern: string;
  readonly module: 'copy' | 'fetch';
  readonly params: Readonly<Record<string, string | boolean | undefined>>;
  readonly options: TransferOptions;
}): Promise<number> {
  const { pattern, module, params, options } = request;
  const preview = options.check === true;
  const name = `runner ${module}`;
  const play = { name, hosts: pattern, facts: false, tasks: [{ name, [module]: params }] };
  const text = JSON.stringify([play], (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('<%', '<%%') : value,
  );
  const files = nodeFiles();
  const loaded = loadPlan({
    playbooks: [name],
    options,
    files: {
      ...files,
      read: (path) => (path === name ? text : files.read(path)),
      kind: (path) => (path === name ? 'file' : files.kind(path)),
    },
  });
  const hosts = loaded.plan.plays.flatMap((each) => each.hosts).length;
  if (params['flat'] === true && hosts > 1)
    throw mistake({
      code: 'flat',
      message: `--flat puts the file of one host at ${String(params['dest'])}, and \`${pattern}\` are ${String(hosts)} hosts`,
      hint: 'without --flat each host has a folder of its own',
    });
  const passwords = await askPasswords(options, loaded.masker);
  const settings = connectionsOf(loaded, { options, password: passwords.login });
  const finished = await performRun({ loaded, settings, options, preview, becomePassword: passwords.become });
  return exitCodeOfRun(finished);
}
