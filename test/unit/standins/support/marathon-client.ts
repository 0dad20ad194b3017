import { call, getJson, type Started } from './programs.js';
import { eventually } from './eventually.js';
import type { Answer } from '../../../../lab/standins/src/shared/http-client.js';

/** An app of two instances, each a container with one port. */
export const app = {
  id: '/hello',
  instances: 2,
  cpus: 0.1,
  mem: 64,
  env: { GREETING: 'a=b c' },
  container: {
    type: 'DOCKER',
    docker: {
      image: 'web:1',
      network: 'BRIDGE',
      portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 10_100 }],
    },
  },
};

export const post = (url: string, value: unknown): Promise<Answer> =>
  call({ method: 'POST', url, body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } });

/** The answer once it is 200. */
export const answers = async (marathon: Started<unknown>, path: string): Promise<Answer | undefined> => {
  const answer = await call({ url: `${marathon.url}${path}` });
  return answer.status === 200 ? answer : undefined;
};

export interface TaskJson {
  readonly id: string;
  readonly host: string;
  readonly ports: readonly number[];
  readonly state: string;
}

export async function runningTasks(marathon: Started<unknown>, count: number): Promise<readonly TaskJson[]> {
  return eventually(`${count} tasks run`, async () => {
    const { tasks } = (await getJson(`${marathon.url}/v2/tasks`)) as unknown as { tasks: TaskJson[] };
    return tasks.length === count && tasks.every((task) => task.state === 'TASK_RUNNING') ? tasks : undefined;
  });
}
