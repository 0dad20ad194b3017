import { dirname, join, normalize } from 'node:path';
import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import type { FileReader } from '../syntax/files.js';
import type { LocatedEntry } from '../syntax/located.js';
import { parseYaml } from '../syntax/parse-yaml.js';
import type { Loading, Surroundings, TrailLink } from './loading.js';

/** Reads a YAML file; undefined when it is missing, unreadable (reported at `span`) or empty. */
export function readYamlFile(
  path: string,
  options: { readonly files: FileReader; readonly diagnostics: Diagnostics; readonly span?: Span },
): LocatedEntry['value'] | undefined {
  const { files, diagnostics, span } = options;
  let text: string | undefined;
  try {
    text = files.read(path);
  } catch (error) {
    diagnostics.error({
      code: 'unreadable-file',
      message: `${path} cannot be read: ${messageOf(error)}`,
      ...(span === undefined ? {} : { span }),
    });
    return undefined;
  }
  return text === undefined ? undefined : parseYaml({ text, file: path, diagnostics });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Finds a file of tasks: beside the file that names it, then in the role's `tasks` folder, then beside the playbook.
 * Reports a missing one with every place looked at.
 */
export function findTaskFile(
  name: string,
  options: { readonly span: Span; readonly surroundings: Surroundings; readonly loading: Loading },
): string | undefined {
  const { span, surroundings, loading } = options;
  const folders = [
    surroundings.directory,
    ...(surroundings.role === undefined ? [] : [join(surroundings.role.role.directory, 'tasks')]),
    loading.playbookDirectory,
  ];
  const candidates = [
    ...new Set(name.startsWith('/') ? [name] : folders.map((folder) => normalize(join(folder, name)))),
  ];
  const found = candidates.find(
    (candidate) => loading.files.kind(candidate) === 'file' || loading.files.kind(candidate) === 'executable',
  );
  if (found !== undefined) return found;
  loading.diagnostics.error({
    code: 'missing-file',
    message: `there is no file \`${name}\``,
    span,
    hint: `looked for ${candidates.join(', ')}`,
  });
  return undefined;
}

/** The surroundings of the steps of another file. */
export function surroundingsOfFile(
  path: string,
  options: { readonly surroundings: Surroundings; readonly id: string; readonly link: TrailLink },
): Surroundings {
  const { surroundings, id, link } = options;
  return { ...surroundings, idPrefix: `${id}>`, directory: dirname(path), trail: [...surroundings.trail, link] };
}

/** The chain from the first link with this path to the end, as `a → b → a`; undefined when the path is not in the trail. */
export function circleOf(
  trail: readonly TrailLink[],
  link: TrailLink,
): { readonly text: string; readonly links: readonly TrailLink[] } | undefined {
  const first = trail.findIndex((candidate) => candidate.path === link.path);
  if (first < 0) return undefined;
  const links = trail.slice(first);
  return { text: [...links, link].map((each) => each.name).join(' → '), links };
}
