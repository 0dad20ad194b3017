import { isAbsolute, join, normalize } from 'node:path';
import type { Span } from '../core/span.js';
import { didYouMean } from '../core/suggest.js';
import type { Loading } from './loading.js';
import { findYaml } from './role-search.js';
import type { RoleFiles } from './types.js';

/** The name of one of a role's files as it is written in an import or include. */
export interface FileName {
  readonly name: string;
  readonly span: Span;
}

const kinds = ['tasks', 'handlers', 'defaults', 'vars'] as const;

/** The names without their endings; undefined, and reported, when one would leave the role. */
export function plainNames(files: RoleFiles<FileName>, loading: Loading): RoleFiles<FileName> | undefined {
  const plain: { [Kind in (typeof kinds)[number]]?: FileName } = {};
  for (const kind of kinds) {
    const file = files[kind];
    if (file === undefined) continue;
    const name = normalize(file.name.replace(/\.ya?ml$/, ''));
    if (!isAbsolute(name) && !name.split('/').includes('..')) {
      plain[kind] = { name, span: file.span };
      continue;
    }
    loading.diagnostics.error({
      code: 'outside-role',
      message: `\`${file.name}\` leads out of the role`,
      span: file.span,
      hint: `name a file in the role's \`${kind}\` folder${kind === 'tasks' ? ', or use `include_tasks`' : ''}`,
    });
    return undefined;
  }
  return plain;
}

/** The path of a role's file: what `from` says, else `main`, which may be missing. A file that was asked for and is not there is reported. */
export function findRoleFile(
  role: { readonly name: string; readonly directory: string },
  options: {
    readonly kind: (typeof kinds)[number];
    readonly from: FileName | undefined;
    readonly loading: Loading;
  },
): string | undefined {
  const { kind, from, loading } = options;
  const folder = join(role.directory, kind);
  const path = findYaml(join(folder, from?.name ?? 'main'), loading);
  if (path !== undefined || from === undefined) return path;
  const known = loading.files.list(folder).map((file) => file.replace(/\.ya?ml$/, ''));
  loading.diagnostics.error({
    code: 'missing-file',
    message: `the role \`${role.name}\` has no ${kind} \`${from.name}\``,
    span: from.span,
    hint: didYouMean(from.name, known) ?? (known.length === 0 ? `it has no ${kind}` : `it has ${known.join(', ')}`),
  });
  return undefined;
}
