import { checkRoleArguments } from '../playbook/role-arguments.js';
import type { RoleContext, Step, StepBase } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';
import type { Value } from '../template/value.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { finishTask } from './finish.js';
import { judge } from './keywords.js';
import { type Frame, isLive, type PlayHost } from './play-state.js';
import { type ItemResult, registered } from './result.js';
import { isSelected } from './selection.js';
import { settleAll } from './settle.js';
import { performTask, type Task } from './task.js';
import { failed, resultOfError } from './task-error.js';
import { evaluateWithFacts, taskScope } from './task-scope.js';

/**
 * Judges the values a role is about to see on each host, before its first task: a host whose values do not fit fails
 * there, with every wrong argument named. A role of which nothing would run is not judged.
 */
export async function checkArguments(options: {
  readonly step: StepBase & Step;
  readonly context: RoleContext;
  readonly steps: readonly Step[];
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): Promise<void> {
  const { step, context, steps, hosts, frame } = options;
  if (context.role.argumentSpecs.length === 0 || !steps.some((inner) => runsAnything(inner, frame))) return;
  await settleAll(
    hosts.filter((host) => isLive(host, frame.play)).map(async (host) => checkOn({ step, context, host, frame })),
  );
}

async function checkOn(options: {
  readonly step: Step;
  readonly context: RoleContext;
  readonly host: PlayHost;
  readonly frame: Frame;
}): Promise<void> {
  const { step, context, host, frame } = options;
  const checked: Step = { ...step, role: context };
  const found = await faultsOf({ checked, context, host, frame });
  if (!found) return;
  const report = await performTask({ step: checked, host, frame, action: async () => found });
  await finishTask({ report, register: undefined, notifies: [] });
}

/** The failure, or undefined when all arguments fit: a role that is content is no task and shows nothing. */
async function faultsOf(options: {
  readonly checked: Step;
  readonly context: RoleContext;
  readonly host: PlayHost;
  readonly frame: Frame;
}): Promise<ItemResult | undefined> {
  const { checked, context, host, frame } = options;
  const { role } = context;
  const evaluate: Task['evaluate'] = async (action) =>
    evaluateWithFacts({ run: frame.play.run, host: host.state.name, action });
  const scope = taskScope({ host, step: checked, frame });
  try {
    const verdict = await evaluate(() => judge(checked.kind === 'role' ? checked.when : [], scope));
    if (verdict !== true) return undefined;
    const values: Record<string, Value> = {};
    for (const spec of role.argumentSpecs)
      if (scope.has(spec.name)) values[spec.name] = await evaluate(() => scope.read(spec.name));
    const faults = checkRoleArguments(role.argumentSpecs, values);
    if (faults.length === 0) return undefined;
    const message = `role ${role.name}: ${faults.map((fault) => fault.message).join('; ')}`;
    const [first] = faults;
    const diagnostic: Diagnostic = {
      severity: 'error',
      code: 'role-argument',
      message,
      span: checked.span,
      ...(first?.hint === undefined ? {} : { hint: first.hint }),
    };
    return {
      ...failed(message),
      diagnostic,
      values: registered({ status: 'failed', message }),
      ...(first?.hint === undefined ? {} : { hint: first.hint }),
    };
  } catch (error) {
    if (error instanceof EvaluationError)
      return { ...failed(`role ${role.name}: ${error.message}`), diagnostic: error.diagnostic };
    return resultOfError(error, { cancelled: frame.play.run.request.signal.aborted });
  }
}

function runsAnything(step: Step, frame: Frame): boolean {
  switch (step.kind) {
    case 'block':
      return [...step.block, ...step.rescue, ...step.always].some((inner) => runsAnything(inner, frame));
    case 'role':
      return step.steps.some((inner) => runsAnything(inner, frame));
    default:
      return isSelected(step, frame);
  }
}
