import { eventually } from './eventually.js';
import { answers } from './marathon-client.js';
import { getJson, type Started } from './programs.js';

/** The id an agent has from its master, once it is registered. */
export async function agentId(agent: Started<unknown>): Promise<string> {
  return eventually('the agent is registered', async () => {
    const metrics = await getJson(`${agent.url}/metrics/snapshot`);
    if (metrics['slave/registered'] !== 1) return undefined;
    const state = (await answers(agent, '/slave(1)/state')) ?? (await answers(agent, '/slave(1)/state.json'));
    return (JSON.parse(state?.body ?? '{}') as { id?: string }).id;
  });
}
