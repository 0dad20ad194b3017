import { dirname, join } from 'node:path';
import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf, isTemplate } from '../syntax/located.js';
import { checkText } from './check-text.js';
import { readEach, wrongType } from './fields.js';
import type { Loading } from './loading.js';
import { readYamlFile } from './task-file.js';
import type { Templated, VariableBlock } from './types.js';
import { readVariables } from './variables.js';

/** The entries of `vars_files`. Files whose names hold no template are read now, for their mistakes. */
export function readVarsFiles(map: LocatedMap, loading: Loading): readonly Templated[] {
  const entry = entryOf(map, 'vars_files');
  if (entry === undefined) return [];
  return readEach(entry)
    .filter((item) => {
      const { value } = item;
      if (value.kind !== 'scalar' || typeof value.value !== 'string') {
        wrongType(item, {
          expected: 'the name of a file or a list of names',
          diagnostics: loading.diagnostics,
          ...(value.kind === 'list'
            ? { hint: 'all of these files are read: name the one by a template, `vars/<%= facts.os.family %>.yaml`' }
            : {}),
        });
        return false;
      }
      if (!isTemplate(value)) readVariablesFile(value.value, { span: value.span, from: map.span.file, loading });
      return true;
    })
    .map((item) => item.value);
}

/** The variables of a file beside the playbook. A missing file is reported at `span`. */
export function readVariablesFile(
  file: string,
  options: { readonly span: Templated['span']; readonly from: string; readonly loading: Loading },
): VariableBlock {
  const { span, from, loading } = options;
  const { files, diagnostics } = loading;
  const path = file.startsWith('/') ? file : join(dirname(from), file);
  if (files.kind(path) === undefined) {
    diagnostics.error({
      code: 'missing-file',
      message: `there is no file of variables \`${file}\``,
      span,
      hint: `looked for ${path}`,
    });
  }
  const value = readYamlFile(path, { files, diagnostics, span });
  const entry: LocatedEntry | undefined = value === undefined ? undefined : { key: path, keySpan: value.span, value };
  if (value !== undefined) checkText(value, diagnostics);
  return readVariables(entry, { origin: path, diagnostics });
}
