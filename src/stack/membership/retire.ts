import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import type { HostVariables } from '../status/members.js';
import type { ServiceName } from '../status/types.js';

/** What is taken away from a host for good. */
export interface Retired {
  readonly container: string;
  /** Folders that get another name; none: nothing of it lasts. */
  readonly folders: readonly string[];
}

/** Where a component keeps what it must not find again when the host joins once more. */
export function foldersOf(component: ServiceName, variables: HostVariables): readonly string[] {
  const folder = (name: string, usual: string): readonly string[] => {
    const value = variables.read(name);
    return [typeof value === 'string' && value !== '' ? value : usual];
  };
  switch (component) {
    case 'zookeeper':
      return folder('zookeeper_directory', '/data/zookeeper');
    case 'mesos-master':
      return folder('mesos_master_work_dir', '/data/mesos/master');
    case 'mesos-slave':
      return folder('mesos_slave_work_dir', '/data/mesos/slave');
    case 'marathon':
    case 'bamboo':
      return [];
  }
}

/**
 * Stops a container for good and puts its folders beside under another name, \`stamp\` at their end. What is done already
 * is passed over, so that it may be run again.
 */
export function retireScript({ container, folders }: Retired, stamp: string): ShellText {
  return joinShell([
    shellSource('set -e'),
    sh`if docker inspect --type container -- ${container} >/dev/null 2>&1; then
  docker update --restart=no -- ${container} >/dev/null
  docker stop --time 30 -- ${container} >/dev/null
  docker rm -- ${container} >/dev/null
fi`,
    ...folders.map((folder) => sh`if [ -d ${folder} ]; then mv -- ${folder} ${`${folder}.left-${stamp}`}; fi`),
  ]);
}

/** Restarts a container as it is. */
export function restartScript(container: string): ShellText {
  return sh`docker restart --time 30 -- ${container} >/dev/null`;
}
