import { assertNever } from '../core/assert.js';
import type { BlockStep, ModuleStep, RoleStep, Step } from '../playbook/types.js';
import { flushHandlers } from './handlers.js';
import { includeRole, includeTasks } from './include.js';
import { layerOfFailure } from './failure-layer.js';
import { runMeta } from './meta.js';
import { runModuleStep } from './module-step.js';
import { type Failure, type Frame, isLive, type PlayHost, withLayers } from './play-state.js';
import { checkArguments } from './role-check.js';
import { checkBudget } from './budget.js';
import { writtenName } from '../plan/steps.js';
import { isSelected } from './selection.js';

/**
 * Takes hosts through steps together: all of them finish a step before the next one starts (strategy free calls it with
 * one host at a time). A host that failed, ended or is lost stands still; a block's rescue picks it up again.
 */
export async function walk(steps: readonly Step[], hosts: readonly PlayHost[], frame: Frame): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const live = hosts.filter((host) => isLive(host, frame.play));
    if (live.length === 0) return;
    if (!isSelected(step, frame)) continue;
    if (!(await isConfirmed(step, live, frame))) continue;
    const following = { steps, from: index + 1, frame, outer: frame.following };
    await walkStep(step, live, { ...frame, following });
    checkBudget(frame);
  }
}

async function walkStep(step: Step, hosts: readonly PlayHost[], frame: Frame): Promise<void> {
  switch (step.kind) {
    case 'module':
      return runModuleStep({ step, hosts, frame });
    case 'block':
      return walkBlock(step, hosts, frame);
    case 'role':
      return walkRole(step, hosts, frame);
    case 'include-tasks':
      return includeTasks({ step, hosts, frame, walk });
    case 'include-role':
      return includeRole({ step, hosts, frame, walk, checkArguments });
    case 'meta':
      return runMeta({
        step,
        hosts,
        frame,
        flush: async (due) => flushHandlers({ hosts: due, frame, forced: false, walk }),
      });
    default:
      return assertNever(step);
  }
}

/** block, then rescue for the hosts that failed in it, then always for all that entered. */
async function walkBlock(step: BlockStep, hosts: readonly PlayHost[], frame: Frame): Promise<void> {
  const following = { steps: step.always, from: 0, frame, outer: frame.following };
  await walk(step.block, hosts, { ...frame, following, rescuable: step.rescue.length > 0 ? hosts : frame.rescuable });
  if (step.rescue.length > 0) await rescue(step, hosts, frame);
  if (step.always.length > 0) await always(step, hosts, frame);
}

async function rescue(step: BlockStep, hosts: readonly PlayHost[], frame: Frame): Promise<void> {
  const locals = new Map<PlayHost, readonly [ReturnType<typeof layerOfFailure>]>();
  for (const host of hosts) {
    const { failure } = host;
    if (!failure || failure.kind === 'stopped' || host.state.unreachable) continue;
    host.failure = undefined;
    locals.set(host, [layerOfFailure(failure)]);
  }
  await walk(step.rescue, [...locals.keys()], withLayers(frame, { locals }));
}

async function always(step: BlockStep, hosts: readonly PlayHost[], frame: Frame): Promise<void> {
  const pending = new Map<PlayHost, Failure>();
  for (const host of hosts) {
    if (host.failure) pending.set(host, host.failure);
    host.failure = undefined;
  }
  await walk(step.always, hosts, frame);
  for (const [host, failure] of pending) host.failure ??= failure;
}

/** A role is done for a host once it ran there. One that was skipped, or did not come to its end, runs where it is used again. */
async function walkRole(step: RoleStep, hosts: readonly PlayHost[], frame: Frame): Promise<void> {
  const { key } = step.context;
  const fresh = step.oncePerHost ? hosts.filter((host) => !host.rolesDone.has(key)) : hosts;
  for (const host of fresh) host.rolesBegun.delete(key);
  await checkArguments({ step, context: step.context, steps: step.steps, hosts: fresh, frame });
  await walk(step.steps, fresh, frame);
  for (const host of fresh) {
    host.roleEnded = false;
    if (host.rolesBegun.has(key) && isLive(host, frame.play)) host.rolesDone.add(key);
  }
}

/** `--step`: asks before every task. */
async function isConfirmed(step: Step, hosts: readonly PlayHost[], frame: Frame): Promise<boolean> {
  const { run } = frame.play;
  const { confirm } = run.request.options;
  if (!confirm || run.confirmed || !isTask(step)) return true;
  const answer = await confirm(
    writtenName(step),
    hosts.map((host) => host.state.name),
  );
  if (answer === 'run-all') run.confirmed = true;
  return answer !== 'skip';
}

function isTask(step: Step): step is ModuleStep {
  return step.kind === 'module';
}
