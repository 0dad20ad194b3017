import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import type { Located } from '../syntax/located.js';
import { groupNameProblem, hostNameProblem } from './names.js';
import { expandRanges } from './ranges.js';
import type { VariableLayer } from './types.js';

export interface DraftGroup {
  readonly name: string;
  /** Where it is defined; undefined while it is only mentioned as somebody's child. */
  span?: Span;
  readonly hosts: Set<string>;
  /** Names of child groups with the place that says so. */
  readonly children: Map<string, Span>;
  readonly layers: VariableLayer[];
}

export interface DraftHost {
  readonly name: string;
  readonly span: Span;
  readonly layers: VariableLayer[];
}

/** An inventory while its sources are read: what has been said so far, not yet checked as a whole. */
export class InventoryDraft {
  /** In the order of the files. */
  readonly hosts = new Map<string, DraftHost>();
  readonly groups = new Map<string, DraftGroup>();
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** The group, made when it is new; undefined (with a mistake) for a name that cannot be one. */
  group(name: string, span: Span): DraftGroup | undefined {
    const group = this.#groupNamed(name, span);
    if (group !== undefined) group.span ??= span;
    return group;
  }

  /** Makes `all` and `ungrouped`, which are there without being written, so that they can have variables of their own. */
  implicitGroups(): void {
    for (const name of ['all', 'ungrouped']) {
      if (!this.groups.has(name)) this.groups.set(name, { name, hosts: new Set(), children: new Map(), layers: [] });
    }
  }

  addChild(parent: DraftGroup, child: string, span: Span): void {
    if (this.#groupNamed(child, span) !== undefined && !parent.children.has(child)) parent.children.set(child, span);
  }

  /** Adds the hosts a name or range stands for to a group, with their variables when there are any. */
  addHosts(options: {
    readonly group: DraftGroup;
    readonly name: string;
    readonly span: Span;
    readonly variables?: ReadonlyMap<string, Located>;
  }): void {
    const { group, span, variables } = options;
    const { name, port } = splitPort(options.name);
    const expansion = expandRanges(name);
    const problem = expansion.kind === 'problem' ? expansion.message : undefined;
    if (problem !== undefined) this.#diagnostics.error({ code: 'host-range', message: problem, span });
    for (const host of expansion.kind === 'names' ? expansion.names : []) {
      const draft = this.#host(host, span);
      if (draft === undefined) return;
      group.hosts.add(host);
      if (port !== undefined)
        draft.layers.push({ name: `host ${host}`, values: new Map([['ansible_port', portValue(port, span)]]) });
      if (variables !== undefined && variables.size > 0) draft.layers.push({ name: `host ${host}`, values: variables });
    }
  }

  #host(name: string, span: Span): DraftHost | undefined {
    const known = this.hosts.get(name);
    if (known !== undefined) return known;
    const problem = hostNameProblem(name);
    if (problem !== undefined) {
      this.#diagnostics.error({ code: 'host-name', message: problem, span });
      return undefined;
    }
    const host: DraftHost = { name, span, layers: [] };
    this.hosts.set(name, host);
    return host;
  }

  #groupNamed(name: string, span: Span): DraftGroup | undefined {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const problem = groupNameProblem(name);
    if (problem !== undefined) {
      this.#diagnostics.error({ code: 'group-name', message: problem, span });
      return undefined;
    }
    const group: DraftGroup = { name, hosts: new Set(), children: new Map(), layers: [] };
    this.groups.set(name, group);
    return group;
  }
}

/** `name:2222` gives the port too; an IPv6 address keeps its colons. */
function splitPort(text: string): { readonly name: string; readonly port?: number } {
  const match = /^([^:]*(?:\[[^\]]*\][^:]*)*):(\d{1,5})$/.exec(text);
  return match === null ? { name: text } : { name: match[1] ?? '', port: Number(match[2]) };
}

function portValue(port: number, span: Span): Located {
  return { kind: 'scalar', value: port, source: String(port), quoted: false, span };
}
