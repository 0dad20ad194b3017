import type { ComponentName, Member, ServiceName } from '../status/types.js';
import type { ValueMap } from '../../template/value.js';
import { type OperatedName, titles } from './components.js';
import { staleSocketsScript } from './stale-sockets.js';
import { verifyTask } from './verify.js';

export type Action = 'start' | 'stop' | 'restart';

/** A component and the hosts it is started, stopped or restarted on. */
export interface Target {
  readonly component: OperatedName;
  readonly hosts: readonly string[];
}

/** The kinds of ensembles that a restart goes by. */
export const kindOf: Readonly<Record<ComponentName, string>> = {
  docker: 'docker',
  zookeeper: 'zookeeper',
  'mesos-master': 'mesos-master',
  'mesos-slave': 'mesos-agent',
  marathon: 'marathon',
  bamboo: 'bamboo',
};

const verbs: Readonly<Record<Action, string>> = { start: 'Start', stop: 'Stop', restart: 'Restart' };

/** Time to give up a leadership and to write the last log in good order. */
const stopSeconds = 30;

/**
 * The plays that start, stop or restart components: upwards, and for a stop downwards, each only when the one before it
 * has done its work. A restart is a rollout: member by member, with the kind's own gate between them.
 */
export function lifecyclePlays(
  action: Action,
  { targets, members }: { readonly targets: readonly Target[]; readonly members: readonly Member[] },
): readonly ValueMap[] {
  const inOrder = action === 'stop' ? targets.toReversed() : targets;
  return inOrder.map(({ component, hosts }) => {
    const about = { name: `${verbs[action]} ${titles[component]}`, hosts: hosts.join(',') };
    if (component === 'rsyslog') return { ...about, tasks: serviceTasks('rsyslog', action) };
    const head = {
      ...about,
      ...(action === 'restart' ? { ensemble: { kind: kindOf[component] } } : {}),
    };
    if (component === 'docker') return { ...head, tasks: serviceTasks('docker', action) };
    const own = members.filter((member) => member.component === component && hosts.includes(member.host));
    const proof = action === 'start' ? [verifyTask(component, members)] : [];
    return { ...head, vars: { lifecycle: valuesOf(own) }, tasks: [containerTask(action, component), ...proof] };
  });
}

/** What the tasks need of each host. */
function valuesOf(members: readonly Member[]): ValueMap {
  return Object.fromEntries(
    members.map(({ host, container, endpoint, haproxy = '' }) => [host, { container, endpoint, haproxy }]),
  );
}

function containerTask(action: Action, component: ServiceName): ValueMap {
  return {
    name: action === 'stop' ? 'Container is stopped' : action === 'start' ? 'Container runs' : 'Container is restarted',
    docker_container: {
      name: '<%= lifecycle[host.name].container %>',
      state: action === 'stop' ? 'stopped' : 'started',
      stop_timeout: stopSeconds,
      // What a rollout has kept is not ours to take away.
      keep_old: true,
      ...(action === 'stop' ? {} : { healthy_after: component === 'marathon' || component === 'bamboo' ? 3 : 1 }),
      ...(action === 'restart' ? { restart: true } : {}),
    },
  };
}

/** The service of each, and the socket with which systemd starts a stopped one again for the next who speaks to it. */
const sockets = { docker: 'docker.socket', rsyslog: 'syslog.socket' } as const;
const titlesOfServices = { docker: 'Engine', rsyslog: 'rsyslog' } as const;

/** A stop closes the socket, the start makes another one in its place: who had it mounted would go on with the old one. */
const staleTask: ValueMap = {
  name: 'Containers that held the old socket are restarted',
  shell: `for name in $(${staleSocketsScript}); do docker restart "$name"; done`,
  register: 'lifecycle_stale',
  changed_when: "lifecycle_stale.stdout !== ''",
};

function serviceTasks(name: keyof typeof sockets, action: Action): readonly ValueMap[] {
  const state = { start: 'started', stop: 'stopped', restart: 'restarted' }[action];
  const service = { name: `${titlesOfServices[name]} is ${state}`, service: { name, state } };
  if (action === 'start' && name === 'docker') return [service, staleTask];
  if (action !== 'stop') return [service];
  const socket = sockets[name];
  const close = {
    name: 'Its socket is closed',
    shell: `if systemctl is-active --quiet ${socket}; then systemctl stop ${socket} 2>/dev/null && echo closed; fi`,
    register: 'lifecycle_socket',
    changed_when: "lifecycle_socket.stdout !== ''",
  };
  return [close, service];
}
