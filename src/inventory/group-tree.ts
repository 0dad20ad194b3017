import type { Diagnostics } from '../core/diagnostic.js';
import type { DraftGroup } from './draft.js';
import { priorityOf } from './group-priority.js';

/** Which group is inside which. A cycle is reported and cut, so that every walk ends. */
export class GroupTree {
  readonly #children = new Map<string, string[]>();
  readonly #parents = new Map<string, string[]>();
  readonly #depths = new Map<string, number>();
  readonly #priorities = new Map<string, number>();

  constructor(groups: ReadonlyMap<string, DraftGroup>, diagnostics: Diagnostics) {
    for (const name of ['all', 'ungrouped', ...groups.keys()]) {
      if (!this.#children.has(name)) this.#children.set(name, []);
      if (!this.#parents.has(name)) this.#parents.set(name, []);
    }
    for (const group of groups.values()) {
      this.#priorities.set(group.name, priorityOf(group.layers, diagnostics));
      for (const [child, span] of group.children) {
        const path = child === 'all' ? ['all'] : this.#path(child, group.name);
        if (path === undefined) {
          this.#link(group.name, child);
          continue;
        }
        const circle = [group.name, ...path].map((name) => `\`${name}\``).join(' → ');
        diagnostics.error({
          code: 'group-cycle',
          message:
            child === 'all'
              ? '`all` holds every group: it may not be a child'
              : `the group \`${group.name}\` is inside itself: ${circle}`,
          span,
        });
      }
    }
    // Whatever has no parent hangs below `all`.
    for (const [name, parents] of this.#parents) if (parents.length === 0 && name !== 'all') this.#link('all', name);
  }

  children(name: string): readonly string[] {
    return this.#children.get(name) ?? [];
  }

  parents(name: string): readonly string[] {
    return this.#parents.get(name) ?? [];
  }

  /** The group itself and every group below it, each once. */
  withBelow(name: string): readonly string[] {
    const found = new Set([name]);
    for (const group of found) for (const child of this.children(group)) found.add(child);
    return [...found];
  }

  /** Lowest precedence first: by distance from `all` (the longest way), then by priority, then by name. */
  byPrecedence(names: readonly string[]): readonly string[] {
    const priority = (name: string): number => this.#priorities.get(name) ?? 1;
    return [...names].sort(
      (left, right) =>
        this.#depth(left) - this.#depth(right) ||
        priority(left) - priority(right) ||
        (left < right ? -1 : left > right ? 1 : 0),
    );
  }

  #depth(name: string): number {
    const known = this.#depths.get(name);
    if (known !== undefined) return known;
    const depth = this.parents(name).reduce((most, parent) => Math.max(most, this.#depth(parent) + 1), 0);
    this.#depths.set(name, depth);
    return depth;
  }

  #link(parent: string, child: string): void {
    if (this.#children.get(parent)?.includes(child) === true) return;
    this.#children.get(parent)?.push(child);
    this.#parents.get(child)?.push(parent);
  }

  /** The way down from one group to another, both ends included, or undefined. */
  #path(from: string, to: string): readonly string[] | undefined {
    if (!this.withBelow(from).includes(to)) return undefined;
    const path = [from];
    for (let here = from; here !== to;) {
      const next = this.children(here).find((child) => this.withBelow(child).includes(to));
      if (next === undefined) return undefined;
      path.push(next);
      here = next;
    }
    return path;
  }
}
