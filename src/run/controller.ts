import { isAbsolute, join, resolve } from 'node:path';
import { Diagnostics } from '../core/diagnostic.js';
import { type Controller, ModuleFailure } from '../modules/types.js';
import type { StepBase } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';
import { parseYaml } from '../syntax/parse-yaml.js';
import { renderTemplateFile } from '../template/file.js';
import type { PlacedText } from '../template/place.js';
import { extendScope, type Scope } from '../template/scope.js';
import type { VariableContent } from '../template/types.js';
import type { Unknown, Value } from '../template/value.js';
import { dataLayer } from './layers.js';

/** The controller's disk as a run sees it: passed in, so that tests run on plain objects. */
export interface ControllerFiles {
  /** Where the playbook stands: relative paths are searched there last but one. */
  readonly playbookDirectory: string;
  exists(path: string): Promise<boolean>;
  kind: Controller['kind'];
  readFile(path: string): Promise<Buffer>;
  decrypted: Controller['decrypted'];
  /** A small text at once, for templates that include others. */
  readTextNow(path: string): string | undefined;
  size: Controller['size'];
  fingerprint: Controller['fingerprint'];
  list: Controller['list'];
  tree: Controller['tree'];
}

/**
 * The controller for one task: paths are searched in the role, beside the task's file and in the playbook's folder, each
 * first in its `files` or `templates`; templates see the task's variables. `evaluate` reads facts where they are asked for.
 */
export function controllerOf(options: {
  readonly files: ControllerFiles;
  readonly step: StepBase;
  readonly scope: Scope;
  readonly evaluate: <T>(action: () => T) => Promise<T>;
}): Controller {
  const { files, step, scope, evaluate } = options;
  const roots = rootsOf(step, files.playbookDirectory);
  return {
    playbookDirectory: files.playbookDirectory,
    readFile: async (path) => files.readFile(path),
    decrypted: async (path) => files.decrypted(path),
    kind: async (path) => files.kind(path),
    size: async (path) => files.size(path),
    fingerprint: async (path) => files.fingerprint(path),
    list: async (path) => files.list(path),
    tree: async (path) => files.tree(path),
    find: async (path, kind) => {
      const candidates = candidatesOf({ path, kind, roots });
      for (const candidate of candidates) if (await files.exists(candidate)) return candidate;
      throw new ModuleFailure(`cannot find ${path} on the controller; searched: ${candidates.join(', ')}`);
    },
    render: async (path, extra = {}) => {
      const text = await textOf(files, path);
      return evaluate(() => render({ path, text, extra, scope, files, roots }));
    },
    variables: async (path) => {
      const content = variablesOf(path, await textOf(files, path));
      const own = extendScope(scope, [{ origin: path, variables: content }]);
      return evaluate(() => Object.fromEntries([...content.keys()].map((name) => [name, own.read(name)])));
    },
  };
}

/** The text of a file, decrypted when it is encrypted. */
async function textOf(files: ControllerFiles, path: string): Promise<string> {
  return ((await files.decrypted(path)) ?? (await files.readFile(path))).toString('utf8');
}

/** The variables a file writes down, templates unrendered. */
function variablesOf(file: string, text: string): ReadonlyMap<string, VariableContent> {
  const diagnostics = new Diagnostics();
  const located = parseYaml({ text, file, diagnostics });
  const mistake = diagnostics.all.find(({ severity }) => severity === 'error');
  if (mistake !== undefined) throw new EvaluationError(mistake);
  if (located === undefined || (located.kind === 'scalar' && located.value === null)) return new Map();
  if (located.kind !== 'map') throw new ModuleFailure(`${file} holds no map of variables`);
  return new Map(located.entries.map(({ key, value }) => [key, { kind: 'located', located: value }]));
}

function render(options: {
  readonly path: string;
  readonly text: string;
  readonly extra: Readonly<Record<string, Value>>;
  readonly scope: Scope;
  readonly files: ControllerFiles;
  readonly roots: readonly string[];
}): string | Unknown {
  const { path, text, extra, files, roots } = options;
  const scope = extendScope(options.scope, [dataLayer('the template module', extra)]);
  return renderTemplateFile({
    text,
    file: path,
    scope,
    include: (wanted, from) => includedTemplate({ wanted, from, files, roots }),
  });
}

/** A template included by another: beside it or in a `templates` folder, never outside the role and the playbook. */
function includedTemplate(options: {
  readonly wanted: string;
  readonly from: string;
  readonly files: ControllerFiles;
  readonly roots: readonly string[];
}): PlacedText {
  const { wanted, from, files, roots } = options;
  const allowed = roots.map((root) => resolve(root));
  for (const candidate of [join(from, '..', wanted), ...candidatesOf({ path: wanted, kind: 'templates', roots })]) {
    if (!allowed.some((root) => resolve(candidate).startsWith(`${root}/`))) continue;
    const text = files.readTextNow(candidate);
    if (text === undefined) continue;
    const start = { line: 1, column: 1 };
    return { text, span: { file: candidate, start, end: start } };
  }
  throw new EvaluationError({
    severity: 'error',
    code: 'include',
    message: `cannot find the template ${wanted} inside ${roots.join(' or ')}`,
  });
}

function rootsOf(step: StepBase, playbookDirectory: string): readonly string[] {
  const role = step.role?.role.directory;
  return [...new Set([...(role === undefined ? [] : [role]), step.directory, playbookDirectory])];
}

function candidatesOf(options: {
  readonly path: string;
  readonly kind: 'files' | 'templates' | 'vars';
  readonly roots: readonly string[];
}): readonly string[] {
  const { path, kind, roots } = options;
  if (isAbsolute(path)) return [path];
  return roots.flatMap((root) => [join(root, kind, path), join(root, path)]);
}
