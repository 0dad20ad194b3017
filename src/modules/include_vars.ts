import { variableNameFault } from '../syntax/variable-name.js';
import type { Value } from '../template/value.js';
import { defineModule, noChange, params } from './support/define.js';
import { flag, integer, path, words } from './support/fields.js';
import { compilePattern, pattern } from './support/regular-expression.js';
import { ModuleFailure, type Controller } from './types.js';

const includeParams = params(
  {
    file: path(
      "A file of the controller; searched in the role's `vars`, beside the task and beside the playbook.",
    ).optional(),
    dir: path('A folder of the controller: all its files, in the order of their names; a later file wins.').optional(),
    name: path('Puts the variables into one map of this name.').optional(),
    depth: integer('For `dir`: how many folders deep; 0 is all.').default(0),
    files_matching: pattern('For `dir`: only files whose name matches the regular expression.').optional(),
    ignore_files: words('For `dir`: names of files that are left out; regular expressions.').default([]),
    extensions: words('For `dir`: which files hold variables.').default(['yaml', 'yml', 'json']),
    ignore_unknown_extensions: flag('For `dir`: leaves out other files instead of failing.').default(false),
  },
  ({ file, dir }) => ((file === undefined) === (dir === undefined) ? 'give either `file` or `dir`' : undefined),
);

interface IncludeParams {
  readonly file?: string | undefined;
  readonly dir?: string | undefined;
  readonly name?: string | undefined;
  readonly depth: number;
  readonly files_matching?: string | undefined;
  readonly ignore_files: readonly string[];
  readonly extensions: readonly string[];
  readonly ignore_unknown_extensions: boolean;
}

interface Prepared {
  readonly facts: Readonly<Record<string, Value>>;
  readonly files: readonly string[];
}

/** Variables out of files of the controller. Their templates are rendered now, with what the task sees. */
export const includeVars = defineModule<IncludeParams, Prepared, undefined>({
  name: 'include_vars',
  summary: 'Reads variables of this host from a file or a folder of the controller, when the task runs.',
  params: includeParams,
  freeForm: 'file',
  controllerOnly: true,
  async prepare(controller, params) {
    const files = await filesOf(controller, params);
    const variables: Record<string, Value> = {};
    for (const file of files) Object.assign(variables, await controller.variables(file));
    const facts = params.name === undefined ? variables : { [params.name]: variables };
    for (const name of Object.keys(facts)) {
      const fault = variableNameFault(name);
      if (fault !== undefined) throw new ModuleFailure(`${fault.message} (${files.join(', ')}): ${fault.hint}`);
    }
    return { facts, files };
  },
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { prepared: { facts, files } }) => ({
    kind: 'same',
    facts,
    values: { facts, included_files: files, ansible_included_var_files: files },
  }),
  change: noChange,
});

async function filesOf(controller: Controller, params: IncludeParams): Promise<readonly string[]> {
  if (params.dir === undefined) return [await controller.find(params.file ?? '', 'vars')];
  const root = (await controller.find(params.dir, 'vars')).replace(/\/+$/, '');
  if ((await controller.kind(root)) !== 'directory') throw new ModuleFailure(`${root} is no folder`);
  const { files_matching: matching, ignore_files: ignored, depth } = params;
  const found = (await controller.list(root)).filter(({ kind, path: file }) => {
    const name = file.split('/').at(-1) ?? file;
    if (kind === 'directory' || (depth > 0 && file.split('/').length > depth)) return false;
    if (matching !== undefined && !compilePattern(matching).test(name)) return false;
    return !ignored.some((source) => compilePattern(source).test(name));
  });
  const known = found.filter(({ path: file }) => params.extensions.some((end) => file.endsWith(`.${end}`)));
  const other = found.find((file) => !known.includes(file));
  if (other !== undefined && !params.ignore_unknown_extensions)
    throw new ModuleFailure(`${root}/${other.path} has none of the extensions ${params.extensions.join(', ')}`);
  return known.map(({ path: file }) => `${root}/${file}`).sort();
}
