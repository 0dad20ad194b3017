import { eventually } from '../lab/harness.js';
import { applyArguments, electedMaster, impatient, leadingMarathon } from './stack-story.js';

/** What is disturbed while it rolls: a change of a setting of masters, of Marathon. */
interface Disturbed {
  readonly title: string;
  readonly group: string;
  readonly container: string;
  /** Ports of the program itself and of what it lives on. */
  readonly ports: string;
  readonly leader: () => Promise<string>;
  readonly change: (number: number) => readonly string[];
  /** The same, with a gate that gives up soon. */
  readonly hastyChange: () => readonly string[];
  /** What the gate lacks while one member is cut off. */
  readonly lacks: RegExp;
}

export const disturbed: readonly Disturbed[] = [
  {
    title: 'masters',
    group: 'mesos_master',
    container: 'mmaster',
    ports: '2181,2888,3888,5050',
    leader: () => eventually('a master is elected', 30, electedMaster),
    change: (number) =>
      applyArguments(
        'playbooks/mesos.yaml',
        { mesos_logging_level: ['WARNING', 'ERROR'][number] ?? '' },
        '--limit',
        'mesos_master',
      ),
    hastyChange: () => applyArguments(impatient('mesos-master'), { mesos_logging_level: 'INFO' }),
    lacks: /the replicated log has 3 replicas .*it counts 2/,
  },
  {
    title: 'Marathon',
    group: 'marathon',
    container: 'marathon',
    ports: '2181,2888,3888,8080',
    leader: () => eventually('a Marathon leads', 30, leadingMarathon),
    change: (number) => applyArguments('playbooks/marathon.yaml', { marathon_heap: `${384 + number}m` }),
    hastyChange: () => applyArguments(impatient('marathon'), { marathon_heap: '400m' }, '--skip-tags', 'verify'),
    lacks: /did not hold within .*: node\d: the instance answers and knows the leader/,
  },
];
