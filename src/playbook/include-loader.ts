import { Diagnostics, InputError } from '../core/diagnostic.js';
import type { LocatedEntry } from '../syntax/located.js';
import { loadIncludedRole } from './include-role.js';
import { includedSurroundings, loadTaskFile } from './include-tasks.js';
import { bareSurroundings, type Loading, type Surroundings } from './loading.js';
import type {
  IncludedRole,
  IncludeRoleStep,
  IncludeTasksStep,
  Play,
  RoleContext,
  RoleFiles,
  Step,
  VariableBlock,
} from './types.js';
import { readVariablesFile } from './vars-files.js';

/**
 * Reads what only a run can name: files of tasks, roles and variables whose names hold templates. Every method throws
 * InputError with all mistakes of what it read: a definition that is wrong is never rescued.
 */
export class IncludeLoader {
  readonly #loading: Omit<Loading, 'diagnostics'>;

  constructor(loading: Omit<Loading, 'diagnostics'>) {
    this.#loading = loading;
  }

  /** The steps of a file of tasks whose name was rendered. */
  tasks(request: { readonly file: string; readonly step: IncludeTasksStep }): readonly Step[] {
    const { file, step } = request;
    return this.#reading((loading) => {
      const surroundings = includedSurroundings(step, around(step));
      const entry: LocatedEntry = { key: 'include_tasks', keySpan: step.span, value: step.file };
      return loadTaskFile({ name: file, entry, id: step.id, surroundings, loading });
    });
  }

  /** A role whose name was rendered. */
  role(request: {
    readonly name: string;
    readonly files: RoleFiles<string>;
    readonly step: IncludeRoleStep;
  }): IncludedRole {
    const { name, files, step } = request;
    const role = this.#reading((loading) =>
      loadIncludedRole(step, {
        name,
        surroundings: around(step),
        loading,
        files,
      }),
    );
    if (role === undefined)
      throw new InputError([
        { severity: 'error', code: 'missing-role', message: `the role \`${name}\` cannot be read`, span: step.span },
      ]);
    return role;
  }

  /** A file of `vars_files` whose name was rendered; it is searched beside the playbook. */
  variables(request: { readonly file: string; readonly play: Play }): VariableBlock {
    const { file, play } = request;
    return this.#reading((loading) => readVariablesFile(file, { span: play.span, from: play.span.file, loading }));
  }

  #reading<T>(read: (loading: Loading) => T): T {
    const diagnostics = new Diagnostics();
    const result = read({ ...this.#loading, diagnostics });
    if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
    return result;
  }
}

function around(step: { readonly directory: string; readonly role?: RoleContext }): Surroundings {
  return { ...bareSurroundings(step.directory), ...(step.role === undefined ? {} : { role: step.role }) };
}
