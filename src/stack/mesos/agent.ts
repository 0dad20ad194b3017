import { defineModule, params } from '../../modules/support/define.js';
import { text, texts, word } from '../../modules/support/fields.js';
import { askAll, parseAnswers } from '../probe/ask.js';
import { judge } from '../probe/judge.js';
import { sameVersion } from '../version.js';
import { askAgent, askAgents, parseAgent, parseAgents, type AgentState, type ListedAgent } from './agent-state.js';

interface Found {
  readonly agent: AgentState;
  /** As the masters list it; several entries when an old id is still listed. */
  readonly listed: readonly ListedAgent[];
}

/** Proves that an agent works. */
export const mesosAgent = defineModule({
  name: 'mesos_agent',
  summary: 'Proves that a Mesos agent has registered and that the elected master lists it as active; changes nothing.',
  params: params({
    agent: word('The agent as host:port.'),
    masters: texts('All masters as host:port.'),
    version: text('The version it must have.').optional(),
    container: text('The container it runs in: in a preview that would bring it, the answer is unknown.').optional(),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: askAll([...askAgent(params.agent), ...params.masters.map(askAgents)]),
    parse(reply): Found {
      const answers = parseAnswers(reply);
      const listed = params.masters.flatMap((master) => parseAgents(master, answers));
      return {
        agent: parseAgent(params.agent, answers),
        listed: listed.filter((agent) => agent.endpoint === params.agent),
      };
    },
  }),
  compare: (found, { params, preview, promised }) =>
    judge({
      problem: agentProblem(found, params),
      values: { id: found.listed.find((agent) => agent.active)?.id ?? null },
      container: params.container,
      preview,
      promised,
    }),
  change: () => Promise.resolve({ changed: false }),
});

/** Why the agent is not as it should be; undefined when it is. */
export function agentProblem(
  { agent, listed }: Found,
  wanted: { readonly agent: string; readonly version?: string | undefined },
): string | undefined {
  if (agent.kind === 'silent') return `${wanted.agent}: ${agent.reason}`;
  if (!sameVersion(agent.version, wanted.version))
    return `${wanted.agent} runs version ${agent.version}, not ${wanted.version}`;
  if (!agent.registered) return `${wanted.agent} has not registered with a master yet`;
  if (agent.recoveryErrors > 0) return `${wanted.agent} had ${agent.recoveryErrors} errors when it recovered its state`;
  return listed.some((one) => one.active) ? undefined : `no master lists ${wanted.agent} as active`;
}
