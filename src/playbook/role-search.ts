import { basename, dirname, join, normalize } from 'node:path';
import type { Span } from '../core/span.js';
import { didYouMean } from '../core/suggest.js';
import type { Loading } from './loading.js';
import type { RoleContext } from './types.js';

/**
 * The folder of a role: `roles/` beside the playbook, beside the playbook itself, beside the role that asks for it, then
 * the folders the caller gave (the working directory's `roles/`, the ones that come with the program). A name with a
 * slash is a path from the playbook's folder. A missing role is reported with every place looked at.
 */
export function findRole(
  name: string,
  options: { readonly span: Span; readonly parent?: RoleContext; readonly loading: Loading },
): { readonly name: string; readonly directory: string } | undefined {
  const { span, parent, loading } = options;
  const isPath = name.includes('/');
  const folders = roleFolders(loading, parent);
  const candidates = isPath
    ? [name.startsWith('/') ? normalize(name) : normalize(join(loading.playbookDirectory, name))]
    : [...new Set(folders.map((folder) => normalize(join(folder, name))))];
  const directory =
    name === '' ? undefined : candidates.find((candidate) => loading.files.kind(candidate) === 'directory');
  if (directory !== undefined) return { name: isPath ? basename(directory) : name, directory };
  const known = isPath ? [] : folders.flatMap((folder) => loading.files.list(folder));
  loading.diagnostics.error({
    code: 'missing-role',
    message: `there is no role \`${name}\``,
    span,
    hint: didYouMean(name, known) ?? `looked for ${candidates.join(', ')}`,
  });
  return undefined;
}

function roleFolders(loading: Loading, parent: RoleContext | undefined): readonly string[] {
  const beside = parent === undefined ? [] : [dirname(parent.role.directory)];
  return [join(loading.playbookDirectory, 'roles'), loading.playbookDirectory, ...beside, ...loading.roleFolders];
}

/** `<folder>/<name>.yaml` or `.yml`, the one that is there; both together are an error. */
export function findYaml(path: string, loading: Loading): string | undefined {
  const [first, second] = [`${path}.yaml`, `${path}.yml`].filter(
    (candidate) => loading.files.kind(candidate) !== undefined,
  );
  if (second === undefined || first === undefined) return first;
  const start = { line: 1, column: 1 };
  loading.diagnostics.error({
    code: 'two-files',
    message: `there is also ${first}: only one of the two can be meant`,
    span: { file: second, start, end: start },
    hint: 'remove one of them',
  });
  return first;
}
