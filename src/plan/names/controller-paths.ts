import { isAbsolute, join } from 'node:path';
import type { StepBase } from '../../playbook/types.js';

/** The places where a run looks for a file a task names, in its order: the role, beside the task's file, the playbook. */
export function candidatesOf(
  path: string,
  options: { readonly kind: 'templates' | 'vars'; readonly step: StepBase; readonly playbookDirectory: string },
): readonly string[] {
  if (isAbsolute(path)) return [path];
  const { kind, step, playbookDirectory } = options;
  const role = step.role?.role.directory;
  const roots = new Set([...(role === undefined ? [] : [role]), step.directory, playbookDirectory]);
  return [...roots].flatMap((root) => [join(root, kind, path), join(root, path)]);
}
