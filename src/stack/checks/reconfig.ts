import type { PlanCheck } from '../../plan/check.js';
import { isAtLeast, versionOf } from '../version.js';
import { finding } from './report.js';
import { placements } from './view.js';

/** `reconfig` needs more than an option of zoo.cfg: a file that the server may rewrite, and a user who may do it. */
export const checkReconfig: PlanCheck = (plan, context) =>
  placements(plan, context).flatMap((placement) => {
    if (placement.component !== 'zookeeper') return [];
    const option = placement.map('zookeeper_options')['reconfigEnabled'];
    const isOption = option === true || option === 'true';
    const isOn = placement.flag('zookeeper_reconfig') === true;
    if (isOption && !isOn) {
      return [
        finding({
          severity: 'error',
          code: 'reconfig-option',
          message:
            '`reconfigEnabled` has ZooKeeper rewrite its zoo.cfg, which this role writes and mounts read-only: the servers would forget at a restart who belongs to them',
          span: placement.keySpan('zookeeper_options', 'reconfigEnabled'),
          hint: 'set `zookeeper_reconfig: true` and `zookeeper_super_password` instead: the server then has a zoo.cfg of its own',
        }),
      ];
    }
    if (!isOn) return [];
    const version = versionOf(placement.text('zookeeper_version'));
    const span = placement.span('zookeeper_reconfig');
    const base = { severity: 'error', span } as const;
    return [
      ...(placement.text('zookeeper_super_password') === ''
        ? [
            finding({
              ...base,
              code: 'reconfig-password',
              message: '`zookeeper_reconfig` needs `zookeeper_super_password`: only the user `super` may reconfigure',
              hint: 'choose one and keep it encrypted (`runner secrets`)',
            }),
          ]
        : []),
      ...(version !== undefined && !isAtLeast(version, '3.5.3')
        ? [
            finding({
              ...base,
              code: 'reconfig-version',
              message: `ZooKeeper ${version} has no \`reconfig\`: it comes with 3.5.3`,
              hint: 'leave it off until all servers are there; members are changed by rolling restarts meanwhile',
            }),
          ]
        : []),
    ];
  });
