import { rowsOf } from '../../status/cluster-status.js';
import type { ComponentName, Row } from '../../status/types.js';
import type { Examination, HostExam } from '../types.js';

/** The rows of one component, over all hosts that answered. */
export function rowsFor<Component extends ComponentName>(
  { cluster }: Examination,
  component: Component,
): readonly Extract<Row, { readonly component: Component }>[] {
  return cluster.hosts
    .flatMap(rowsOf)
    .filter((row): row is Extract<Row, { readonly component: Component }> => row.component === component);
}

export function membersFor(examination: Examination, component: ComponentName): Examination['members'] {
  return examination.members.filter((member) => member.component === component);
}

export function examOf({ hosts }: Examination, host: string): HostExam | undefined {
  return hosts.find((exam) => exam.host === host);
}

/** Hosts of a component whose rows were not heard: not reached, or left out. */
export function notHeard(examination: Examination, component: ComponentName): readonly string[] {
  const heard = new Set(rowsFor(examination, component).map(({ host }) => host));
  return membersFor(examination, component).flatMap(({ host }) => (heard.has(host) ? [] : [host]));
}
