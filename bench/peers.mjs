// How each peer is called: a command line and its environment. All of them check host keys and use the same key.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const forks = 20;

/**
 * The peers: `takes` tells whether one takes part in a workload, `run` gives its command line. A floor does no work but
 * the wire's: what a program could at best reach.
 */
export function peersFor(rig, directory, root) {
  const runner = ['node', join(root, 'bin/runner.js')];
  const floor = (file) => () => ({
    command: ['node', join(root, 'bench/floors', file), rig.user, String(rig.port), rig.key, '30', ...rig.addresses],
  });
  const commands = (workload) => workload.floors === 'commands';
  return [
    {
      name: 'runner',
      takes: () => true,
      run: (workload) => {
        if (workload.start === 'version') return { command: [...runner, '--version'] };
        if (workload.start === 'validate') {
          const inventory = join(root, 'inventory.example.yaml');
          return { command: [...runner, 'validate', '-i', inventory, join(root, 'playbooks/cluster.yaml')] };
        }
        const inventory = workload.inventory ?? join(workload.directory, 'inventory.yaml');
        const playbook = workload.path ?? join(directory, `${workload.playbook}.yaml`);
        const { codes = [0] } = workload;
        return { command: [...runner, 'apply', '-f', String(forks), '-i', inventory, playbook], codes };
      },
    },
    ...ansiblePeers(rig, directory),
    {
      name: 'floor: ssh ControlMaster, one exec a command',
      takes: commands,
      run: () => ({ command: ['sh', controlMasterScript(rig, directory)] }),
    },
    {
      name: 'floor: ssh, one sh a host',
      takes: commands,
      run: () => ({ command: ['sh', oneShellScript(rig, directory)] }),
    },
    { name: 'floor: ssh2, an exec channel a command', takes: commands, run: floor('ssh2-exec.mjs') },
    { name: 'floor: ssh2, one long-lived sh', takes: commands, run: floor('ssh2-shell.mjs') },
    {
      name: 'floor: scp',
      takes: (workload) => workload.floors === 'file',
      run: (workload) => ({
        command: [
          'scp',
          '-q',
          '-P',
          String(rig.port),
          ...sshOptions(rig),
          workload.big,
          `${rig.user}@${rig.addresses[0]}:${workload.target}`,
        ],
      }),
    },
    {
      name: 'floor: ssh',
      takes: (workload) => workload.floors === 'output',
      run: (workload) => ({
        command: ['sh', '-c', `${sshWords(rig)} ${rig.addresses[0]} "${workload.print}" | wc -c`],
      }),
    },
    { name: 'floor: node that does nothing', takes: isStart, run: () => ({ command: ['node', '-e', '0'] }) },
  ];
}

function isStart(workload) {
  return workload.start !== undefined;
}

function ansiblePeers(rig, directory) {
  const environment = {
    ANSIBLE_FORKS: String(forks),
    ANSIBLE_PIPELINING: 'True',
    ANSIBLE_SSH_ARGS: `-o ControlMaster=auto -o ControlPersist=60s -o ControlPath=${directory}/cm-%C ${sshOptions(rig).slice(2).join(' ')}`,
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_LOCAL_TEMP: join(directory, 'ansible-tmp'),
    ANSIBLE_REMOTE_TMP: join(rig.home, '.ansible'),
    ANSIBLE_DEPRECATION_WARNINGS: 'False',
    ANSIBLE_PERSISTENT_CONTROL_PATH_DIR: directory,
  };
  const playbook = (workload) => [
    'ansible-playbook',
    '-i',
    join(workload.directory, 'inventory.ini'),
    join(directory, `${workload.playbook}.ansible.yaml`),
  ];
  const pipelining = (workload) => {
    if (workload.start === 'version') return { command: ['ansible-playbook', '--version'], environment };
    return { command: playbook(workload), environment };
  };
  return [
    {
      name: 'ansible-core, pipelining',
      peer: true,
      takes: (workload) => workload.runnerOnly !== true && workload.start !== 'validate',
      run: pipelining,
    },
    {
      name: 'ansible-core, Mitogen',
      peer: true,
      takes: (workload) => workload.runnerOnly !== true && !isStart(workload) && workload.big === undefined,
      run: (workload) => ({
        command: playbook(workload),
        environment: { ...environment, ANSIBLE_STRATEGY: 'mitogen_linear' },
      }),
    },
  ];
}

function sshOptions(rig) {
  return ['-i', rig.key, '-o', `UserKnownHostsFile=${rig.knownHosts}`, '-o', 'StrictHostKeyChecking=yes'];
}

function sshWords(rig) {
  return `ssh -p ${rig.port} ${sshOptions(rig).join(' ')} -o BatchMode=yes -l ${rig.user}`;
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
