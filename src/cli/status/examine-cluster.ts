import pLimit from 'p-limit';
import { parseReport, tell } from '../../modules/support/report.js';
import { joinShell } from '../../shell/text.js';
import { machineScript, parseMachine } from '../../stack/doctor/machine-look.js';
import type { Examination, HostExam } from '../../stack/doctor/types.js';
import { askContainer, parseContainer, type ContainerMade } from '../../stack/ensembles/container-made.js';
import { parseZooKeeperLook, zookeeperLook } from '../../stack/ensembles/zookeeper-look.js';
import { clusterStatus } from '../../stack/status/cluster-status.js';
import type { HostStatus, Member, ServiceName } from '../../stack/status/types.js';
import { recordedChanges } from '../journal.js';
import type { OpenCluster } from '../open-cluster.js';
import { askHost } from './ask-host.js';

const usualForks = 20;

interface Looked {
  readonly status: HostStatus;
  readonly exam: HostExam;
}

/** Everything that is looked at to say what is wrong: the status, and more of the hosts that answer. */
export async function examineCluster(cluster: OpenCluster, hosts: readonly string[]): Promise<Examination> {
  const limit = pLimit(usualForks);
  const looked = await Promise.all(hosts.map((host) => limit(() => lookAt(cluster, host))));
  return {
    cluster: clusterStatus({
      hosts: looked.map(({ status }) => status),
      members: cluster.members,
      changes: recordedChanges(),
    }),
    members: cluster.members,
    hosts: looked.map(({ exam }) => exam),
  };
}

async function lookAt(cluster: OpenCluster, host: string): Promise<Looked> {
  const status = await askHost(cluster, host);
  const empty: HostExam = { host, made: {} };
  if (status.kind !== 'asked') return { status, exam: empty };
  const members = cluster.members.filter((member) => member.host === host);
  try {
    const began = Date.now() / 1000;
    const machine = parseMachine(await cluster.run(host, machineScript(members)));
    const asked = { began, ended: Date.now() / 1000 };
    const zookeeper = members.find(({ component }) => component === 'zookeeper');
    const exam = { ...empty, machine, asked, made: await madeOf(cluster, members) };
    return { status, exam: zookeeper === undefined ? exam : { ...exam, ...(await zookeeperOf(cluster, zookeeper)) } };
  } catch (error) {
    const reason = cluster.troubleOf(error);
    if (reason === undefined) throw error;
    return { status: { kind: 'failed', host, reason }, exam: empty };
  }
}

async function zookeeperOf(
  cluster: OpenCluster,
  { host, endpoint, container }: Member,
): Promise<Pick<HostExam, 'zookeeper' | 'zooConfig'>> {
  const folder = cluster.variablesOf(host).read('zookeeper_directory');
  const directory = typeof folder === 'string' ? folder : '/data/zookeeper';
  const reply = await cluster.run(host, zookeeperLook({ endpoint, container, directory }));
  const zooConfig = parseReport(reply).word('config');
  return { zookeeper: parseZooKeeperLook(reply), ...(zooConfig === undefined ? {} : { zooConfig }) };
}

async function madeOf(
  cluster: OpenCluster,
  members: readonly Member[],
): Promise<Readonly<Partial<Record<ServiceName, ContainerMade>>>> {
  const made: Partial<Record<ServiceName, ContainerMade>> = {};
  for (const { host, component, container } of members) {
    if (component !== 'mesos-master' && component !== 'mesos-slave') continue;
    const report = parseReport(await cluster.run(host, joinShell([tell, askContainer(container)])));
    const { made: found } = parseContainer(report);
    if (found !== undefined) made[component] = found;
  }
  return made;
}
