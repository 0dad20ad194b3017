import { dirname, join } from 'node:path';
import type { ModuleStep, Templated } from '../../playbook/types.js';
import type { FileReader } from '../../syntax/files.js';
import { entryOf, isTemplate } from '../../syntax/located.js';
import { checkTemplateFile, jinjaDiagnostic, jinjaFile } from '../../template/file.js';
import { jinjaIn } from '../../syntax/jinja.js';
import type { Diagnostic } from '../../core/diagnostic.js';
import { candidatesOf } from './controller-paths.js';
import { type NameRead, readsOf } from './read.js';

/** What a `template` task renders, when its `src` says so without a template. */
export type TemplateSource =
  | {
      readonly kind: 'checked';
      readonly diagnostics: readonly Diagnostic[];
      readonly reads: readonly NameRead[];
      /** Warnings about what reads as Jinja, by the name it begins with: for who knows which names are variables. */
      readonly braces: readonly { readonly name: string | undefined; readonly diagnostic: Diagnostic }[];
    }
  | { readonly kind: 'missing'; readonly src: Templated; readonly searched: readonly string[] };

interface Search {
  readonly step: ModuleStep;
  readonly files: FileReader;
  readonly playbookDirectory: string;
}

/** Reads and checks the template file of a task and those it includes; undefined when none can be read before the run. */
export function templateSource(step: ModuleStep, options: Omit<Search, 'step'>): TemplateSource | undefined {
  const src = step.module === 'template' ? entryOf(step.params, 'src')?.value : undefined;
  if (src?.kind !== 'scalar' || typeof src.value !== 'string' || isTemplate(src)) return undefined;
  const search = { ...options, step };
  const searched = candidatesOf(src.value, { ...search, kind: 'templates' });
  const path = firstFile(searched, search.files);
  if (path === undefined) return { kind: 'missing', src, searched };
  const read = new Set<string>();
  const checks = checkedFiles(path, { search, read, given: false });
  return {
    kind: 'checked',
    diagnostics: checks.flatMap((check) => check.diagnostics),
    reads: checks.flatMap((check) => check.reads),
    braces: checks.flatMap((check) => check.braces),
  };
}

type Checked = Omit<Extract<TemplateSource, { kind: 'checked' }>, 'kind'>;

/** A template file and the files it includes by name. `given`: an include hands it names of its own, so none is judged. */
function checkedFiles(
  path: string,
  options: { readonly search: Search; readonly read: Set<string>; readonly given: boolean },
): readonly Checked[] {
  const { search, read, given } = options;
  const text = read.has(path) ? undefined : readText(path, search.files);
  read.add(path);
  if (text === undefined) return [];
  const { names, diagnostics } = checkTemplateFile({ text, file: path });
  const foreign = jinjaFile({ text, file: path });
  const own: Checked = {
    diagnostics: foreign === undefined ? diagnostics : [...diagnostics, foreign],
    reads: given ? [] : readsOf(names, text),
    braces: (foreign === undefined ? jinjaIn(text) : []).map((jinja) => ({
      name: jinja.name,
      diagnostic: jinjaDiagnostic(jinja, { text, file: path }),
    })),
  };
  const included = [...text.matchAll(/\binclude\(\s*(['"])([^'"]+)\1\s*(,?)/g)].flatMap(([, , name = '', comma]) => {
    const candidates = [
      join(dirname(path), name),
      ...candidatesOf(name, { step: search.step, playbookDirectory: search.playbookDirectory, kind: 'templates' }),
    ];
    const found = firstFile(candidates, search.files);
    return found === undefined ? [] : checkedFiles(found, { search, read, given: given || comma === ',' });
  });
  return [own, ...included];
}

function firstFile(candidates: readonly string[], files: FileReader): string | undefined {
  return candidates.find((candidate) => ['file', 'executable'].includes(files.kind(candidate) ?? ''));
}

/** Undefined for what the run will have to speak about: an encrypted file, bytes that are no text. */
function readText(path: string, files: FileReader): string | undefined {
  try {
    return files.read(path);
  } catch {
    return undefined;
  }
}
