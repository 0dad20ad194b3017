import { join } from 'node:path';
import { Diagnostics, InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { didYouMean } from '../../core/suggest.js';
import { moduleDocs, moduleSchema } from '../../modules/docs.js';
import type { AnyModule } from '../../modules/types.js';
import { plainModuleName } from '../../playbook/catalogue.js';
import { moduleDocsLines, moduleListLines } from '../../report/module-lines.js';
import { nodeFiles } from '../node-files.js';
import { type Modules, openModules } from '../own-modules.js';
import { colorsFor, printLine, standardOutput } from '../terminal.js';

/**
 * `runner modules [NAME]`: what modules there are; of one its documentation, made from the
 * schema that checks its parameters; with `--schema` the JSON schema itself, for editors. The project's own are among
 * them: those in `modules/` and of `roles/`, here and in `playbooks/`. The list only names their files: a folder of that
 * name may hold anything, and to tell more of a file is to run it. Throws InputError.
 */
export function modules(name: string | undefined, request: { readonly schema?: boolean } = {}): number {
  const known = modulesHere();
  if (request.schema === true) {
    const names = name === undefined ? known.names().filter((each) => !known.own.has(each)) : [name];
    const schemas = Object.fromEntries(names.map((each) => [each, moduleSchema(needModule(each, known))]));
    printLine(JSON.stringify(name === undefined ? schemas : schemas[name], undefined, 2));
    return exitCode.done;
  }
  const options = { columns: standardOutput.columns ?? 80, colors: colorsFor({}) };
  const lines =
    name === undefined
      ? moduleListLines(
          known
            .names()
            .map((each) => ({ name: each, summary: known.own.get(each) ?? needModule(each, known).summary })),
          options,
        )
      : moduleDocsLines(moduleDocs(needModule(name, known)), options);
  for (const line of lines) printLine(line);
  return exitCode.done;
}

/** Those of the program, and of the project that the working directory holds. */
function modulesHere(): Modules {
  const files = nodeFiles();
  const known = openModules(files);
  // What of a name is taken is told where a playbook is read: this folder need not be a project at all.
  const diagnostics = new Diagnostics();
  const roles = ['roles', 'playbooks/roles'].flatMap((folder) => files.list(folder).map((role) => join(folder, role)));
  for (const folder of ['.', 'playbooks', ...roles]) known.enter(join(folder, 'modules'), diagnostics);
  return known;
}

function needModule(name: string, known: Modules): AnyModule {
  const found = known.find(plainModuleName(name));
  if (found?.problem) throw new InputError([found.problem]);
  if (found !== undefined) return found;
  const hint = didYouMean(plainModuleName(name), known.names()) ?? '`runner modules` lists them';
  throw new InputError([
    { severity: 'error', code: 'unknown-module', message: `there is no module \`${name}\``, hint },
  ]);
}
