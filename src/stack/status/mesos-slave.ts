import { askAgent, parseAgent, type AgentState } from '../mesos/agent-state.js';
import type { Question } from '../probe/ask.js';
import { ill, serviceParts, silent, well, type Heard } from './service-row.js';
import type { AgentRow, Health, MasterRow, Member } from './types.js';
import { counted } from './words.js';

export function askMesosSlave({ endpoint }: Member): readonly Question[] {
  return askAgent(endpoint);
}

/** An agent's row by its own word; the elected master's comes in by `withMastersWord`. */
export function mesosSlaveRow(member: Member, heard: Heard): AgentRow {
  const state = parseAgent(member.endpoint, heard.answers);
  if (state.kind === 'silent') {
    const health = silent(member, { heard, reason: state.reason });
    return { component: 'mesos-slave', ...serviceParts(member, { heard, health }) };
  }
  const { version, uptimeSeconds, registered, recoveryErrors, runningTasks } = state;
  return {
    component: 'mesos-slave',
    ...serviceParts(member, { heard, health: healthOf(state), version, uptimeSeconds }),
    details: { registered, recoveryErrors, ...(runningTasks === undefined ? {} : { runningTasks }) },
  };
}

function healthOf(state: Exclude<AgentState, { kind: 'silent' }>): Health {
  if (!state.registered) return ill('it has not registered with a master');
  if (state.recoveryErrors > 0) return ill(`${counted(state.recoveryErrors, 'error')} when it recovered its state`);
  return well(state.runningTasks === undefined ? 'registered' : `${counted(state.runningTasks, 'task')} running`);
}

/** The agent's id, and whether it is active, as the elected master lists it; without one the row stays as it is. */
export function withMastersWord(row: AgentRow, elected: MasterRow | undefined): AgentRow {
  const listed = elected?.details?.agents.filter(({ endpoint }) => endpoint === row.endpoint) ?? [];
  // After an agent came back under another id the old one stays listed for a while.
  const agent = listed.find(({ active }) => active) ?? listed[0];
  if (elected === undefined || row.details === undefined) return row;
  const active = agent?.active === true;
  const health =
    row.health.state !== 'well' || active ? row.health : ill('the elected master does not list it as active');
  return { ...row, health, details: { ...row.details, active, ...(agent === undefined ? {} : { id: agent.id }) } };
}
