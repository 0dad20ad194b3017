import { dirname, join } from 'node:path';
import { plainModuleName } from '../../playbook/catalogue.js';
import type { FileReader } from '../../syntax/files.js';
import { entryOf, type Located, type LocatedEntry } from '../../syntax/located.js';
import { readYaml } from './read-yaml.js';

/** Where files of tasks and roles are searched. */
export interface IncludeFolders {
  readonly tasks: readonly string[];
  readonly roles: readonly string[];
}

/**
 * Gathers what tasks leave behind (`register`, `set_fact`) in files whose names hold templates: every file the name fits
 * counts. It is read off the text, since which file it will be, and what it inherits, only the run knows.
 */
export class IncludedNames {
  readonly names = new Set<string>();
  /** A name could mean a file anywhere. */
  open = false;
  readonly #files: FileReader;
  readonly #read = new Set<string>();

  constructor(files: FileReader) {
    this.#files = files;
  }

  readTasks(name: string, folders: IncludeFolders): void {
    const paths = this.#thatFit(name, folders.tasks);
    if (paths === undefined) this.open = true;
    for (const path of paths ?? []) this.#readFile(path, folders);
  }

  readRole(name: string, folders: IncludeFolders): void {
    const roles = this.#thatFit(name, folders.roles);
    if (roles === undefined) this.open = true;
    for (const tasks of (roles ?? []).map((role) => join(role, 'tasks')))
      for (const file of this.#files.list(tasks)) this.#readFile(join(tasks, file), folders);
  }

  /** Paths in the first folder that has any the name fits, templates standing for anything; undefined when they could be elsewhere. */
  #thatFit(name: string, folders: readonly string[]): readonly string[] | undefined {
    const pieces = name.split(/<%[\s\S]*?%>/);
    const first = pieces[0] ?? '';
    const start = first.lastIndexOf('/') + 1;
    const below = first.slice(0, start);
    const own = [first.slice(start), ...pieces.slice(1)];
    if (own.some((piece) => piece.includes('/'))) return undefined;
    const fits = new RegExp(`^${own.map(escapeRegExp).join('.*')}$`);
    for (const folder of folders) {
      const place = (below.startsWith('/') ? below : join(folder, below)).replace(/(?<=.)\/$/, '');
      const found = this.#files.list(place).filter((file) => fits.test(file));
      if (found.length > 0) return found.map((file) => join(place, file));
    }
    return [];
  }

  #readFile(path: string, folders: IncludeFolders): void {
    if (this.#read.has(path) || this.#files.kind(path) === 'directory') return;
    this.#read.add(path);
    const tasks = readYaml(path, this.#files);
    if (tasks !== undefined) this.#gather(tasks, { ...folders, tasks: [dirname(path), ...folders.tasks] });
  }

  #gather(tasks: Located, folders: IncludeFolders): void {
    if (tasks.kind !== 'list') return;
    for (const task of tasks.items)
      if (task.kind === 'map') for (const entry of task.entries) this.#gatherKey(entry, folders);
  }

  #gatherKey({ key, value }: LocatedEntry, folders: IncludeFolders): void {
    switch (plainModuleName(key)) {
      case 'register':
        if (value.kind === 'scalar') this.names.add(String(value.value));
        break;
      case 'set_fact':
        if (value.kind === 'map') for (const fact of value.entries) this.names.add(fact.key);
        break;
      case 'include_vars':
        this.open = true;
        break;
      case 'include_tasks':
      case 'import_tasks':
        this.readTasks(nameIn(value, 'file'), folders);
        break;
      case 'include_role':
      case 'import_role':
        this.readRole(nameIn(value, 'name'), folders);
        break;
      case 'block':
      case 'rescue':
      case 'always':
        this.#gather(value, folders);
        break;
      default:
    }
  }
}

/** The name of what an include brings: its text, or the field of its map. */
function nameIn(value: Located, field: 'file' | 'name'): string {
  const name = value.kind === 'map' ? entryOf(value, field)?.value : value;
  return name?.kind === 'scalar' ? String(name.value) : '';
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
