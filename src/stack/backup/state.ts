import { askInstance, parseInstance } from '../marathon/instance-state.js';
import type { Answer, Endpoint, Question } from '../probe/ask.js';
import { httpGet, parseHttp, parseJsonBody } from '../probe/http.js';
import { askMonitor, askServer, parseMonitor, parseServer, type ZooKeeperState } from '../zookeeper/server-state.js';

type Answers = ReadonlyMap<string, Answer>;
type JsonMap = Readonly<Record<string, unknown>>;

/** What Marathon keeps, as it tells it. */
export interface MarathonState {
  readonly version: string | undefined;
  readonly frameworkId: string | undefined;
  readonly apps: readonly JsonMap[];
}

export function askMarathonState(endpoint: Endpoint): readonly Question[] {
  return [...askInstance(endpoint), httpGet(`${endpoint} apps`, { endpoint, path: '/v2/apps' })];
}

/** Undefined when it has no leader or does not list its apps. */
export function parseMarathonState(endpoint: Endpoint, answers: Answers): MarathonState | undefined {
  const state = parseInstance(endpoint, answers);
  const reply = parseHttp(answers.get(`${endpoint} apps`));
  const data = reply?.status === 200 ? parseJsonBody(reply) : undefined;
  if (state.kind === 'silent' || !isMap(data) || !Array.isArray(data['apps'])) return undefined;
  return { version: state.leaderVersion, frameworkId: state.frameworkId, apps: data['apps'].filter(isMap) };
}

export function askBambooServices(endpoint: Endpoint): Question {
  return httpGet(`${endpoint} services`, { endpoint, path: '/api/services' });
}

/** Services by app; undefined when it does not tell them, which it does only while ZooKeeper serves. */
export function parseBambooServices(endpoint: Endpoint, answers: Answers): JsonMap | undefined {
  const reply = parseHttp(answers.get(`${endpoint} services`));
  const data = reply?.status === 200 ? parseJsonBody(reply) : undefined;
  return isMap(data) ? data : undefined;
}

/** A ZooKeeper server with the count that tells lasting znodes from those of sessions. */
export interface ServerCount {
  readonly state: ZooKeeperState;
  readonly ephemerals: number | undefined;
  readonly syncedFollowers: number | undefined;
}

export function askServerCount(endpoint: Endpoint): readonly Question[] {
  return [askServer(`${endpoint} srvr`, endpoint), askMonitor(`${endpoint} mntr`, endpoint)];
}

export function parseServerCount(endpoint: Endpoint, answers: Answers): ServerCount {
  const monitor = parseMonitor(answers.get(`${endpoint} mntr`));
  return {
    state: parseServer(answers.get(`${endpoint} srvr`)),
    ephemerals: monitor.get('zk_ephemerals_count'),
    syncedFollowers: monitor.get('zk_synced_followers'),
  };
}

export function isMap(data: unknown): data is JsonMap {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}
