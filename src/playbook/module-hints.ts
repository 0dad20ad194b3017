/** Modules of Ansible that are not here, and what does their work. */
const substitutes: ReadonlyMap<string, string> = new Map([
  ['raw', 'write `shell`: a target needs no Python'],
  ['setup', 'remove it: facts are read when something asks for `facts`'],
  ['gather_facts', 'remove it: facts are read when something asks for `facts`'],
  ['apt_key', 'write `apt_repository` with `key` or `key_url`'],
  ['deb822_repository', 'write `apt_repository`'],
  ['synchronize', 'write `copy`: it sends folders, and only what differs'],
  ['validate_argument_spec', "remove it: a role's `argument_specs` are checked by themselves"],
  ['import_playbook', 'put it at the top level of the file, beside the plays'],
  ['set_stats', 'write `set_fact`; `hosts[name].vars` reads the variables of another host'],
  ['getent', 'write `command: getent …` with `register` and `changed_when: false`'],
  ['service_facts', 'write `command: systemctl is-active …` with `register` and `changed_when: false`'],
  ['package_facts', 'write `command: dpkg-query -W …` with `register` and `changed_when: false`'],
  ['ini_file', 'write `lineinfile` with `insertafter` the line of the section, or `template`'],
  ['timezone', 'write `file: {state: link, path: /etc/localtime, src: /usr/share/zoneinfo/…}`'],
  ['pip', 'write `command: pip install …` with `creates`'],
  ['docker_compose', 'write `docker_container`, `docker_network` and `docker_volume`'],
  ['docker_compose_v2', 'write `docker_container`, `docker_network` and `docker_volume`'],
]);

/** Said of a name that nothing is like. */
export const unknownModuleHint =
  '`runner modules` lists the modules; what none of them does `command` or `script` can do';

/** What does the work of a module of Ansible that is not here; undefined for any other name. */
export function hintForModule(name: string): string | undefined {
  return substitutes.get(name);
}
