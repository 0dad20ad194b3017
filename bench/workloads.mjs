// The same work for every peer: tasks in our language and in Ansible's; docs/performance.md says what each workload is.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const templateLines = 40;
const stdoutMegabytes = 100;

/**
 * Writes inventories, playbooks and templates below `directory` and gives the workloads. `again`: everything is in
 * place before a run is counted; `clean`: nothing is; `slow`: peers that take minutes for it are left out of a quick bench.
 */
export function writeWorkloads(rig, directory, { megabytes = 1024, fanOut } = {}) {
  mkdirSync(directory, { recursive: true });
  const remote = join(rig.home, 'files');
  const big = join(directory, 'big-file');
  writeTemplates(directory);
  writeInventories(rig, directory);
  const write = (name, tasks, hosts = 'all') => writePlaybooks(join(directory, name), tasks, hosts);
  write(
    'commands',
    repeat(30, (index) => task(`command ${index}`, 'command: /bin/true')),
  );
  write('templates', [
    task('folder', `file: { path: "${remote}/<host>", state: directory }`),
    ...repeat(30, (index) =>
      task(
        `template ${index}`,
        `template: { src: settings.<extension>, dest: "${remote}/<host>/settings-${index}.conf", mode: "0644" }`,
      ),
    ),
  ]);
  write('mixed', mixedTasks(join(remote, 'mixed')));
  write('big', [task('big file', `copy: { src: ${big}, dest: ${remote}-big, mode: "0644" }`)], rig.addresses[0]);
  const print = `head -c ${stdoutMegabytes * 1024 * 1024} /dev/zero | tr '\\\\0' x`;
  write('stdout', [task('much output', `shell: "${print}"`)], rig.addresses[0]);
  const all = [
    { name: 'start, --version', start: 'version', again: true },
    { name: 'start, validate cluster.yaml', start: 'validate', again: true },
    { name: 'commands', playbook: 'commands', floors: 'commands' },
    { name: 'templates first', playbook: 'templates', clean: remote, slow: true },
    { name: 'templates again', playbook: 'templates', again: true },
    { name: 'mixed again', playbook: 'mixed', again: true, slow: true },
    { name: `big file, ${megabytes} MB`, playbook: 'big', clean: `${remote}-big`, floors: 'file', big },
    { name: `big file again, ${megabytes} MB`, playbook: 'big', again: true, big },
    { name: `stdout, ${stdoutMegabytes} MB`, playbook: 'stdout', floors: 'output', print, slow: true },
  ];
  if (fanOut !== undefined) {
    const folder = join(directory, 'fan-out');
    mkdirSync(folder);
    writeInventories(fanOut, folder);
    writePlaybooks(
      join(folder, 'commands'),
      repeat(5, (index) => task(`command ${index}`, 'command: /bin/true')),
      'all',
    );
    all.push({ name: `fan-out, ${fanOut.addresses.length} hosts`, playbook: 'fan-out/commands', runnerOnly: true });
    all.push(...deadHosts(fanOut, join(directory, 'fan-out-dead')));
  }
  all.push(...deadHosts(rig, join(directory, 'dead')));
  return all.map((workload) => ({
    ...workload,
    directory: join(directory, workload.playbook?.includes('/') === true ? dirname(workload.playbook) : '.'),
    remote,
    target: `${remote}-big`,
    ensure: async (signal) => {
      if (workload.big !== undefined) await makeFile(big, { megabytes, signal });
    },
  }));
}

/** As many hosts as the rig has, some of which are dead: the run ends with 3, and with everything else done. */
function deadHosts(rig, folder) {
  const { addresses, deadAddresses } = rig;
  if (deadAddresses.length === 0) return [];
  mkdirSync(folder);
  writeInventories({ ...rig, addresses: [...addresses.slice(deadAddresses.length), ...deadAddresses] }, folder);
  const tasks = repeat(5, (index) => task(`command ${index}`, 'command: /bin/true'));
  return ['linear', 'free'].map((strategy) => {
    writePlaybooks(join(folder, strategy), tasks, `all\n  strategy: ${strategy}`);
    return {
      name: `dead hosts, ${deadAddresses.length} of ${addresses.length}, ${strategy}`,
      playbook: join(basename(folder), strategy),
      runnerOnly: true,
      codes: [3],
    };
  });
}

/** 40 tasks of the everyday kinds, of which none has anything to do when it runs again. */
function mixedTasks(folder) {
  const path = `${folder}/<host>`;
  return [
    task('folder above', `file: { path: "${folder}", state: directory }`),
    task('folder', `file: { path: "${path}", state: directory }`),
    ...repeat(6, (index) => [
      task(`folder ${index}`, `file: { path: "${path}/${index}", state: directory, mode: "0750" }`),
      task(`copy ${index}`, `copy: { content: "number ${index}\\n", dest: "${path}/${index}/copy", mode: "0640" }`),
      task(
        `template ${index}`,
        `template: { src: settings.<extension>, dest: "${path}/${index}/settings", mode: "0644" }`,
      ),
      task(`line ${index}`, `lineinfile: { path: "${path}/${index}/copy", line: "one more line" }`),
      task(`stat ${index}`, `stat: { path: "${path}/${index}/copy" }`),
      task(`user ${index}`, 'user: { name: runner-bench, shell: /bin/sh }'),
    ]).flat(),
    task('link', `file: { src: "${path}/0", path: "${path}/link", state: link }`),
    task('stat of the link', `stat: { path: "${path}/link" }`),
  ];
}

function repeat(count, make) {
  return Array.from({ length: count }, (_, index) => make(index));
}

function task(name, action) {
  return `    - name: ${name}\n      ${action}\n`;
}

function writePlaybooks(path, tasks, hosts) {
  const text = tasks.join('');
  const head = (facts) => `- name: bench\n  hosts: ${hosts}\n  ${facts}: false\n  tasks:\n`;
  const ours = text.replaceAll('<host>', '<%= host.name %>').replaceAll('<extension>', 'ejs');
  const theirs = text.replaceAll('<host>', '{{ inventory_hostname }}').replaceAll('<extension>', 'j2');
  // A copy that repeats would undo what lineinfile did; theirs and ours name "only when it is not there" alike.
  const once = (body) => body.replaceAll('/copy", mode: "0640" }', '/copy", mode: "0640", force: false }');
  writeFileSync(`${path}.yaml`, head('facts') + once(ours));
  writeFileSync(`${path}.ansible.yaml`, head('gather_facts') + once(theirs));
}

function writeTemplates(directory) {
  const text = (open, close) =>
    repeat(templateLines, (line) => `setting_${line} = ${open} greeting ${close} number ${line}\n`).join('');
  writeFileSync(join(directory, 'settings.ejs'), text('<%=', '%>'));
  writeFileSync(join(directory, 'settings.j2'), text('{{', '}}'));
}

function writeInventories(rig, directory) {
  const ssh = `{ port: ${rig.port}, user: ${rig.user}, key: ${rig.key}, known_hosts: ${rig.knownHosts}, host_key: strict }`;
  const hosts = rig.addresses.map((address) => `    ${address}: {}\n`).join('');
  writeFileSync(
    join(directory, 'inventory.yaml'),
    `all:\n  vars:\n    greeting: hello\n    ssh: ${ssh}\n  hosts:\n${hosts}`,
  );
  writeFileSync(
    join(directory, 'inventory.ini'),
    `[all:vars]\ngreeting=hello\nansible_port=${rig.port}\nansible_user=${rig.user}\nansible_ssh_private_key_file=${rig.key}\nansible_python_interpreter=/usr/bin/python3\n[all]\n${rig.addresses.join('\n')}\n`,
  );
}

/** Bytes that do not compress, written once and then in the page cache. */
async function makeFile(path, { megabytes, signal }) {
  const script = `[ -f '${path}' ] || exec head -c ${megabytes * 1024 * 1024} /dev/urandom >'${path}'`;
  await promisify(execFile)('sh', ['-c', script], { signal });
}
