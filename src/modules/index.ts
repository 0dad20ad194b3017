import type { AnyModule } from './types.js';
import { addHost } from './add_host.js';
import { apt } from './apt.js';
import { aptRepository } from './apt_repository.js';
import { archive } from './archive.js';
import { assemble } from './assemble.js';
import { assertModule } from './assert.js';
import { asyncStatus } from './async_status.js';
import { authorizedKey } from './authorized_key.js';
import { blockinfile } from './blockinfile.js';
import { command } from './command.js';
import { copy } from './copy.js';
import { cron } from './cron.js';
import { debug } from './debug.js';
import { dockerContainer } from './docker/container.js';
import { dockerDaemon } from './docker/daemon.js';
import { dockerImage } from './docker/image.js';
import { dockerInfo } from './docker/info.js';
import { dockerNetwork } from './docker/network.js';
import { dockerVolume } from './docker/volume.js';
import { fail } from './fail.js';
import { fetch } from './fetch.js';
import { file } from './file.js';
import { find } from './find.js';
import { getUrl } from './get_url.js';
import { git } from './git.js';
import { group } from './group.js';
import { groupBy } from './group_by.js';
import { hostname } from './hostname.js';
import { includeVars } from './include_vars.js';
import { knownHosts } from './known_hosts.js';
import { lineinfile } from './lineinfile.js';
import { mount } from './mount.js';
import { dnf, packageModule } from './package.js';
import { passwordFile } from './password_file.js';
import { pause } from './pause.js';
import { ping } from './ping.js';
import { reboot } from './reboot.js';
import { replace } from './replace.js';
import { script } from './script.js';
import { service } from './service.js';
import { setFact } from './set_fact.js';
import { shell } from './shell.js';
import { slurp } from './slurp.js';
import { stat } from './stat.js';
import { sysctl } from './sysctl.js';
import { systemdUnit } from './systemd_unit.js';
import { template } from './template.js';
import { tempfile } from './tempfile.js';
import { unarchive } from './unarchive.js';
import { uri } from './uri.js';
import { user } from './user.js';
import { waitFor } from './wait_for.js';
import { waitForConnection } from './wait_for_connection.js';
import { stackModules } from '../stack/modules.js';

/** Every module, by name: a new one is a file and a line here. */
const modules: readonly AnyModule[] = [
  addHost,
  apt,
  aptRepository,
  archive,
  assemble,
  assertModule,
  asyncStatus,
  authorizedKey,
  blockinfile,
  command,
  copy,
  cron,
  debug,
  dockerContainer,
  dockerDaemon,
  dockerImage,
  dockerInfo,
  dockerNetwork,
  dockerVolume,
  dnf,
  fail,
  fetch,
  file,
  find,
  getUrl,
  git,
  group,
  groupBy,
  hostname,
  includeVars,
  knownHosts,
  lineinfile,
  mount,
  packageModule,
  passwordFile,
  pause,
  ping,
  reboot,
  replace,
  script,
  service,
  setFact,
  shell,
  slurp,
  ...stackModules,
  stat,
  sysctl,
  systemdUnit,
  template,
  tempfile,
  unarchive,
  uri,
  user,
  waitFor,
  waitForConnection,
];

const byName: ReadonlyMap<string, AnyModule> = new Map(modules.map((module) => [module.name, module]));

/** Other words of Ansible's for modules that are here. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['systemd', 'service'],
  ['systemd_service', 'service'],
  ['yum', 'dnf'],
]);

/** The module of a name, without any collection before it. */
export function findModule(name: string): AnyModule | undefined {
  return byName.get(otherNames.get(name) ?? name);
}

/** All names, sorted. */
export function moduleNames(): readonly string[] {
  return [...byName.keys()].sort();
}
