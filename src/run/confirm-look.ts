import { isDeepStrictEqual } from 'node:util';
import { ModuleFailure, type Resource } from '../modules/types.js';
import type { ModuleStep } from '../playbook/types.js';
import type { Unconfirmed } from './confirmations.js';
import { type HostAccess, hostReader } from './host.js';
import { lookAt } from './module-run.js';
import type { ItemResult } from './result.js';
import { settleAll } from './settle.js';
import { failed, resultOfError } from './task-error.js';
import type { Task } from './task.js';

/** A task that left something which did not last. */
export interface Unlasting {
  readonly task: Task<ModuleStep>;
  readonly result: ItemResult;
}

/** A host that cannot be looked at in this time, in seconds, is one where nothing can be confirmed. */
const longestLook = 120;

/** Asks each host once for all that one user's tasks of one module left there. Throws nothing that a task could fail by. */
export async function lookAgain(left: readonly Unconfirmed[], signal: AbortSignal): Promise<readonly Unlasting[]> {
  const groups: Unconfirmed[][] = [];
  for (const each of left) {
    const group = groups.find(([first]) => first !== undefined && isAskedTheSameWay(first, each));
    if (group) group.push(each);
    else groups.push([each]);
  }
  return (await settleAll(groups.map(async (group) => lookAtGroup(group, signal)))).flat();
}

function isAskedTheSameWay(one: Unconfirmed, other: Unconfirmed): boolean {
  const { become, environment } = one.access;
  return (
    one.module === other.module &&
    one.access.name === other.access.name &&
    isDeepStrictEqual([become, environment], [other.access.become, other.access.environment])
  );
}

async function lookAtGroup(group: readonly Unconfirmed[], signal: AbortSignal): Promise<readonly Unlasting[]> {
  const [first] = group;
  if (!first?.module.confirm) return [];
  const access: HostAccess = { ...first.access, signal, progress: () => undefined };
  try {
    const reasons = await lookAt(first.module.confirm(group.map(({ confirmation }) => confirmation)), {
      access,
      look: async (script) => hostReader(access).query(script, { timeoutSeconds: longestLook }),
      onDisturbance: () => undefined,
    });
    return unlasting(group, reasons);
  } catch (error) {
    const known = error instanceof ModuleFailure ? new ModuleFailure(`cannot be confirmed: ${error.message}`) : error;
    const result = resultOfError(known, { cancelled: signal.aborted });
    return result.interrupted ? [] : [{ task: first.task, result: told(result, first) }];
  }
}

/** One result a task, whatever number of its items did not last. */
function unlasting(group: readonly Unconfirmed[], reasons: ReadonlyMap<Resource, string>): readonly Unlasting[] {
  const byTask = new Map<Task<ModuleStep>, Unconfirmed[]>();
  for (const each of group) {
    if (!reasons.has(each.confirmation.subject)) continue;
    byTask.set(each.task, [...(byTask.get(each.task) ?? []), each]);
  }
  return [...byTask].flatMap(([task, bad]) => {
    const [first] = bad;
    if (!first) return [];
    const message = bad.flatMap(({ confirmation }) => reasons.get(confirmation.subject) ?? []).join('\n');
    return [{ task, result: told(failed(message), first) }];
  });
}

/** With the place of the task: what it did is long past in the output. */
function told(result: ItemResult, { task, access }: Unconfirmed): ItemResult {
  const { span } = task.step;
  return {
    ...result,
    diagnostic: {
      severity: 'error',
      code: 'not-confirmed',
      message: 'what this task brought about did not last',
      span,
    },
    ...(access.name === task.host.state.name ? {} : { delegatedTo: access.name }),
  };
}
