import type { Member, ServiceName } from '../status/types.js';
import type { ValueMap } from '../../template/value.js';

/** How long a started program may take until it serves: questions, and seconds between them. */
const patience = { retries: 30, delay: 2 };

/** The task that proves a component serves after its start, as its role does. Values of a host come from `lifecycle`. */
export function verifyTask(component: ServiceName, members: readonly Member[]): ValueMap {
  const of = (name: ServiceName): readonly string[] =>
    members.filter((member) => member.component === name).map(({ endpoint }) => endpoint);
  const endpoint = '<%= lifecycle[host.name].endpoint %>';
  const container = '<%= lifecycle[host.name].container %>';
  switch (component) {
    case 'zookeeper':
      return {
        name: 'It serves, and the ensemble has one leader',
        zookeeper_ensemble: { members: of('zookeeper'), member: endpoint, container },
        ...patience,
      };
    case 'mesos-master':
      return {
        name: 'One master is elected',
        mesos_masters: { masters: of('mesos-master'), master: endpoint, container },
        ...patience,
      };
    case 'mesos-slave':
      return {
        name: 'The agent is active',
        mesos_agent: { agent: endpoint, masters: of('mesos-master'), container },
        ...patience,
      };
    case 'marathon':
      return {
        name: 'Marathon has a leader',
        marathon_leader: { members: of('marathon'), instance: endpoint, container },
        ...patience,
      };
    case 'bamboo':
      return {
        name: 'Bamboo lists apps and HAProxy serves',
        bamboo_state: { bamboo: endpoint, haproxy: '<%= lifecycle[host.name].haproxy %>', container },
        ...patience,
      };
  }
}
