import { InputError } from '../../core/diagnostic.js';
import { CancelledError } from '../../core/errors.js';
import { exitCode } from '../../core/exit-code.js';
import { didYouMean } from '../../core/suggest.js';
import { cleanLine } from '../../report/clean.js';
import { stepWords } from '../../stack/membership/words.js';
import type { MembershipPlan, MembershipStep } from '../../stack/membership/types.js';
import { usualGroups } from '../../stack/status/members.js';
import type { ServiceName } from '../../stack/status/types.js';
import { backupComponents } from '../../stack/backup/manifest.js';
import { backupId } from '../backup/take.js';
import { isConfirmed } from '../confirm.js';
import { withInterrupt } from '../interrupt.js';
import { openCluster, type OpenCluster } from '../open-cluster.js';
import type { PlayOptions } from '../options.js';
import { printError, printLine } from '../terminal.js';
import { carryOutStep, type Pending } from './carry-out.js';
import { inventoryAdvice } from './inventory-advice.js';
import { type Change, planChange } from './plan-change.js';

export interface MembershipOptions extends PlayOptions {
  readonly component?: readonly string[];
  readonly plan?: boolean;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly oldIsGone?: boolean;
  readonly wipeRegistry?: boolean;
}

/** From the bottom of the stack to its top; what leaves goes the other way, what serves requests last of all. */
const upwards: readonly ServiceName[] = backupComponents;
const downwards: readonly ServiceName[] = ['mesos-slave', 'marathon', 'mesos-master', 'zookeeper', 'bamboo'];

interface Planned {
  readonly component: ServiceName;
  readonly plan: MembershipPlan;
}

/** Plans a change of members, shows it, asks, and carries it out step by step; each step is proved before the next. */
export async function changeMembers(request: {
  readonly change: Change;
  readonly options: MembershipOptions;
}): Promise<number> {
  const { change, options } = request;
  const finished = await withInterrupt(async (signal) => {
    const cluster = await openCluster({ options: withoutLimit(options), signal });
    try {
      const components = componentsOf(cluster, { change, chosen: options.component ?? [] });
      const allow = {
        force: options.force === true,
        oldIsGone: options.oldIsGone === true,
        wipeRegistry: options.wipeRegistry === true,
      };
      const planned: Planned[] = [];
      for (const component of components)
        planned.push({ component, plan: await planChange({ cluster, component, change, allow }) });
      const steps = show(planned);
      if (steps === undefined) return exitCode.hostFailed;
      if (options.plan === true) return exitCode.done;
      if (steps.length > 0) {
        if (!(await isConfirmed(options))) return exitCode.interrupted;
        const done = await carryOut(steps, { cluster, options, signal });
        if (done !== exitCode.done) return done;
      }
      for (const line of inventoryAdvice({ cluster, change, planned })) printLine(line);
      return exitCode.done;
    } catch (error) {
      // A sleep between two questions ends in an error of its own.
      throw signal.aborted ? new CancelledError('interrupted') : error;
    } finally {
      await cluster.close();
    }
  });
  return finished.kind === 'interrupted' ? finished.code : finished.value;
}

async function carryOut(
  steps: readonly MembershipStep[],
  work: { readonly cluster: OpenCluster; readonly options: MembershipOptions; readonly signal: AbortSignal },
): Promise<number> {
  const pending: Pending = { afterDrain: new Map() };
  const stamp = backupId();
  for (const [position, step] of steps.entries()) {
    printLine(`\nStep ${position + 1} of ${steps.length}: ${step.why}`);
    const code = await attempt(step, { ...work, stamp, pending });
    if (code === exitCode.done) continue;
    const left = steps.length - position - 1;
    printError(
      `Stopped at step ${position + 1} of ${steps.length}${left === 0 ? '' : `, ${left} not begun`}. ` +
        'Mend what is wrong and give the same command again: what is done already is seen and left alone.',
    );
    return code;
  }
  return exitCode.done;
}

async function attempt(
  step: MembershipStep,
  work: {
    readonly cluster: OpenCluster;
    readonly options: MembershipOptions;
    readonly signal: AbortSignal;
    readonly stamp: string;
    readonly pending: Pending;
  },
): Promise<number> {
  const { cluster, options, signal, stamp, pending } = work;
  const { passwords } = cluster;
  try {
    return await carryOutStep(
      step,
      { cluster, options, passwords, force: options.force === true, stamp, signal, say: printLine },
      pending,
    );
  } catch (error) {
    const trouble = cluster.troubleOf(error);
    if (trouble === undefined) throw error;
    printError(cluster.masker.mask(cleanLine(trouble)));
    return exitCode.hostFailed;
  }
}

/** Prints the plan; undefined: it is refused. */
function show(planned: readonly Planned[]): readonly MembershipStep[] | undefined {
  const refusals = planned.flatMap(({ plan }) => (plan.kind === 'refused' ? plan.refusals : []));
  if (refusals.length > 0) {
    for (const { message, hint } of refusals) {
      printError(`refused: ${cleanLine(message)}`);
      if (hint !== undefined) printError(`  hint: ${cleanLine(hint)}`);
    }
    printError('Nothing was touched.');
    return undefined;
  }
  const steps: MembershipStep[] = [];
  for (const { component, plan } of planned) {
    if (plan.kind !== 'steps') continue;
    printLine(component);
    for (const note of plan.notes) printLine(`  ${cleanLine(note)}`);
    for (const step of plan.steps) printLine(`  ${steps.push(step)}. ${stepWords(step)}`);
  }
  return steps;
}

/** What the groups of the hosts say they run, or what \`--component\` says of it, in the order of the change. */
function componentsOf(
  cluster: OpenCluster,
  request: { readonly change: Change; readonly chosen: readonly string[] },
): readonly ServiceName[] {
  const { change, chosen } = request;
  const hosts = change.kind === 'replace' ? [change.old, change.replacement] : change.hosts;
  const unknown = hosts.filter((host) => !cluster.inventory.hosts.has(host));
  const names: readonly string[] = upwards;
  const wrong = chosen.filter((name) => !names.includes(name));
  const idle = hosts.filter(
    (host) =>
      !unknown.includes(host) &&
      !cluster.members.some(
        (member) => member.host === host && (chosen.length === 0 || chosen.includes(member.component)),
      ),
  );
  const problems = [
    ...unknown.map((host) => ({
      message: `the inventory has no host \`${host}\``,
      hint:
        didYouMean(host, cluster.inventory.hosts.keys()) ??
        (change.kind === 'scale-out' ? 'write it there first, in its groups' : 'leave it there until it is gone'),
    })),
    ...wrong.map((name) => ({
      message: `\`${name}\` is no component`,
      hint: didYouMean(name, names) ?? `components are ${names.join(', ')}`,
    })),
    ...idle.map((host) => ({
      message: `\`${host}\` is in no group of ${chosen.length === 0 ? 'the stack' : chosen.join(', ')}`,
      hint: `the groups are ${usualGroups.join(', ')}; variables such as \`zookeeper_group\` name others`,
    })),
    ...(change.kind === 'replace' && change.old === change.replacement
      ? [{ message: 'a host cannot be replaced by itself', hint: 'name the old one, then the new one' }]
      : []),
  ];
  if (problems.length > 0) {
    throw new InputError(problems.map((problem) => ({ severity: 'error', code: 'membership', ...problem })));
  }
  const order = change.kind === 'scale-in' ? downwards : upwards;
  return order.filter(
    (name) =>
      (chosen.length === 0 || chosen.includes(name)) &&
      cluster.members.some(({ component, host }) => component === name && isMeant(change, host)),
  );
}

/** A replacement takes over what the old host runs. */
function isMeant(change: Change, host: string): boolean {
  return change.kind === 'replace' ? host === change.old : change.hosts.includes(host);
}

/** The hosts of the change say what it is about; \`--limit\` would hide members that must be asked. */
function withoutLimit(options: MembershipOptions): MembershipOptions {
  const { limit: _limit, ...rest } = options;
  return rest;
}
