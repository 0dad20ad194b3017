import { InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { didYouMean } from '../../core/suggest.js';
import { moduleDocs, moduleSchema } from '../../modules/docs.js';
import { findModule, moduleNames } from '../../modules/index.js';
import { plainModuleName } from '../../playbook/catalogue.js';
import { moduleDocsLines, moduleListLines } from '../../report/module-lines.js';
import { colorsFor, printLine, standardOutput } from '../terminal.js';

/**
 * `runner modules [NAME]`: what modules there are; of one its documentation, made from the
 * schema that checks its parameters; with `--schema` the JSON schema itself, for editors.
 */
export function modules(name: string | undefined, request: { readonly schema?: boolean } = {}): number {
  if (request.schema === true) {
    const names = name === undefined ? moduleNames() : [needModule(name).name];
    const schemas = Object.fromEntries(names.map((each) => [each, moduleSchema(needModule(each))]));
    printLine(JSON.stringify(name === undefined ? schemas : schemas[names[0] ?? ''], undefined, 2));
    return exitCode.done;
  }
  const options = { columns: standardOutput.columns ?? 80, colors: colorsFor({}) };
  const lines =
    name === undefined
      ? moduleListLines(
          moduleNames().flatMap((each) => findModule(each) ?? []),
          options,
        )
      : moduleDocsLines(moduleDocs(needModule(name)), options);
  for (const line of lines) printLine(line);
  return exitCode.done;
}

function needModule(name: string): NonNullable<ReturnType<typeof findModule>> {
  const found = findModule(plainModuleName(name));
  if (found !== undefined) return found;
  const hint = didYouMean(plainModuleName(name), moduleNames()) ?? '`runner modules` lists them';
  throw new InputError([
    { severity: 'error', code: 'unknown-module', message: `there is no module \`${name}\``, hint },
  ]);
}
