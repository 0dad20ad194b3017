import type { Diagnostics } from '../../core/diagnostic.js';
import { formatSpan } from '../../core/span.js';
import { didYouMean } from '../../core/suggest.js';
import type { Inventory } from '../../inventory/types.js';
import type { Plan } from '../types.js';
import { allSteps } from '../steps.js';
import type { NameRead } from './read.js';
import { failureNames } from './walk.js';

export interface Reporting {
  readonly inventory: Inventory;
  readonly plan: Plan;
  readonly diagnostics: Diagnostics;
  /** Places and names already reported: a role used twice reads them twice. */
  readonly said: Set<string>;
}

/** Reports a name nothing can define, with the nearest name that exists or where one of that name stands. */
export function reportUndefined(
  read: NameRead,
  options: { readonly known: ReadonlySet<string>; readonly reporting: Reporting },
): void {
  const { known, reporting } = options;
  const identity = `${formatSpan(read.span)} ${read.name}`;
  if (reporting.said.has(identity)) return;
  reporting.said.add(identity);
  const hint = translation(read.name) ?? elsewhere(read.name, reporting) ?? didYouMean(read.name, known);
  reporting.diagnostics.error({
    code: 'undefined-name',
    message: `\`${read.name}\` is not defined`,
    span: read.span,
    hint: hint ?? `define it in the inventory or in \`vars\`, or write \`${read.name} ?? …\` if it may be missing`,
  });
}

/** Names of Ansible, Jinja and Python, as they are written here. */
const ansibleNames: ReadonlyMap<string, string> = new Map([
  ['inventory_hostname', 'host.name'],
  ['ansible_hostname', 'facts.hostname'],
  ['ansible_host', 'host.address'],
  ['ansible_facts', 'facts'],
  ['ansible_check_mode', 'run.preview'],
  ['ansible_play_hosts', 'play.hosts'],
  ['ansible_play_batch', 'play.batch'],
  ['ansible_play_name', 'play.name'],
  ['ansible_role_name', 'role.name'],
  ['ansible_failed_task', 'failed_task'],
  ['ansible_failed_result', 'failed_result'],
  ['group_names', 'host.groups'],
  ['hostvars', 'hosts.<name>.vars'],
  ['role_name', 'role.name'],
  ['role_path', 'role.path'],
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
  ['ansible_user', 'host.user'],
  ['ansible_port', 'host.port'],
  ['ansible_play_hosts_all', 'play.hosts'],
  ['ansible_play_role_names', 'role.name'],
  ['ansible_fqdn', 'facts.fqdn'],
  ['ansible_architecture', 'facts.machine'],
  ['ansible_distribution', 'facts.os.name'],
  ['ansible_distribution_version', 'facts.os.version'],
  ['ansible_distribution_major_version', "facts.os.version.split('.')[0]"],
  ['ansible_distribution_release', 'facts.os.codename'],
  ['ansible_os_family', 'facts.os.family'],
  ['ansible_kernel', 'facts.kernel'],
  ['ansible_system', 'facts.system'],
  ['ansible_processor_vcpus', 'facts.cpus'],
  ['ansible_memtotal_mb', 'facts.memory_mb'],
  ['ansible_all_ipv4_addresses', 'facts.ipv4_addresses'],
  ['ansible_default_ipv4', 'facts.default_address'],
  ['ansible_service_mgr', 'facts.service_manager'],
  ['ansible_pkg_mgr', 'facts.package_manager'],
  ['ansible_date_time', 'facts.date'],
  ['length', 'list.length'],
  ['len', 'list.length'],
  ['int', 'Number(text)'],
  ['bool', "text === 'true'"],
  ['lower', 'text.toLowerCase()'],
  ['upper', 'text.toUpperCase()'],
  ['to_json', 'JSON.stringify(value)'],
  ['to_nice_json', 'JSON.stringify(value, null, 2)'],
  ['from_json', 'JSON.parse(text)'],
  ['dict2items', 'Object.entries(map).map(([key, value]) => ({ key, value }))'],
  ['items2dict', 'Object.fromEntries(list.map(({ key, value }) => [key, value]))'],
  ['combine', '({ ...map, ...other })'],
  ['selectattr', 'list.filter((each) => …)'],
  ['rejectattr', 'list.filter((each) => !…)'],
  ['unique', '[...new Set(list)]'],
  ['basename', "path.split('/').at(-1)"],
  ['range', 'Array.from({ length: n }, (_, index) => index)'],
]);

/** What has no counterpart, and what does its work. */
const otherWays: ReadonlyMap<string, string> = new Map([
  ['playbook_dir', 'a relative path is searched beside the playbook and in the role: leave the folder out'],
  ['inventory_dir', 'give the path by a variable of the inventory'],
  ['lookup', 'read files by `include_vars` or `template`, give values of the environment by `-e name="$NAME"`'],
  ['query', 'write the list as a JavaScript expression, or read files by `include_vars`'],
  ['ansible_loop', 'say `loop_control: { extended: true }`'],
]);

/** What to write for a name that belongs to another language, or to another place. */
function translation(name: string): string | undefined {
  const ours = ansibleNames.get(name);
  if (ours !== undefined) return `write \`${ours}\``;
  const other = otherWays.get(name);
  if (other !== undefined) return other;
  const ofFailure = (failureNames as readonly string[]).includes(name);
  return ofFailure ? 'it is there in `rescue`, `always` and `on_failure` only' : undefined;
}

/** Where a name exists that this place does not see. */
function elsewhere(name: string, { inventory, plan }: Reporting): string | undefined {
  for (const group of inventory.groups.values()) {
    const layer = group.layers.find((each) => each.values.has(name));
    if (layer !== undefined) return `it is a variable of group \`${group.name}\`, and no host of this play is in it`;
  }
  for (const host of inventory.hosts.values()) {
    if (host.layers.some((layer) => layer.values.has(name)))
      return `it is a variable of host \`${host.name}\`, which is not in this play`;
  }
  for (const step of allSteps(plan.plays.map(({ play }) => play))) {
    if (step.role?.role.defaults.values.has(name) === true)
      return `it is a variable of the role \`${step.role.role.name}\`, seen in that role and by the play's own tasks`;
  }
  return undefined;
}
