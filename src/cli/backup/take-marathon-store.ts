import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleFailure } from '../../modules/types.js';
import type { BackupManifest } from '../../stack/backup/manifest.js';
import {
  forgetScript,
  lookForStore,
  ownBackupFrom,
  parseStoreSize,
  stepDown,
  storeName,
  storePath,
  takeOutScript,
} from '../../stack/backup/marathon-store.js';
import { askMarathonState, parseMarathonState } from '../../stack/backup/state.js';
import { callProblem } from '../../stack/membership/drain-calls.js';
import { askAll, parseAnswers } from '../../stack/probe/ask.js';
import type { Member } from '../../stack/status/types.js';
import { isAtLeast } from '../../stack/version.js';
import type { ShellText } from '../../shell/text.js';
import { askMembers } from './ask-members.js';
import { fetchCompressed } from './fetch.js';
import type { Taking } from './take.js';

/** How long the next leader may take to be elected and to write its state. */
const patienceSeconds = 180;

/**
 * Marathon's own backup (1.5 and later): the leader steps down, the next one writes its state before it leads, and the file
 * is fetched from whichever host that is. It costs one election: tasks run on, deployments wait for some seconds.
 */
export async function takeMarathonStore(
  taking: Taking,
  { id, say }: { readonly id: string; readonly say: (line: string) => void },
): Promise<NonNullable<BackupManifest['marathon']>['store']> {
  const { cluster, signal } = taking;
  const members = cluster.members.filter(({ component }) => component === 'marathon');
  const path = storePath(id);
  const leading = await leaderOf(taking, members);
  if (leading === undefined) {
    taking.problem('no Marathon leads: it cannot write a backup of its own');
    return undefined;
  }
  if (leading.version === undefined || !isAtLeast(leading.version, ownBackupFrom)) {
    say(
      `Marathon ${leading.version ?? ''} writes no backup of its own (1.5 and later do): its state is in ZooKeeper's data.`,
    );
    return undefined;
  }
  const { member, version } = leading;
  const question = stepDown('step down', { endpoint: member.endpoint, what: 'backup', path });
  const refused = callProblem(parseAnswers(await cluster.run(member.host, askAll([question]))), question.key);
  if (refused !== undefined) {
    taking.problem(`Marathon does not take the order for a backup of its own: ${refused}`);
    return undefined;
  }
  say('Marathon steps down; its next leader writes a backup of its own first.');
  try {
    const writer = await written(taking, { members, path });
    await runOn(taking, writer, takeOutScript(writer.container, path));
    const { path: folder, below } = taking.folderFor('marathon', writer.host);
    const { packed, inside } = await fetchCompressed({
      host: await cluster.reach(writer.host),
      source: path,
      target: join(folder, storeName),
      signal,
    });
    const file = { path: `${below}/${storeName}`, component: 'marathon', host: writer.host, kind: 'store' } as const;
    taking.add({ ...file, source: `${writer.container}:${path}`, ...packed, inside });
    return { version, from: writer.host };
  } catch (error) {
    const trouble = cluster.troubleOf(error);
    if (trouble === undefined) throw error;
    taking.problem(`Marathon's own backup: ${trouble}`);
    return undefined;
  } finally {
    await Promise.all(members.map((each) => forget(taking, { member: each, path })));
  }
}

/** An instance that answers, with the version of the one that leads. */
async function leaderOf(
  taking: Taking,
  members: readonly Member[],
): Promise<{ readonly member: Member; readonly version: string | undefined } | undefined> {
  const heard = await askMembers({
    cluster: taking.cluster,
    members,
    questions: ({ endpoint }) => askMarathonState(endpoint),
  });
  for (const answer of heard) {
    if (answer.kind !== 'heard') continue;
    const state = parseMarathonState(answer.member.endpoint, answer.answers);
    if (state !== undefined) return { member: answer.member, version: state.version };
  }
  return undefined;
}

/** The instance that has written the whole file, and leads: it leads only after it has written. */
async function written(
  taking: Taking,
  { members, path }: { readonly members: readonly Member[]; readonly path: string },
): Promise<Member> {
  const deadline = Date.now() + patienceSeconds * 1000;
  let before: number | undefined;
  for (;;) {
    const sizes = await Promise.all(members.map((member) => sizeOn(taking, { member, path })));
    const index = sizes.findIndex((size) => size !== undefined);
    const writer = members[index];
    const isWhole = sizes[index] === before && before !== undefined;
    if (writer !== undefined && isWhole && (await leaderOf(taking, members)) !== undefined) return writer;
    before = sizes[index];
    if (Date.now() > deadline)
      throw new ModuleFailure(
        `not written within ${patienceSeconds} s, or no Marathon leads since; \`runner logs marathon\` says why`,
      );
    await sleep(1000, undefined, { signal: taking.signal });
  }
}

async function sizeOn(
  { cluster }: Taking,
  { member, path }: { readonly member: Member; readonly path: string },
): Promise<number | undefined> {
  try {
    return parseStoreSize(await cluster.run(member.host, lookForStore(member.container, path)));
  } catch (error) {
    if (cluster.troubleOf(error) === undefined) throw error;
    return undefined;
  }
}

async function forget(
  { cluster }: Taking,
  { member, path }: { readonly member: Member; readonly path: string },
): Promise<void> {
  try {
    await cluster.run(member.host, forgetScript(member.container, path));
  } catch (error) {
    // What is left in a container's /tmp goes with it; the backup itself is judged by what was fetched.
    if (cluster.troubleOf(error) === undefined) throw error;
  }
}

async function runOn({ cluster }: Taking, member: Member, script: ShellText): Promise<void> {
  const { code, stderr } = await cluster.run(member.host, script);
  if (code !== 0) throw new ModuleFailure(`on ${member.host}: ${stderr.toString('utf8').trim()}`);
}
