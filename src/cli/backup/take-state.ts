import { join } from 'node:path';
import {
  askBambooServices,
  askMarathonState,
  parseBambooServices,
  parseMarathonState,
} from '../../stack/backup/state.js';
import type { BackupManifest } from '../../stack/backup/manifest.js';
import { askMembers } from './ask-members.js';
import { saveBytes } from './fetch.js';
import type { Taking } from './take.js';

/** Marathon's apps as JSON, from any instance: a standby hands the question on to the leader. */
export async function takeMarathon(taking: Taking): Promise<BackupManifest['marathon']> {
  const members = taking.cluster.members.filter(({ component }) => component === 'marathon');
  const heard = await askMembers({
    cluster: taking.cluster,
    members,
    questions: ({ endpoint }) => askMarathonState(endpoint),
  });
  for (const answer of heard) {
    if (answer.kind !== 'heard') continue;
    const { member, answers } = answer;
    const state = parseMarathonState(member.endpoint, answers);
    if (state === undefined) continue;
    await saveState(taking, {
      ...member,
      component: 'marathon',
      name: 'apps.json',
      data: { apps: state.apps },
      source: '/v2/apps',
    });
    return {
      ...(state.version === undefined ? {} : { version: state.version }),
      ...(state.frameworkId === undefined ? {} : { frameworkId: state.frameworkId }),
      apps: state.apps.length,
    };
  }
  taking.problem('no instance of Marathon lists its apps');
  return undefined;
}

/** Bamboo's services, from any of them: they lie in ZooKeeper. */
export async function takeBamboo(taking: Taking): Promise<BackupManifest['bamboo']> {
  const members = taking.cluster.members.filter(({ component }) => component === 'bamboo');
  const heard = await askMembers({
    cluster: taking.cluster,
    members,
    questions: ({ endpoint }) => [askBambooServices(endpoint)],
  });
  for (const answer of heard) {
    if (answer.kind !== 'heard') continue;
    const { member, answers } = answer;
    const services = parseBambooServices(member.endpoint, answers);
    if (services === undefined) continue;
    await saveState(taking, {
      ...member,
      component: 'bamboo',
      name: 'services.json',
      data: services,
      source: '/api/services',
    });
    return { services: Object.keys(services).length };
  }
  taking.problem('no Bamboo lists its services');
  return undefined;
}

async function saveState(
  taking: Taking,
  state: {
    readonly component: 'marathon' | 'bamboo';
    readonly host: string;
    readonly endpoint: string;
    readonly name: string;
    readonly source: string;
    readonly data: unknown;
  },
): Promise<void> {
  const { component, host, name } = state;
  const { path, below } = taking.folderFor(component, host);
  const sum = await saveBytes(join(path, name), Buffer.from(`${JSON.stringify(state.data, undefined, 2)}\n`, 'utf8'));
  taking.add({
    path: `${below}/${name}`,
    component,
    host,
    kind: 'state',
    source: `http://${state.endpoint}${state.source}`,
    ...sum,
  });
}
