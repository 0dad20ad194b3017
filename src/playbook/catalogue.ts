import type { Diagnostic, Diagnostics } from '../core/diagnostic.js';
import type { checkData } from '../syntax/schema.js';

/** What loading a playbook needs to know of a module; the module definitions of the index have this shape. */
export interface ModuleShape {
  readonly name: string;
  readonly params: Parameters<typeof checkData>[0]['schema'];
  readonly freeForm?: string;
  readonly expressions?: readonly string[];
  readonly verbatim?: readonly string[];
  /** Whether `async` makes its command a job: one that may be left alone (`poll: 0`), or one that is waited for. */
  readonly background?: 'alone' | 'awaited';
  /** Why it cannot be used: the file it is in is wrong. */
  readonly problem?: Diagnostic;
}

/** The index of modules, passed in: this room knows no module. */
export interface ModuleCatalogue {
  find(name: string): ModuleShape | undefined;
  names(): readonly string[];
  /** Adds the modules of a folder (`modules/` beside a playbook or in a role); nothing when there is none. */
  enter?(folder: string, diagnostics: Diagnostics): void;
}

const collections = [
  'ansible.builtin.',
  'ansible.legacy.',
  'ansible.posix.',
  'community.docker.',
  'community.general.',
];

/** A key without the collection Ansible puts before its modules' names (`ansible.builtin.copy` is `copy`). */
export function plainModuleName(key: string): string {
  const collection = collections.find((prefix) => key.startsWith(prefix));
  return collection === undefined ? key : key.slice(collection.length);
}
