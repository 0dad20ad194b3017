import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleFailure } from '../../modules/types.js';
import {
  agentAt,
  askDrainState,
  askSchedule,
  askTasks,
  callProblem,
  drainCall,
  drainWay,
  killTask,
  type Machine,
  machineCall,
  parseDrainState,
  postSchedule,
  scheduleWith,
  tasksOn,
} from '../../stack/membership/drain-calls.js';
import { askAgents } from '../../stack/mesos/agent-state.js';
import { askMaster, parseMaster } from '../../stack/mesos/master-state.js';
import {
  type Answer,
  askAll,
  type Endpoint,
  parseAnswers,
  type Question,
  splitEndpoint,
} from '../../stack/probe/ask.js';
import type { Member } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';

/** How long tasks may take to leave. */
const patienceSeconds = 600;
/** How often a task that came back to the same agent is ended again. */
const rounds = 3;

export interface DrainRequest {
  readonly cluster: OpenCluster;
  readonly agent: Member;
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** What is to be done when the agent is gone. */
export type AfterDrain = () => Promise<void>;

interface Talk extends DrainRequest {
  readonly ask: (questions: readonly Question[]) => Promise<ReadonlyMap<string, Answer>>;
  readonly master: Endpoint;
  readonly id: string;
  readonly machine: Machine;
}

/** Has the tasks of an agent leave. Throws ModuleFailure when they do not. An agent that no master lists has nothing to drain. */
export async function drainAgent(request: DrainRequest): Promise<AfterDrain> {
  const { cluster, agent, say } = request;
  const ask: Talk['ask'] = async (questions) => parseAnswers(await cluster.run(agent.host, askAll(questions)));
  const masters = cluster.members
    .filter(({ component }) => component === 'mesos-master')
    .map(({ endpoint }) => endpoint);
  const answers = await ask(masters.flatMap((master) => [...askMaster(master), askAgents(master)]));
  const elected = masters.flatMap((endpoint) => {
    const state = parseMaster(endpoint, answers);
    return state.kind === 'running' && state.elected ? [{ endpoint, version: state.version }] : [];
  })[0];
  if (elected === undefined) throw new ModuleFailure('no master is elected: nobody can move the tasks');
  const { endpoint: master } = elected;
  const listed = agentAt(agent.endpoint, { master, answers });
  if (listed === undefined) {
    say(`${agent.host}: the masters list no active agent there, nothing to drain`);
    return nothingMore;
  }
  const machine = { hostname: listed.hostname, ip: splitEndpoint(agent.endpoint).host };
  const talk: Talk = { ...request, ask, master, id: listed.id, machine };
  switch (drainWay(elected.version)) {
    case 'drain':
      await drainByMaster(talk);
      return nothingMore;
    case 'maintenance':
      return drainByMaintenance(talk);
    case 'none':
      await moveTasks(talk);
      return nothingMore;
  }
}

async function drainByMaster(talk: Talk): Promise<void> {
  const { ask, master, id, say, agent } = talk;
  const problem = callProblem(await ask([drainCall(master, id)]), 'drain');
  if (problem !== undefined) throw new ModuleFailure(`the master does not drain the agent ${id}: ${problem}`);
  say(`${agent.host}: draining agent ${id}`);
  await until(talk, async () => {
    const state = parseDrainState(await ask([askDrainState(master)]), id);
    return state === 'DRAINED' ? undefined : `the master says ${state ?? 'nothing'} of agent ${id}`;
  });
  say(`${agent.host}: drained`);
}

async function drainByMaintenance(talk: Talk): Promise<AfterDrain> {
  const { ask, master, machine, say, agent } = talk;
  const schedule = scheduleWith(await ask([askSchedule(master)]), { machine, nowMilliseconds: Date.now() });
  if (schedule !== undefined) {
    const problem = callProblem(await ask([postSchedule(master, schedule)]), 'post');
    if (problem !== undefined) throw new ModuleFailure(`the master does not take the maintenance schedule: ${problem}`);
    say(`${agent.host}: scheduled for maintenance as ${machine.hostname}`);
  }
  await moveTasks(talk);
  const down = callProblem(await ask([machineCall('down', { master, machine })]), 'machine down');
  if (down !== undefined) throw new ModuleFailure(`the master does not take ${machine.hostname} down: ${down}`);
  say(`${agent.host}: down for the masters`);
  return async () => {
    // Another master may be elected by now; a schedule that keeps a machine that is gone does no harm.
    const up = callProblem(await ask([machineCall('up', { master, machine })]), 'machine up');
    if (up !== undefined) say(`${agent.host}: ${machine.hostname} stays in the maintenance schedule: ${up}`);
  };
}

/** Ends Marathon's tasks on the agent, so that they start elsewhere; one that comes back to it is ended again, a few times. */
async function moveTasks(talk: Talk): Promise<void> {
  const { cluster, ask, machine, force, say, agent } = talk;
  const marathon = cluster.members.find(({ component }) => component === 'marathon')?.endpoint;
  if (marathon === undefined) return;
  for (let round = 0; round < rounds; round++) {
    const tasks = tasksOn(await ask([askTasks(marathon)]), machine.hostname);
    if (tasks === undefined) throw new ModuleFailure('Marathon does not list its tasks: they cannot be moved');
    if (tasks.length === 0) return;
    for (const id of tasks) {
      const problem = callProblem(await ask([killTask(marathon, id)]), `kill ${id}`);
      if (problem !== undefined) say(`${agent.host}: Marathon does not end ${id}: ${problem}`);
    }
    say(`${agent.host}: ${tasks.length} tasks sent away`);
    await until(talk, async () => {
      const left = tasksOn(await ask([askTasks(marathon)]), machine.hostname);
      const still = (left ?? []).filter((id) => tasks.includes(id));
      return still.length === 0 ? undefined : `${still.length} tasks are still there`;
    });
  }
  const left = tasksOn(await ask([askTasks(marathon)]), machine.hostname) ?? [];
  if (left.length === 0 || force) return;
  throw new ModuleFailure(
    `${left.length} tasks come back to this agent again and again (this Marathon does not mind maintenance): ` +
      'when the agent stops they start elsewhere; `--force` accepts that',
  );
}

async function until(talk: Talk, ask: () => Promise<string | undefined>): Promise<void> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const problem = await ask();
    if (problem === undefined) return;
    if (Date.now() > deadline) throw new ModuleFailure(`not within ${patienceSeconds} s: ${problem}`);
    await sleep(1000, undefined, { signal: talk.signal });
  }
}

function nothingMore(): Promise<void> {
  return Promise.resolve();
}
