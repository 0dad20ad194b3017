import { askInstance, parseInstance, type InstanceState } from '../marathon/instance-state.js';
import type { Question } from '../probe/ask.js';
import { httpGet, parseHttp, parseJsonBody } from '../probe/http.js';
import { ill, serviceParts, silent, well, type Heard } from './service-row.js';
import type { Health, MarathonApp, MarathonDetails, MarathonRow, Member } from './types.js';
import { counted } from './words.js';

const appsKey = 'marathon apps';
const deploymentsKey = 'marathon deployments';

export function askMarathon({ endpoint }: Member): readonly Question[] {
  return [
    ...askInstance(endpoint),
    httpGet(appsKey, { endpoint, path: '/v2/apps' }),
    httpGet(deploymentsKey, { endpoint, path: '/v2/deployments' }),
  ];
}

/** A standby hands every question on to the leader, so its own version is known from its image alone. */
export function marathonRow(member: Member, heard: Heard): MarathonRow {
  const state = parseInstance(member.endpoint, heard.answers);
  if (state.kind === 'silent') {
    const health = silent(member, { heard, reason: state.reason });
    return { component: 'marathon', ...serviceParts(member, { heard, health }) };
  }
  const details = detailsOf(state, heard);
  const leads = !state.standby && state.leader !== undefined;
  const version = leads ? state.leaderVersion : undefined;
  const role = leads ? 'leader' : state.standby ? 'standby' : undefined;
  return {
    component: 'marathon',
    ...serviceParts(member, { heard, health: healthOf(details, heard), version }),
    ...(role === undefined ? {} : { role }),
    details,
  };
}

function detailsOf(state: Exclude<InstanceState, { kind: 'silent' }>, heard: Heard): MarathonDetails {
  const { leader, standby, frameworkId } = state;
  const apps = appsIn(jsonOf(appsKey, heard));
  const deployments = jsonOf(deploymentsKey, heard);
  return {
    standby,
    ...(leader === undefined ? {} : { leader }),
    ...(frameworkId === undefined ? {} : { frameworkId }),
    ...(apps === undefined ? {} : { apps }),
    ...(Array.isArray(deployments) ? { deployments: deployments.length } : {}),
  };
}

function healthOf({ leader, standby, apps, deployments }: MarathonDetails, heard: Heard): Health {
  if (leader === undefined) return ill('it knows no leader');
  if (standby) return well(`stands by for ${heard.hostAt(leader)}`);
  if (apps === undefined) return ill('it leads, but does not list its apps');
  const busy =
    deployments === undefined || deployments === 0 ? '' : `, ${counted(deployments, 'deployment')} under way`;
  return well(`${counted(apps.length, 'app')}${busy}`);
}

function jsonOf(key: string, heard: Heard): unknown {
  const reply = parseHttp(heard.answers.get(key));
  return reply?.status === 200 ? parseJsonBody(reply) : undefined;
}

function appsIn(data: unknown): readonly MarathonApp[] | undefined {
  const apps = (data as { readonly apps?: unknown } | null | undefined)?.apps;
  if (!Array.isArray(apps)) return undefined;
  return apps.flatMap(
    (app: { readonly id?: unknown; readonly instances?: unknown; readonly tasksRunning?: unknown } | null) =>
      typeof app?.id === 'string'
        ? { id: app.id, instances: Number(app.instances ?? 0), running: Number(app.tasksRunning ?? 0) }
        : [],
  );
}
