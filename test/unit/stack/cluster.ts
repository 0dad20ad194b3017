import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { loadChosenInventory } from '../../../src/cli/load-inventory.js';
import { nodeFiles } from '../../../src/cli/node-files.js';
import { roleFolders } from '../../../src/cli/role-folders.js';
import { Diagnostics, type Diagnostic } from '../../../src/core/diagnostic.js';
import { findModule, moduleNames } from '../../../src/modules/index.js';
import { buildPlan } from '../../../src/plan/build-plan.js';
import type { PlanCheckContext } from '../../../src/plan/check.js';
import type { Plan } from '../../../src/plan/types.js';
import type { Playbook } from '../../../src/playbook/types.js';
import { loadPlaybook } from '../../../src/playbook/load-playbook.js';
import { blockLayer, inventoryLayer, lazyLayer } from '../../../src/run/layers.js';
import { checkStack } from '../../../src/stack/plan-checks.js';
import { createScope } from '../../../src/template/scope.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-test-cluster-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The hosts of each group; the groups are those of playbooks/cluster.yaml. */
export type Groups = Readonly<Record<string, readonly string[]>>;

const three = ['node1', 'node2', 'node3'];

/** Three leading hosts and two with agents and Bamboo. */
export const usualGroups: Groups = {
  zookeeper: three,
  mesos_master: three,
  marathon: three,
  mesos_slave: ['node4', 'node5'],
  bamboo: ['node4', 'node5'],
};

/** Loads playbooks/cluster.yaml on hosts with these variables for all of them. */
export function clusterPlan(options: {
  readonly groups?: Groups;
  readonly variables?: string;
  readonly playbook?: string;
}): {
  readonly plan: Plan;
  readonly context: PlanCheckContext;
  readonly loading: readonly Diagnostic[];
} {
  const {
    groups = usualGroups,
    variables = '',
    playbook = join(import.meta.dirname, '../../../playbooks/cluster.yaml'),
  } = options;
  const diagnostics = new Diagnostics();
  const files = nodeFiles();
  mkdirSync(join(folder, 'group_vars'), { recursive: true });
  writeFileSync(join(folder, 'group_vars', 'all.yaml'), variables);
  const inventoryFile = join(folder, 'inventory.yaml');
  const children = Object.entries(groups).map(
    ([name, hosts]) => `    ${name}: { hosts: { ${hosts.map((host) => `${host}: {}`).join(', ')} } }`,
  );
  writeFileSync(inventoryFile, `all:\n  children:\n${children.join('\n')}\n`);
  const inventory = loadChosenInventory({
    options: { inventory: [inventoryFile] },
    playbooks: [playbook],
    files,
    diagnostics,
  });
  const { loaded, mistakes } = loadOnce(playbook);
  const selection = { limit: [], tags: [], skipTags: [] };
  const plan = buildPlan({
    playbooks: loaded === undefined ? [] : [loaded],
    inventory,
    selection,
    extraVars: {},
    diagnostics,
  });
  const groupsValue = Object.fromEntries([...inventory.groups.values()].map((group) => [group.name, [...group.hosts]]));
  const context: PlanCheckContext = {
    inventory,
    scopeOf(play, host) {
      const roles = play.play.roles.map((step) => step.context.role);
      const layers = inventory.hosts.get(host)?.layers ?? [];
      return createScope([
        lazyLayer('built-in', { groups: () => groupsValue }),
        ...roles.map((role) => blockLayer(role.defaults)),
        ...layers.map(inventoryLayer),
        ...roles.map((role) => blockLayer(role.vars)),
      ]);
    },
  };
  return { plan, context, loading: [...mistakes, ...diagnostics.all] };
}

const known = new Map<string, { readonly loaded: Playbook | undefined; readonly mistakes: readonly Diagnostic[] }>();

/** A playbook and its roles do not hang on the inventory. */
function loadOnce(path: string): { readonly loaded: Playbook | undefined; readonly mistakes: readonly Diagnostic[] } {
  const before = known.get(path);
  if (before !== undefined) return before;
  const diagnostics = new Diagnostics();
  const loaded = loadPlaybook({
    path,
    files: nodeFiles(),
    modules: { find: findModule, names: moduleNames },
    diagnostics,
    roleFolders,
  });
  const result = { loaded, mistakes: diagnostics.all };
  known.set(path, result);
  return result;
}

/** What the stack's checks find. */
export function findings(options: Parameters<typeof clusterPlan>[0]): readonly Diagnostic[] {
  const { plan, context } = clusterPlan(options);
  return checkStack(plan, context);
}
