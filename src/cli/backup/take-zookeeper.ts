import { join } from 'node:path';
import { zookeeperFolders } from '../../stack/backup/configuration.js';
import { chooseSource, type Candidate } from '../../stack/backup/choose-source.js';
import type { BackupManifest } from '../../stack/backup/manifest.js';
import { askServerCount, parseServerCount } from '../../stack/backup/state.js';
import { filesToCopy, lookAtData, parseData } from '../../stack/backup/zookeeper-data.js';
import { listedServers } from '../../stack/zookeeper/config.js';
import { askMembers } from './ask-members.js';
import { fetchCompressed } from './fetch.js';
import type { Taking } from './take.js';

/** The data of one healthy member, which holds every acknowledged write that its leader has sent it: a follower where there is one. */
export async function takeZooKeeper(taking: Taking): Promise<BackupManifest['zookeeper']> {
  const { cluster, signal } = taking;
  const members = cluster.members.filter(({ component }) => component === 'zookeeper');
  const answers = await askMembers({ cluster, members, questions: ({ endpoint }) => askServerCount(endpoint) });
  const candidates = answers.map((answer): Candidate =>
    answer.kind === 'heard'
      ? { member: answer.member, count: parseServerCount(answer.member.endpoint, answer.answers) }
      : { member: answer.member, count: undefined },
  );
  const chosen = chooseSource(candidates);
  if (chosen === undefined) {
    taking.problem('no ZooKeeper server serves, so that no data of theirs is known to be whole');
    return undefined;
  }
  const { member, state, ephemerals } = chosen;
  const { host } = member;
  const folders = zookeeperFolders(cluster.variablesOf(host));
  const found = parseData(await cluster.run(host, lookAtData(folders)));
  const { snapshots, logs } = filesToCopy(found);
  if (snapshots.length + logs.length === 0) {
    taking.problem(`${host} serves, but there is no data in ${folders.data}/version-2: its data lies elsewhere`);
    return undefined;
  }
  const reached = await cluster.reach(host);
  const { path, below } = taking.folderFor('zookeeper', host);
  const jobs = [
    ...snapshots.map(({ name }) => ({ name, kind: 'snapshot' as const, folder: folders.data })),
    ...logs.map(({ name }) => ({ name, kind: 'log' as const, folder: folders.log })),
  ];
  // One after the other, and snapshots first: see filesToCopy.
  for (const { name, kind, folder } of jobs) {
    const source = `${folder}/version-2/${name}`;
    const { packed, inside } = await fetchCompressed({
      host: reached,
      source,
      target: join(path, `${name}.gz`),
      signal,
    });
    taking.add({ path: `${below}/${name}.gz`, component: 'zookeeper', host, kind, source, ...packed, inside });
  }
  const ids = new Map(listedServers(found.config ?? '').map(({ id, address }) => [address, id]));
  return {
    ...(state.version === undefined ? {} : { version: state.version }),
    from: host,
    role: state.mode,
    ...(state.zxid === undefined ? {} : { zxid: state.zxid }),
    znodes: state.znodes ?? 0,
    ...(ephemerals === undefined ? {} : { ephemerals }),
    members: members.map((one) => {
      const address = one.endpoint.slice(0, one.endpoint.lastIndexOf(':'));
      const id = ids.get(address);
      return { host: one.host, address, ...(id === undefined ? {} : { id }) };
    }),
  };
}
