import type { Promised, Resource } from './types.js';

/** Stands for anything at all: what comes of a command, a script or a package nobody can list beforehand. */
export const anything: Resource = '*';

/** The resource of a file, folder or link. */
export function pathResource(path: string): Resource {
  return `path:${trimSlashes(path)}`;
}

/** A folder and every folder above it: what `mkdir -p` makes. */
export function folderResources(path: string): readonly Resource[] {
  return [path, ...ancestorsOf(path)].map(pathResource);
}

/** A file with just this content, beside its \`pathResource\`: lets a later task tell what a preview would leave it with. */
export function contentResource(path: string, sha256: string): Resource {
  return `content:${sha256}:${trimSlashes(path)}`;
}

/** Everything below a folder (an unpacked archive, a checkout). */
export function treeResource(path: string): Resource {
  return `tree:${trimSlashes(path)}`;
}

/**
 * Collects what the tasks of one preview would have made on one host. In a run that changes things nothing is kept: there
 * a task with `check_mode: true` tells what it would do to the host as it is, and what it tells will never be made.
 */
export class Promises implements Promised {
  readonly #resources = new Set<Resource>();
  readonly #kept: boolean;

  constructor({ kept = true }: { readonly kept?: boolean } = {}) {
    this.#kept = kept;
  }

  add(resources: Iterable<Resource>): void {
    if (!this.#kept) return;
    for (const resource of resources) this.#resources.add(resource);
  }

  has(resource: Resource): boolean {
    return this.#resources.has(anything) || this.touches(resource);
  }

  touches(resource: Resource): boolean {
    if (this.#resources.has(resource)) return true;
    if (!resource.startsWith('path:')) return false;
    const path = resource.slice('path:'.length);
    return [path, ...ancestorsOf(path)].some((folder) => this.#resources.has(treeResource(folder)));
  }
}

function trimSlashes(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}

function ancestorsOf(path: string): readonly string[] {
  const parts = trimSlashes(path).split('/');
  const ancestors: string[] = [];
  for (let length = parts.length - 1; length > 0; length--) ancestors.push(parts.slice(0, length).join('/') || '/');
  return ancestors;
}
