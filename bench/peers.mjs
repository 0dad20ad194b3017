// How each peer is called: a command line and its environment. All of them check host keys and use the same key.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const forks = 20;

export function peersFor(rig, directory, root) {
  const ansible = {
    ANSIBLE_FORKS: String(forks),
    ANSIBLE_PIPELINING: 'True',
    ANSIBLE_SSH_ARGS: `-o ControlMaster=auto -o ControlPersist=60s -o ControlPath=${directory}/cm-%C -o UserKnownHostsFile=${rig.knownHosts} -o StrictHostKeyChecking=yes`,
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_LOCAL_TEMP: join(directory, 'ansible-tmp'),
    ANSIBLE_REMOTE_TMP: join(rig.home, '.ansible'),
    ANSIBLE_DEPRECATION_WARNINGS: 'False',
    ANSIBLE_PERSISTENT_CONTROL_PATH_DIR: directory,
  };
  const playbook = (name) => [
    'ansible-playbook',
    '-i',
    join(directory, 'inventory.ini'),
    join(directory, `${name}.ansible.yaml`),
  ];
  const floor = (file) => (workload) => ({
    command: ['node', join(root, 'bench/floors', file), rig.user, String(rig.port), rig.key, '30', ...rig.addresses],
    workload,
  });
  return [
    {
      name: 'runner',
      run: (workload) => ({
        command: [
          'node',
          join(root, 'bin/runner.js'),
          'apply',
          '-f',
          String(forks),
          '-i',
          join(directory, 'inventory.yaml'),
          join(directory, `${workload.playbook}.yaml`),
        ],
      }),
    },
    {
      name: 'ansible-core, pipelining',
      run: (workload) => ({ command: playbook(workload.playbook), environment: ansible }),
    },
    {
      name: 'ansible-core, Mitogen',
      run: (workload) => ({
        command: playbook(workload.playbook),
        environment: { ...ansible, ANSIBLE_STRATEGY: 'mitogen_linear' },
      }),
    },
    {
      name: 'floor: ssh ControlMaster, one exec a command',
      floor: true,
      run: () => ({ command: ['sh', controlMasterScript(rig, directory)] }),
    },
    {
      name: 'floor: ssh, one sh a host',
      floor: true,
      run: () => ({ command: ['sh', oneShellScript(rig, directory)] }),
    },
    { name: 'floor: ssh2, an exec channel a command', floor: true, run: floor('ssh2-exec.mjs') },
    { name: 'floor: ssh2, one long-lived sh', floor: true, run: floor('ssh2-shell.mjs') },
  ];
}

function sshWords(rig) {
  return `ssh -p ${rig.port} -i ${rig.key} -o UserKnownHostsFile=${rig.knownHosts} -o StrictHostKeyChecking=yes -o BatchMode=yes -l ${rig.user}`;
}

function controlMasterScript(rig, directory) {
  const path = join(directory, 'control-master.sh');
  writeFileSync(
    path,
    `for host in ${rig.addresses.join(' ')}; do (
  ssh="${sshWords(rig)} -o ControlPath=${directory}/floor-%C"
  $ssh -o ControlMaster=yes -o ControlPersist=30 -fN $host
  i=0; while [ $i -lt 30 ]; do $ssh $host /bin/true || exit 1; i=$((i+1)); done
  $ssh -O exit $host 2>/dev/null
) & done; wait
`,
  );
  return path;
}

function oneShellScript(rig, directory) {
  const path = join(directory, 'one-shell.sh');
  const script = `i=0; while [ $i -lt 30 ]; do /bin/true || exit 1; i=$((i+1)); done`;
  writeFileSync(
    path,
    `for host in ${rig.addresses.join(' ')}; do echo '${script}' | ${sshWords(rig)} $host sh -s & done; wait\n`,
  );
  return path;
}
