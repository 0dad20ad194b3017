import { askAgents, parseAgents } from '../mesos/agent-state.js';
import { askMaster, metricsOf, parseMaster } from '../mesos/master-state.js';
import type { Endpoint, Question } from '../probe/ask.js';
import { httpGet, parseHttp } from '../probe/http.js';
import { ill, serviceParts, silent, well, type Heard } from './service-row.js';
import type { Health, MasterDetails, MasterRow, Member } from './types.js';
import { counted } from './words.js';

/** `/metrics/snapshot` is each master's own; `/redirect` names the elected one; `/slaves` is answered by that one alone. */
export function askMesosMaster({ endpoint }: Member): readonly Question[] {
  return [...askMaster(endpoint), askAgents(endpoint), httpGet(redirectKey(endpoint), { endpoint, path: '/redirect' })];
}

export function mesosMasterRow(member: Member, heard: Heard): MasterRow {
  const state = parseMaster(member.endpoint, heard.answers);
  const details = state.kind === 'silent' ? undefined : detailsOf(member, { heard, state });
  const parts = serviceParts(member, {
    heard,
    health: state.kind === 'silent' ? silent(member, { heard, reason: state.reason }) : healthOf(details, heard),
    version: state.kind === 'silent' ? undefined : state.version,
    uptimeSeconds: state.kind === 'silent' ? undefined : state.uptimeSeconds,
  });
  if (details === undefined) return { component: 'mesos-master', ...parts };
  return { component: 'mesos-master', ...parts, role: details.elected ? 'elected' : 'standby', details };
}

function detailsOf(
  { endpoint }: Member,
  options: {
    readonly heard: Heard;
    readonly state: { readonly elected: boolean; readonly recovered: boolean | undefined };
  },
): MasterDetails {
  const { heard, state } = options;
  const { elected, recovered } = state;
  const metrics = metricsOf(parseHttp(heard.answers.get(`${endpoint} metrics`))) ?? {};
  const leader = leaderNamedBy(endpoint, heard) ?? (elected ? endpoint : undefined);
  const counts = {
    activeAgents: metrics['master/slaves_active'],
    inactiveAgents: metrics['master/slaves_inactive'],
    unreachableAgents: metrics['master/slaves_unreachable'],
    activeFrameworks: metrics['master/frameworks_active'],
  };
  return {
    elected,
    ...(recovered === undefined ? {} : { recovered }),
    ...(leader === undefined ? {} : { leader }),
    // A standby counts nothing: its zeros mean no more than that.
    ...(elected ? Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined)) : {}),
    agents: elected ? parseAgents(endpoint, heard.answers) : [],
  };
}

function leaderNamedBy(endpoint: Endpoint, heard: Heard): Endpoint | undefined {
  const location = parseHttp(heard.answers.get(redirectKey(endpoint)))?.headers['location'];
  return /^(?:https?:)?\/\/([^/]+)/.exec(location ?? '')?.[1];
}

function healthOf(details: MasterDetails | undefined, heard: Heard): Health {
  if (details?.recovered === false) return ill('its replica of the log has not recovered: it does not vote');
  if (details?.elected !== true)
    return details?.leader === undefined
      ? ill('it knows no elected master')
      : well(`stands by for ${heard.hostAt(details.leader)}`);
  const { activeAgents = 0, inactiveAgents = 0, activeFrameworks } = details;
  const frameworks = activeFrameworks === undefined ? '' : `, ${counted(activeFrameworks, 'framework')}`;
  const active = inactiveAgents === 0 ? '' : ` active, ${inactiveAgents} inactive`;
  return well(`${counted(activeAgents, 'agent')}${active}${frameworks}`);
}

function redirectKey(endpoint: Endpoint): string {
  return `${endpoint} redirect`;
}
