import { json, text, type Reply, type Request } from '../../shared/http-server.js';
import { atLeast } from '../../shared/version.js';
import { internal } from './internal-endpoints.js';
import { maintenance } from './maintenance.js';
import type { Master } from './master.js';
import { masterMetrics } from './metrics.js';
import { operatorApi } from './operator-api.js';
import { registryJson } from './registry-json.js';
import { agentJson, stateJson } from './state-json.js';

/** First and first-without version of each path that came or went (components.md 2.3). */
const availability: Readonly<
  Record<string, { readonly since?: string; readonly until?: string; readonly leaderOnly?: true }>
> = {
  '/health': {},
  '/redirect': {},
  '/metrics/snapshot': {},
  '/stats.json': { until: '0.23.0' },
  '/state.json': { until: '1.8.0', leaderOnly: true },
  '/state': { since: '0.25.0', leaderOnly: true },
  '/slaves': { since: '0.22.0', leaderOnly: true },
  '/state-summary': { since: '0.23.0', leaderOnly: true },
  '/frameworks': { since: '0.24.0', leaderOnly: true },
  '/version': { since: '0.26.0' },
  '/flags': { since: '0.26.0' },
  '/maintenance/schedule': { since: '0.25.0', leaderOnly: true },
  '/maintenance/status': { since: '0.25.0', leaderOnly: true },
  '/machine/down': { since: '0.25.0', leaderOnly: true },
  '/machine/up': { since: '0.25.0', leaderOnly: true },
  '/api/v1': { since: '1.0.0' },
};

function redirect(master: Master, path: string): Reply {
  const modern = atLeast(master.config.version, '1.0.0');
  const leader = master.leadership()?.leader() ?? (modern ? undefined : master.info);
  if (leader === undefined) return text(503, 'No leader elected');
  return text(307, '', { Location: `//${leader.hostname}:${leader.port}${path}` });
}

/** Answers what a mesos-master of this version answers. */
export async function answer(master: Master, request: Request): Promise<Reply> {
  if (request.path.startsWith('/standin/')) return internal(master, request);
  const path = request.path.replace(/^\/master(?=\/)/, '');
  const { version, flags } = master.config;
  // Each master has a registrar of its own, which knows the registry only where the master leads.
  if (decodeURIComponent(path) === '/registrar(1)/registry') return json(200, registryJson(master));
  const known = availability[path];
  if (
    known === undefined ||
    !atLeast(version, known.since ?? '0') ||
    (known.until !== undefined && atLeast(version, known.until))
  )
    return text(404);
  if (known.leaderOnly && !master.leads() && atLeast(version, '1.0.0')) return redirect(master, request.path);

  switch (path) {
    case '/health':
      return text(200);
    case '/redirect':
      return redirect(master, '');
    case '/metrics/snapshot':
    case '/stats.json':
      return json(200, masterMetrics(master));
    case '/state':
    case '/state.json':
    case '/state-summary':
      return json(200, stateJson(master));
    case '/frameworks':
      return json(200, { frameworks: stateJson(master)['frameworks'] });
    case '/slaves':
      return json(200, { slaves: [...master.cluster.agents.values()].map((agent) => agentJson(master, agent)) });
    case '/version':
      return json(200, { version, build_user: 'lab stand-in', build_date: '', build_time: 0 });
    case '/flags':
      return json(200, { flags: flags.given });
    case '/api/v1':
      return operatorApi(master, request, () => redirect(master, request.path));
    default:
      return (await maintenance(master, path, request)) ?? text(404);
  }
}
