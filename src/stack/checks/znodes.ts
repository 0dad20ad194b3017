import type { Diagnostic } from '../../core/diagnostic.js';
import type { PlanCheck } from '../../plan/check.js';
import { finding } from './report.js';
import { placements, type Placement } from './view.js';

/** Masters, agents and Marathon meet under one znode: any path parses, and those under two never meet. */
export const checkZnodes: PlanCheck = (plan, context) => {
  const placed = placements(plan, context);
  const master = placed.find(({ component }) => component === 'mesos-master');
  const path = master?.text('mesos_zookeeper_path');
  const users = placed.filter(({ component }) => ['mesos-master', 'mesos-slave', 'marathon'].includes(component));
  return [
    ...users.flatMap(rootPath),
    ...(path === undefined ? [] : users.flatMap((placement) => otherPath(placement, { path, master }))),
  ];
};

function rootPath(placement: Placement): readonly Diagnostic[] {
  const path = placement.text('mesos_zookeeper_path');
  if (path === undefined || /^\/[^/].*[^/]$|^\/[^/]$/.test(path)) return [];
  const message = `\`${path}\` is no znode for Mesos: it must begin with a slash, name something, and not end with a slash`;
  return [finding({ severity: 'error', code: 'mesos-znode', message, span: placement.span('mesos_zookeeper_path') })];
}

function otherPath(
  placement: Placement,
  options: { readonly path: string; readonly master: Placement | undefined },
): readonly Diagnostic[] {
  const { path, master } = options;
  const own = placement.text('mesos_zookeeper_path');
  if (own === undefined || own === path) return [];
  return [
    finding({
      severity: 'error',
      code: 'mesos-znode',
      message: `the masters elect under ${path}, and ${placement.component} on ${placement.host} would look in ${own}: they never meet`,
      span: placement.span('mesos_zookeeper_path'),
      related: { span: master?.span('mesos_zookeeper_path'), message: "the masters' path" },
    }),
  ];
}
