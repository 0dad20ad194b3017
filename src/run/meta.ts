import { assertNever } from '../core/assert.js';
import type { MetaStep } from '../playbook/types.js';
import { Unknown } from '../template/value.js';
import { finishTask } from './finish.js';
import { judge } from './keywords.js';
import type { Frame, PlayHost } from './play-state.js';
import { type ItemResult, unknown } from './result.js';
import { settleAll } from './settle.js';
import { guarded, performTask } from './task.js';
import { evaluateWithFacts, taskScope } from './task-scope.js';

/** What a play says about the run itself. Shows nothing unless its condition fails to evaluate. */
export async function runMeta(options: {
  readonly step: MetaStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
  readonly flush: (hosts: readonly PlayHost[]) => Promise<void>;
}): Promise<void> {
  const { step, hosts, frame, flush } = options;
  const verdicts = await settleAll(hosts.map(async (host) => ({ host, holds: await holds({ step, host, frame }) })));
  const chosen = verdicts.filter(({ holds }) => holds).map(({ host }) => host);
  if (chosen.length === 0) return;
  const { play } = frame;
  switch (step.action) {
    case 'noop':
      return;
    case 'flush_handlers':
      return flush(chosen);
    case 'end_host':
      for (const host of chosen) host.ended = true;
      return;
    case 'end_role':
      for (const host of chosen) host.roleEnded = true;
      return;
    case 'end_batch':
      for (const host of play.batch.hosts) host.ended = true;
      return;
    case 'end_play':
      play.ended = true;
      for (const host of play.hosts.values()) host.ended = true;
      return;
    case 'clear_facts':
      for (const { state } of chosen) {
        state.variables.clear();
        state.includedVariables.clear();
        play.run.forgetFacts(state.name);
      }
      return;
    case 'clear_host_errors':
      return clearErrors(frame);
    case 'reset_connection':
      await settleAll(chosen.map(async ({ state }) => state.connection.reset()));
      return;
    case 'refresh_inventory':
      play.run.bus.emit({
        kind: 'message',
        level: 'warning',
        text: 'meta: refresh_inventory does nothing: the inventory of a run is settled when it starts',
      });
      return;
    default:
      assertNever(step.action);
  }
}

/** Every host of the play is as if it had not failed: from the next play on it takes part again. */
async function clearErrors(frame: Frame): Promise<void> {
  const { play } = frame;
  for (const host of play.hosts.values()) {
    if (!host.failure && !host.state.unreachable && !play.lost.has(host.state.name)) continue;
    play.cleared.add(host.state.name);
    play.lost.delete(host.state.name);
    host.state.failed = false;
    if (!host.state.unreachable) continue;
    host.state.unreachable = false;
    host.failure ??= { kind: 'elsewhere', task: {}, result: null };
    await host.state.connection.reset();
  }
}

async function holds(options: {
  readonly step: MetaStep;
  readonly host: PlayHost;
  readonly frame: Frame;
}): Promise<boolean> {
  const { step, host, frame } = options;
  if (step.when.length === 0) return true;
  const scope = taskScope({ host, step, frame });
  let answer = false;
  const result: ItemResult = await guarded({ frame }, async () => {
    const verdict = await evaluateWithFacts({
      run: frame.play.run,
      host: host.state.name,
      action: () => judge(step.when, scope),
    });
    answer = verdict === true;
    return unknown(verdict instanceof Unknown ? verdict : new Unknown(''));
  });
  if (result.status === 'unknown') return answer;
  const report = await performTask({ step, host, frame, action: async () => result });
  await finishTask({ report, register: undefined, notifies: [] });
  return false;
}
