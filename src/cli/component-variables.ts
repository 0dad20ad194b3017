import type { Diagnostics } from '../core/diagnostic.js';
import { spanOfFlag } from '../core/span.js';
import type { Inventory } from '../inventory/types.js';
import { findModule, moduleNames } from '../modules/index.js';
import { readRoleFolder, type RoleFolder } from '../playbook/role-folder.js';
import { findRole } from '../playbook/role-search.js';
import { blockLayer, dataLayer } from '../run/layers.js';
import type { HostVariables } from '../stack/status/members.js';
import type { FileReader } from '../syntax/files.js';
import { createScope } from '../template/scope.js';
import type { Value } from '../template/value.js';
import { inventoryScope, readVariable } from './host-variables.js';
import { roleFolders } from './role-folders.js';

const roleNames = ['zookeeper', 'mesos-master', 'mesos-slave', 'marathon', 'bamboo'];

/** The defaults and variables of the stack's roles: the user's own in `roles/`, else the ones that come with the program. */
export function readStackRoles(request: {
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}): readonly RoleFolder[] {
  const { files, diagnostics } = request;
  const modules = { find: findModule, names: moduleNames };
  const loading = { files, modules, diagnostics, playbookDirectory: '.', roleFolders };
  return roleNames.flatMap((name) => {
    const found = findRole(name, { span: spanOfFlag('status'), loading });
    return found === undefined ? [] : [readRoleFolder(found, { loading })];
  });
}

/** What the inventory and the roles together say of a host, without a playbook: what a play's own variables add is not seen. */
export function componentVariables(request: {
  readonly inventory: Inventory;
  readonly host: string;
  readonly address: string;
  readonly roles: readonly RoleFolder[];
  readonly extraVars: Readonly<Record<string, Value>>;
}): HostVariables {
  const { inventory, host, address, roles, extraVars } = request;
  const groups = inventory.hosts.get(host)?.groups ?? [];
  const [builtins, ...layers] = inventoryScope({ inventory, host, extraVars: {} }).layers;
  const scope = createScope([
    ...roles.map(({ defaults }) => blockLayer(defaults)),
    ...(builtins === undefined ? [] : [builtins]),
    dataLayer('built-in', { host: { name: host, address, groups: [...groups] } }),
    ...layers,
    ...roles.map(({ vars }) => blockLayer(vars)),
    dataLayer('-e', extraVars),
  ]);
  const read = (name: string): Value | undefined => {
    if (!scope.has(name)) return undefined;
    const found = readVariable(scope, name);
    return found.kind === 'value' ? found.value : undefined;
  };
  return { host, address, groups, read };
}
