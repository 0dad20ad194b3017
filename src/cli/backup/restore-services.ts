import { readFileSync } from 'node:fs';
import { ModuleFailure } from '../../modules/types.js';
import { missingApps, missingServices, postApp, postService } from '../../stack/backup/restore-state.js';
import {
  askBambooServices,
  askMarathonState,
  parseBambooServices,
  parseMarathonState,
} from '../../stack/backup/state.js';
import { callProblem } from '../../stack/membership/drain-calls.js';
import { askAll, parseAnswers, type Question } from '../../stack/probe/ask.js';
import { textOf } from '../../stack/probe/http.js';
import type { Member } from '../../stack/status/types.js';
import { askMembers } from './ask-members.js';
import type { RestoreWork } from './restore-work.js';

/** Posts the apps of the backup that Marathon has not; those it has stay as they are. Gives what was posted. */
export async function restoreMarathon(work: RestoreWork): Promise<readonly string[]> {
  const heard = await ask(work, 'marathon', ({ endpoint }) => askMarathonState(endpoint));
  for (const { member, answers } of heard) {
    const state = parseMarathonState(member.endpoint, answers);
    if (state === undefined) continue;
    const apps = missingApps(keptState(work, 'marathon'), state.apps);
    await post(
      work,
      member,
      apps.map((app) => ({ name: textOf(app['id']), question: postApp(member.endpoint, app) })),
    );
    return apps.map((app) => textOf(app['id']));
  }
  throw new ModuleFailure('no instance of Marathon lists its apps: none can be compared or posted');
}

/** Posts the rules of the backup that Bamboo has not. Gives the apps they are for. */
export async function restoreBamboo(work: RestoreWork): Promise<readonly string[]> {
  const heard = await ask(work, 'bamboo', ({ endpoint }) => [askBambooServices(endpoint)]);
  for (const { member, answers } of heard) {
    const now = parseBambooServices(member.endpoint, answers);
    if (now === undefined) continue;
    const services = missingServices(keptState(work, 'bamboo'), now);
    await post(
      work,
      member,
      services.map((service) => ({ name: service.id, question: postService(member.endpoint, service) })),
    );
    return services.map(({ id }) => id);
  }
  throw new ModuleFailure('no Bamboo lists its services: none can be compared or posted');
}

async function ask(
  work: RestoreWork,
  component: 'marathon' | 'bamboo',
  questions: (member: Member) => readonly Question[],
): Promise<readonly { readonly member: Member; readonly answers: ReturnType<typeof parseAnswers> }[]> {
  const members = work.cluster.members.filter((member) => member.component === component);
  const answers = await askMembers({ cluster: work.cluster, members, questions });
  return answers.flatMap((answer) => (answer.kind === 'heard' ? [answer] : []));
}

async function post(
  work: RestoreWork,
  member: Member,
  posts: readonly { readonly name: string; readonly question: Question }[],
): Promise<void> {
  for (const { name, question } of posts) {
    const answers = parseAnswers(await work.cluster.run(member.host, askAll([question])));
    const problem = callProblem(answers, question.key);
    if (problem !== undefined) throw new ModuleFailure(`${name} is not taken: ${problem}`);
  }
}

/** The state that a backup keeps of a component; checked by its sum already. */
function keptState(work: RestoreWork, component: 'marathon' | 'bamboo'): unknown {
  const file = work.backup.manifest.files.find((one) => one.component === component && one.kind === 'state');
  if (file === undefined) throw new ModuleFailure(`the backup holds no state of ${component}`);
  return JSON.parse(readFileSync(work.backup.pathOf(file), 'utf8')) as unknown;
}
