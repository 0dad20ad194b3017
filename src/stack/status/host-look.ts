import { assertNever } from '../../core/assert.js';
import { joinShell, type ShellText } from '../../shell/text.js';
import { parseReport } from '../../modules/support/report.js';
import type { LookReply } from '../../modules/types.js';
import { askAll, parseAnswers, type Endpoint, type Question } from '../probe/ask.js';
import { askBambooMember, askHaproxy, bambooRow } from './bamboo.js';
import { askEngine, parseEngine } from './containers.js';
import { dockerRow } from './docker.js';
import { askMarathon, marathonRow } from './marathon.js';
import { askMesosMaster, mesosMasterRow } from './mesos-master.js';
import { askMesosSlave, mesosSlaveRow } from './mesos-slave.js';
import type { Heard } from './service-row.js';
import type { Member, Row } from './types.js';
import { askZooKeeper, zookeeperRow } from './zookeeper.js';

/** Everything that is asked on one host, in one script: its members, its engine and their containers. It only reads. */
export function hostScript(members: readonly Member[]): ShellText {
  return joinShell([
    askAll(members.flatMap(questionsOf)),
    askEngine(members.map(({ container }) => container)),
    ...members.filter(({ component }) => component === 'bamboo').map(askHaproxy),
  ]);
}

/**
 * The rows of a host from what its script printed: the engine's first, then the members'. `hostAt` gives the host of a
 * member by its endpoint. Throws ModuleFailure when the script itself failed.
 */
export function hostRows(
  reply: LookReply,
  options: {
    readonly host: string;
    readonly members: readonly Member[];
    readonly hostAt: (endpoint: Endpoint) => string;
  },
): readonly Row[] {
  const { host, members, hostAt } = options;
  const report = parseReport(reply);
  const engine = parseEngine(report);
  const heard: Heard = { answers: parseAnswers(reply), engine, records: (key) => report.records(key), hostAt };
  return [dockerRow(host, { engine, members }), ...members.map((member) => rowOf(member, heard))];
}

function questionsOf(member: Member): readonly Question[] {
  switch (member.component) {
    case 'zookeeper':
      return askZooKeeper(member);
    case 'mesos-master':
      return askMesosMaster(member);
    case 'mesos-slave':
      return askMesosSlave(member);
    case 'marathon':
      return askMarathon(member);
    case 'bamboo':
      return askBambooMember(member);
    default:
      return assertNever(member.component);
  }
}

function rowOf(member: Member, heard: Heard): Row {
  switch (member.component) {
    case 'zookeeper':
      return zookeeperRow(member, heard);
    case 'mesos-master':
      return mesosMasterRow(member, heard);
    case 'mesos-slave':
      return mesosSlaveRow(member, heard);
    case 'marathon':
      return marathonRow(member, heard);
    case 'bamboo':
      return bambooRow(member, heard);
    default:
      return assertNever(member.component);
  }
}
