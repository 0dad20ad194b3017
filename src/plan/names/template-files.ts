import { isAbsolute, join } from 'node:path';
import type { ModuleStep, Templated } from '../../playbook/types.js';
import type { FileReader } from '../../syntax/files.js';
import { entryOf, isTemplate } from '../../syntax/located.js';
import { checkTemplateFile } from '../../template/file.js';
import type { TemplateCheck } from '../../template/text.js';

/** What a `template` task renders, when its `src` says so without a template. */
export type TemplateSource =
  | { readonly kind: 'checked'; readonly check: TemplateCheck }
  | { readonly kind: 'missing'; readonly src: Templated; readonly searched: readonly string[] };

/** Reads and checks the template file of a task; undefined when there is none to be read before the run. */
export function templateSource(
  step: ModuleStep,
  options: { readonly files: FileReader; readonly playbookDirectory: string },
): TemplateSource | undefined {
  const { files, playbookDirectory } = options;
  const src = step.module === 'template' ? entryOf(step.params, 'src')?.value : undefined;
  if (src?.kind !== 'scalar' || typeof src.value !== 'string' || isTemplate(src)) return undefined;
  const searched = candidatesOf(src.value, { step, playbookDirectory });
  const path = searched.find((candidate) => files.kind(candidate) === 'file' || files.kind(candidate) === 'executable');
  if (path === undefined) return { kind: 'missing', src, searched };
  const text = readText(path, files);
  return text === undefined ? undefined : { kind: 'checked', check: checkTemplateFile({ text, file: path }) };
}

/** The places a run looks at, in its order. */
function candidatesOf(
  src: string,
  options: { readonly step: ModuleStep; readonly playbookDirectory: string },
): readonly string[] {
  if (isAbsolute(src)) return [src];
  const { step, playbookDirectory } = options;
  const role = step.role?.role.directory;
  const roots = new Set([...(role === undefined ? [] : [role]), step.directory, playbookDirectory]);
  return [...roots].flatMap((root) => [join(root, 'templates', src), join(root, src)]);
}

/** Undefined for what the run will have to speak about: an encrypted file, bytes that are no text. */
function readText(path: string, files: FileReader): string | undefined {
  try {
    return files.read(path);
  } catch {
    return undefined;
  }
}
