import type { ComponentName, Member, Row, ServiceName } from '../types.js';

/** What a verdict is computed from. */
export interface ClusterView {
  /** Everything the inventory wants. */
  readonly members: readonly Member[];
  /** What the hosts that were asked told. */
  readonly rows: readonly Row[];
}

export function rowsFor<Component extends ComponentName>(
  view: ClusterView,
  component: Component,
): readonly Extract<Row, { readonly component: Component }>[] {
  return view.rows.filter((row): row is Extract<Row, { readonly component: Component }> => row.component === component);
}

export function membersFor(view: ClusterView, component: ServiceName): readonly Member[] {
  return view.members.filter((member) => member.component === component);
}

/** Hosts whose member was not asked: not reached, or left out. */
export function hostsNotAsked(view: ClusterView, component: ServiceName): readonly string[] {
  const asked = new Set(rowsFor(view, component).map(({ host }) => host));
  return membersFor(view, component).flatMap(({ host }) => (asked.has(host) ? [] : [host]));
}

export function quorumOf(size: number): number {
  return Math.floor(size / 2) + 1;
}
