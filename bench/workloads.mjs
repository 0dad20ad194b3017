// The same work for every peer: tasks in our language and in Ansible's, and the bare commands for the floors.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const templateLines = 40;

/** Writes inventories, playbooks and templates below `directory`; gives the workloads with what each peer runs. */
export function writeWorkloads(rig, directory) {
  mkdirSync(directory, { recursive: true });
  const remote = join(rig.home, 'files');
  const text = (open, close) =>
    Array.from(
      { length: templateLines },
      (_, line) => `setting_${line} = ${open} greeting ${close} number ${line}\n`,
    ).join('');
  writeFileSync(join(directory, 'settings.ejs'), text('<%=', '%>'));
  writeFileSync(join(directory, 'settings.j2'), text('{{', '}}'));
  writeFileSync(
    join(directory, 'inventory.yaml'),
    `all:\n  vars:\n    greeting: hello\n    ssh: { port: ${rig.port}, user: ${rig.user}, key: ${rig.key}, known_hosts: ${rig.knownHosts}, host_key: strict }\n  hosts:\n${rig.addresses.map((address) => `    ${address}: {}\n`).join('')}`,
  );
  writeFileSync(
    join(directory, 'inventory.ini'),
    `[all:vars]\ngreeting=hello\nansible_port=${rig.port}\nansible_user=${rig.user}\nansible_ssh_private_key_file=${rig.key}\nansible_python_interpreter=/usr/bin/python3\n[all]\n${rig.addresses.join('\n')}\n`,
  );
  const commands = Array.from(
    { length: 30 },
    (_, index) => `    - name: command ${index}\n      command: /bin/true\n`,
  ).join('');
  const templates = (extension) =>
    `    - name: folder\n      file: { path: ${remote}/<host>, state: directory }\n` +
    Array.from(
      { length: 30 },
      (_, index) =>
        `    - name: template ${index}\n      template: { src: settings.${extension}, dest: ${remote}/<host>/settings-${index}.conf, mode: "0644" }\n`,
    ).join('');
  const ours = (tasks) =>
    `- name: bench\n  hosts: all\n  facts: false\n  tasks:\n${tasks.replaceAll('<host>', '<%= host.name %>')}`.replaceAll(
      /path: (\S+<%= host.name %>)/g,
      'path: "$1"',
    );
  const theirs = (tasks) =>
    `- name: bench\n  hosts: all\n  gather_facts: false\n  tasks:\n${tasks.replaceAll('<host>', '{{ inventory_hostname }}')}`;
  const write = (name, content) => writeFileSync(join(directory, name), content);
  write('commands.yaml', ours(commands));
  write('commands.ansible.yaml', theirs(commands));
  write('templates.yaml', quoteTemplates(ours(templates('ejs'))));
  write('templates.ansible.yaml', quoteTemplates(theirs(templates('j2'))));
  return [
    { name: 'commands', playbook: 'commands', floors: true, clean: false },
    { name: 'templates first', playbook: 'templates', floors: false, clean: true },
    { name: 'templates again', playbook: 'templates', floors: false, clean: false },
  ].map((workload) => ({ ...workload, remote }));
}

/** Values with template delimiters inside a flow map must be quoted. */
function quoteTemplates(text) {
  return text.replaceAll(/((?:path|dest): )([^",]*(?:<%=|\{\{)[^,]*?(?:%>|\}\})[^,]*)(?=[,}] |,| \})/g, '$1"$2"');
}
