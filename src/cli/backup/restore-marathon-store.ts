import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleFailure } from '../../modules/types.js';
import type { Refusal } from '../../rollout/types.js';
import type { BackupFile, BackupManifest } from '../../stack/backup/manifest.js';
import { forgetScript, putInScript, stepDown, storePath, storeRefusals } from '../../stack/backup/marathon-store.js';
import { askMarathonState, isMap, type MarathonState, parseMarathonState } from '../../stack/backup/state.js';
import { callProblem } from '../../stack/membership/drain-calls.js';
import { askAll, parseAnswers } from '../../stack/probe/ask.js';
import { textOf } from '../../stack/probe/http.js';
import { listed } from '../../stack/status/words.js';
import type { Member } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';
import { askMembers, type MemberAnswer } from './ask-members.js';
import { runOn, sendPacked, type RestoreWork } from './restore-work.js';

const patienceSeconds = 180;
const sendSeconds = 600;

/** Why the state that Marathon wrote itself is not put back. */
export async function marathonStoreRefusals(
  cluster: OpenCluster,
  manifest: BackupManifest,
): Promise<readonly Refusal[]> {
  const heard = await askInstances(cluster);
  const away = heard.flatMap((answer) => {
    const problem = awayBecause(answer);
    return problem === undefined ? [] : [{ host: answer.member.host, reason: problem }];
  });
  return storeRefusals(manifest.marathon?.store?.version, { runs: stateOf(heard)?.version, away });
}

/**
 * Gives every instance the file, has the leader step down, and waits until the next one leads with the apps of the backup.
 * Throws ModuleFailure when it does not come to that.
 */
export async function restoreMarathonStore(work: RestoreWork): Promise<void> {
  const { cluster, backup, stamp, say } = work;
  const members = marathons(cluster);
  const file = backup.manifest.files.find(({ kind }) => kind === 'store');
  if (file?.inside === undefined) throw new ModuleFailure('the backup holds none that Marathon wrote itself');
  const path = storePath(stamp);
  const [first] = members;
  if (first === undefined) throw new ModuleFailure('the inventory wants no Marathon');
  try {
    await Promise.all(members.map((member) => send(work, { member, file, path, sha256: file.inside?.sha256 ?? '' })));
    say(`Marathon's state is in ${members.length} containers, proved by its sum; now the leader steps down.`);
    const question = stepDown('step down', { endpoint: first.endpoint, what: 'restore', path });
    const refused = callProblem(parseAnswers(await cluster.run(first.host, askAll([question]))), question.key);
    if (refused !== undefined) throw new ModuleFailure(`Marathon does not take the order to restore: ${refused}`);
    await untilRestored(work, appsOf(work));
  } finally {
    await Promise.all(
      members.map((member) =>
        runOn(work, { member, script: forgetScript(member.container, path), timeoutSeconds: sendSeconds }),
      ),
    );
  }
  say(`Marathon leads with the apps of the backup: ${appsOf(work).length === 0 ? 'none' : listed(appsOf(work))}.`);
}

async function send(
  work: RestoreWork,
  what: { readonly member: Member; readonly file: BackupFile; readonly path: string; readonly sha256: string },
): Promise<void> {
  const { member, path, sha256 } = what;
  await sendPacked(work, what);
  const script = putInScript(member.container, { path, sha256 });
  await runOn(work, { member, script, timeoutSeconds: sendSeconds });
}

/** The old leader ends; what it still says while it goes must not be taken for the restored state, so two answers in a row count. */
async function untilRestored(work: RestoreWork, wanted: readonly string[]): Promise<void> {
  const deadline = Date.now() + patienceSeconds * 1000;
  let good = 0;
  let last = 'no Marathon leads';
  while (good < 2) {
    await sleep(1500, undefined, { signal: work.signal });
    const state = stateOf(await askInstances(work.cluster));
    const problem = problemOf(state, wanted);
    good = problem === undefined ? good + 1 : 0;
    last = problem ?? last;
    if (good < 2 && Date.now() > deadline)
      throw new ModuleFailure(
        `Marathon is not back with the backup's apps within ${patienceSeconds} s: ${last}; \`runner logs marathon\` says why`,
      );
  }
}

function problemOf(state: MarathonState | undefined, wanted: readonly string[]): string | undefined {
  if (state === undefined) return 'no Marathon leads';
  const there = state.apps.map((app) => textOf(app['id']));
  const lacks = wanted.filter((id) => !there.includes(id));
  const extra = there.filter((id) => !wanted.includes(id));
  if (lacks.length > 0) return `it lacks ${listed(lacks)}`;
  return extra.length > 0 ? `it still has ${listed(extra)}` : undefined;
}

/** Ids of the apps as they were listed just before the state was written. */
function appsOf({ backup }: RestoreWork): readonly string[] {
  const file = backup.manifest.files.find(({ component, kind }) => component === 'marathon' && kind === 'state');
  if (file === undefined) throw new ModuleFailure('the backup does not tell which apps it holds');
  const data: unknown = JSON.parse(readFileSync(backup.pathOf(file), 'utf8'));
  const apps = isMap(data) && Array.isArray(data['apps']) ? data['apps'].filter(isMap) : [];
  return apps.map((app) => textOf(app['id']));
}

function marathons(cluster: OpenCluster): readonly Member[] {
  return cluster.members.filter(({ component }) => component === 'marathon');
}

function askInstances(cluster: OpenCluster): Promise<readonly MemberAnswer[]> {
  return askMembers({ cluster, members: marathons(cluster), questions: ({ endpoint }) => askMarathonState(endpoint) });
}

function stateOf(heard: readonly MemberAnswer[]): MarathonState | undefined {
  for (const answer of heard) {
    const state = answer.kind === 'heard' ? parseMarathonState(answer.member.endpoint, answer.answers) : undefined;
    if (state !== undefined) return state;
  }
  return undefined;
}

function awayBecause(answer: MemberAnswer): string | undefined {
  if (answer.kind === 'unreached') return answer.reason;
  const state = answer.answers.get(`${answer.member.endpoint} leader`);
  return state?.kind === 'answer' ? undefined : (state?.reason ?? 'it does not answer');
}
