import { ModuleFailure } from '../../modules/types.js';
import type { ShellText } from '../../shell/text.js';
import { zookeeperFolders } from '../../stack/backup/configuration.js';
import { lastingZnodes } from '../../stack/backup/restore-check.js';
import {
  stagedFolders,
  stageScript,
  startScript,
  stopScript,
  swapBackScript,
  swapScript,
  unpackScript,
} from '../../stack/backup/restore-scripts.js';
import { askServerCount, parseServerCount } from '../../stack/backup/state.js';
import type { DataFolders } from '../../stack/backup/zookeeper-data.js';
import type { Member } from '../../stack/status/types.js';
import { liveEnsemble, waitUntilWell } from '../membership/live-ensemble.js';
import { askMembers } from './ask-members.js';
import { runOn, sendPacked, type RestoreWork } from './restore-work.js';

/** Sending and unpacking a large snapshot. */
const unpackSeconds = 1800;
const stopSeconds = 120;

/**
 * Gives every server the data of the backup: sent and proved while all still serve, then all are stopped, the folders are
 * exchanged, all are started. An ensemble that does not serve afterwards, or has not what the backup has, gets its present
 * data back. Throws ModuleFailure.
 */
export async function restoreZooKeeper(work: RestoreWork): Promise<void> {
  const { cluster, stamp, say } = work;
  const members = cluster.members.filter(({ component }) => component === 'zookeeper');
  await Promise.all(members.map((member) => stage(work, member)));
  say(`The data is on ${members.length} hosts, proved by its sums; now all servers stop.`);
  const everywhere = (script: (member: Member, folders: DataFolders) => ShellText): Promise<unknown> =>
    Promise.all(
      members.map((member) =>
        runOn(work, { member, script: script(member, foldersOf(work, member)), timeoutSeconds: stopSeconds }),
      ),
    );
  const back = async (error: unknown): Promise<never> => {
    const reason = cluster.troubleOf(error);
    if (reason === undefined) throw error;
    say(`Going back to the present data: ${reason}`);
    await everywhere(({ container }) => stopScript(container));
    await everywhere((_member, folders) => swapBackScript(folders, stamp));
    await everywhere(({ container }) => startScript(container));
    throw new ModuleFailure(`${reason}; the servers have the data from before again`);
  };
  await everywhere(({ container }) => stopScript(container));
  try {
    await everywhere((_member, folders) => swapScript(folders, stamp));
    await everywhere(({ container }) => startScript(container));
    say('All servers start on the restored data.');
    await waitUntilWell(liveEnsemble({ cluster, component: 'zookeeper' }), { signal: work.signal });
    say(await proof(work, members));
  } catch (error) {
    await back(error);
  }
  say(`The data from before is beside it on every host: version-2.before-restore-${stamp}`);
}

async function stage(work: RestoreWork, member: Member): Promise<void> {
  const { backup, stamp } = work;
  const folders = foldersOf(work, member);
  const staged = stagedFolders(folders, stamp);
  await runOn(work, { member, script: stageScript(folders, stamp), timeoutSeconds: stopSeconds });
  const sent: { readonly path: string; readonly sha256: string }[] = [];
  for (const file of backup.manifest.files) {
    const name = /\/((?:snapshot|log)\.[0-9a-f]{1,16})\.gz$/.exec(file.path)?.[1];
    if (file.inside === undefined || name === undefined) continue;
    const path = `${file.kind === 'snapshot' ? staged.data : staged.log}/${name}`;
    await sendPacked(work, { member, file, path });
    sent.push({ path, sha256: file.inside.sha256 });
  }
  const script = unpackScript(sent, { folders, id: stamp });
  await runOn(work, { member, script, timeoutSeconds: unpackSeconds });
}

/** Every server must have the lasting znodes of the backup; those of sessions come and go with their clients. */
async function proof(work: RestoreWork, members: readonly Member[]): Promise<string> {
  const then = work.backup.manifest.zookeeper;
  const answers = await askMembers({
    cluster: work.cluster,
    members,
    questions: ({ endpoint }) => askServerCount(endpoint),
  });
  const counts = answers.map((answer) => {
    const count = answer.kind === 'heard' ? parseServerCount(answer.member.endpoint, answer.answers) : undefined;
    const znodes = count?.state.kind === 'serving' ? count.state.znodes : undefined;
    if (znodes === undefined) throw new ModuleFailure(`${answer.member.host} does not tell how many znodes it has`);
    return { host: answer.member.host, znodes, ephemerals: count?.ephemerals };
  });
  const wanted = then === undefined ? 0 : lastingZnodes(then);
  const short = counts.find((count) => lastingZnodes(count) < wanted);
  if (short !== undefined)
    throw new ModuleFailure(`${short.host} has ${lastingZnodes(short)} lasting znodes, the backup has ${wanted}`);
  const words = counts.map((count) => `${count.host} ${lastingZnodes(count)}`).join(', ');
  return `Lasting znodes: ${wanted} in the backup, ${words} now.`;
}

function foldersOf(work: RestoreWork, member: Member): DataFolders {
  return zookeeperFolders(work.cluster.variablesOf(member.host));
}
