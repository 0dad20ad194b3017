import { keptFolder } from '../kept-folder.js';
import { joinShell, sh, type ShellText } from '../../shell/text.js';
import { parseReport, tell } from '../../modules/support/report.js';
import type { LookReply } from '../../modules/types.js';
import type { HostVariables } from '../status/members.js';
import type { Member, ServiceName } from '../status/types.js';
import type { ValueMap } from '../../template/value.js';
import { services, titles } from './components.js';

/** A container as the engine lists it. */
export interface ListedContainer {
  readonly name: string;
  /** The label `runner.component`; empty: it is not ours. */
  readonly component: string;
}

/** Every container of a host, whoever made it. */
export function listContainers(): ShellText {
  const format = '{{.Names}}\t{{.Label "runner.component"}}';
  return joinShell([tell, sh`tell containers "$(timeout 20 docker ps --all --format ${format} 2>/dev/null)"`]);
}

export function parseContainers(reply: LookReply): readonly ListedContainer[] {
  const text = parseReport(reply).word('containers') ?? '';
  return text.split('\n').flatMap((line) => {
    const [name = '', component = ''] = line.split('\t');
    return name === '' ? [] : [{ name, component }];
  });
}

/** What is taken away of one component on one host. */
export interface Remains {
  readonly host: string;
  readonly component: ServiceName;
  /** Its container, and those that were kept of it; all with our label. */
  readonly containers: readonly string[];
  /** A container of its name without our label, which stays. */
  readonly foreign: readonly string[];
  /** Folders of its data and logs; empty unless they were asked for. */
  readonly folders: readonly string[];
}

/** What of a member is on its host. */
export function remainsOf(
  { host, component, container }: Member,
  found: { readonly listed: readonly ListedContainer[]; readonly folders: readonly string[] },
): Remains {
  const isNamed = ({ name }: ListedContainer): boolean =>
    name === container || ['old', 'new'].some((word) => name.startsWith(`${container}.${word}-`));
  // By the name as well: the host may have another cluster's member of the same kind.
  const own = found.listed.filter((each) => isNamed(each) && each.component === component);
  const foreign = found.listed.filter((each) => isNamed(each) && each.component !== component);
  return {
    host,
    component,
    containers: own.map(({ name }) => name),
    foreign: foreign.map(({ name }) => name),
    folders: found.folders,
  };
}

/** The variables of the roles that name folders of data and logs. */
const folderVariables: Readonly<Record<ServiceName, readonly string[]>> = {
  zookeeper: ['zookeeper_directory', 'zookeeper_log_directory'],
  'mesos-master': ['mesos_master_work_dir', 'mesos_log_directory'],
  'mesos-slave': ['mesos_slave_work_dir', 'mesos_log_directory'],
  marathon: [],
  bamboo: ['bamboo_directory', 'bamboo_log_directory'],
};

/** The folders of a component on a host, without those that `staying` components write to as well. */
export function foldersOf(
  component: ServiceName,
  { variables, staying }: { readonly variables: HostVariables; readonly staying: readonly ServiceName[] },
): readonly string[] {
  const read = (name: string): string => {
    const value = variables.read(name);
    return typeof value === 'string' ? value : '';
  };
  const kept = new Set(staying.flatMap((each) => folderVariables[each].map(read)));
  // At least two names deep: `/` and `/data` are never one component's own.
  return folderVariables[component].map(read).filter((path) => /^\/[^/]+\/[^/]+/.test(path) && !kept.has(path));
}

/** Plays that remove it all, from the top of the stack down. */
export function destroyPlays(remains: readonly Remains[]): readonly ValueMap[] {
  return services.toReversed().flatMap((component): readonly ValueMap[] => {
    const own = remains.filter(
      (each) => each.component === component && each.containers.length + each.folders.length > 0,
    );
    if (own.length === 0) return [];
    const values = Object.fromEntries(own.map(({ host, containers, folders }) => [host, { containers, folders }]));
    const loop = (list: string): ValueMap => ({
      loop: `<%= destroy[host.name].${list} %>`,
      loop_control: { loop_var: 'gone', label: '<%= gone %>' },
    });
    const folders = {
      name: 'Its folders are gone',
      file: { path: '<%= gone %>', state: 'absent' },
      ...loop('folders'),
    };
    return [
      {
        name: `Remove ${titles[component]}`,
        hosts: own.map(({ host }) => host).join(','),
        vars: { destroy: values },
        tasks: [
          {
            name: 'Its containers are gone',
            docker_container: { name: '<%= gone %>', state: 'absent', stop_timeout: 30 },
            ...loop('containers'),
          },
          {
            name: 'What rollouts have kept of it is gone',
            file: { path: `${keptFolder}/<%= gone %>`, state: 'absent' },
            ...loop('containers'),
          },
          ...(own.some((each) => each.folders.length > 0) ? [folders] : []),
        ],
      },
    ];
  });
}
