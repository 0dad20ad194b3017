import { joinShell, sh, type ShellText } from '../../shell/text.js';
import { parseReport, tell } from '../../modules/support/report.js';
import type { LookReply } from '../../modules/types.js';
import type { HostVariables } from '../status/members.js';
import type { Member } from '../status/types.js';
import { dataFolders } from './zookeeper-data.js';

/** A rendered file or a piece of state that a member's host keeps. */
export interface ConfigurationFile {
  /** Its name in the backup. */
  readonly name: string;
  readonly kind: 'identity' | 'configuration' | 'container';
  readonly source: string;
  readonly bytes: Buffer;
}

/** Larger ones are no configuration. */
const largestBytes = 1024 * 1024;

/** The files that roles render for a member, by their names in the backup. */
export function configurationOf(
  member: Member,
  variables: HostVariables,
): readonly { readonly name: string; readonly kind: 'identity' | 'configuration'; readonly path: string }[] {
  const folder = (name: string, usual: string): string => {
    const value = variables.read(name);
    return typeof value === 'string' && value !== '' ? value : usual;
  };
  switch (member.component) {
    case 'zookeeper': {
      const { data, config, ownConfig } = zookeeperFolders(variables);
      return [
        // With reconfig on the other one is a leftover, which no server reads.
        {
          name: 'zoo.cfg',
          kind: 'configuration',
          path: variables.read('zookeeper_reconfig') === true ? ownConfig : config,
        },
        { name: 'myid', kind: 'identity', path: `${data}/myid` },
      ];
    }
    case 'bamboo': {
      const directory = `${folder('bamboo_directory', '/data/bamboo')}/config`;
      return [
        { name: 'production.json', kind: 'configuration', path: `${directory}/production.json` },
        { name: 'haproxy_template.cfg', kind: 'configuration', path: `${directory}/haproxy_template.cfg` },
        { name: '49-haproxy.conf', kind: 'configuration', path: '/etc/rsyslog.d/49-haproxy.conf' },
        { name: 'logrotate', kind: 'configuration', path: '/etc/logrotate.d/runner-haproxy' },
      ];
    }
    // Their configuration is the environment of their containers.
    case 'mesos-master':
    case 'mesos-slave':
    case 'marathon':
      return [];
  }
}

/** The folders of a ZooKeeper server on its host. */
export function zookeeperFolders(variables: HostVariables): ReturnType<typeof dataFolders> {
  const directory = variables.read('zookeeper_directory');
  return dataFolders(typeof directory === 'string' && directory !== '' ? directory : '/data/zookeeper');
}

/** Reads a member's configuration and how its container was made; files that are not there are left out. */
export function lookAtConfiguration(member: Member, variables: HostVariables): ShellText {
  const files = configurationOf(member, variables);
  return joinShell([
    tell,
    ...files.map(
      ({ name, path }) =>
        sh`if [ -f ${path} ]; then tell file ${name} "$(head -c ${largestBytes} -- ${path} | base64 | tr -d '\n')"; fi`,
    ),
    sh`if command -v docker >/dev/null 2>&1; then tell container "$(timeout 20 docker inspect --type container -- ${member.container} 2>/dev/null)"; fi`,
  ]);
}

export function parseConfiguration(
  reply: LookReply,
  options: { readonly member: Member; readonly variables: HostVariables },
): readonly ConfigurationFile[] {
  const report = parseReport(reply);
  const wanted = configurationOf(options.member, options.variables);
  const files = report.records('file').flatMap(([name, text = '']): ConfigurationFile[] => {
    const file = wanted.find((one) => one.name === name);
    return file === undefined
      ? []
      : [{ name: file.name, kind: file.kind, source: file.path, bytes: Buffer.from(text, 'base64') }];
  });
  const container = report.word('container')?.trim() ?? '';
  if (container === '' || container === '[]') return files;
  const source = `docker inspect ${options.member.container}`;
  return [
    ...files,
    { name: 'container.json', kind: 'container', source, bytes: Buffer.from(`${container}\n`, 'utf8') },
  ];
}
