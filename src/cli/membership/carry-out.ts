import { exitCode } from '../../core/exit-code.js';
import { ModuleFailure } from '../../modules/types.js';
import type { Observation } from '../../rollout/types.js';
import { LockedError } from '../../run/lock.js';
import { decodeOutput } from '../../modules/support/command-result.js';
import { foldersOf, restartScript, retireScript } from '../../stack/membership/retire.js';
import { reconfigScript } from '../../stack/membership/reconfig.js';
import type { MembershipStep } from '../../stack/membership/types.js';
import type { ShellText } from '../../shell/text.js';
import type { Member, ServiceName } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';
import type { PlayOptions } from '../options.js';
import { connectionsOf, exitCodeOfRun, performRun } from '../perform-run.js';
import { withLocks } from '../with-locks.js';
import { componentPlan } from './component-plan.js';
import { type AfterDrain, drainAgent } from './drain.js';
import { componentGroup } from './group.js';
import { liveEnsemble, waitUntilWell } from './live-ensemble.js';

export interface CarryOut {
  readonly cluster: OpenCluster;
  readonly options: PlayOptions;
  readonly passwords: { readonly login: string | undefined; readonly become: string | undefined };
  readonly force: boolean;
  /** Ends the names of what is kept beside. */
  readonly stamp: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** What steps leave for later steps of the same change. */
export interface Pending {
  readonly afterDrain: Map<string, AfterDrain>;
}

/** How long a member may take to stop. */
const stopSeconds = 120;

/** Carries out one step and proves it. Gives an exit code; throws ModuleFailure or UnreachableError with what went wrong. */
export async function carryOutStep(step: MembershipStep, work: CarryOut, pending: Pending): Promise<number> {
  switch (step.kind) {
    case 'apply':
      return applyStep(step, work);
    case 'yield':
      return alone(step, work, () => handOver(step, work));
    case 'drain': {
      const agent = memberOn(work.cluster, step);
      return alone(step, work, async () => {
        pending.afterDrain.set(step.host, await drainAgent({ ...work, agent }));
      });
    }
    case 'reconfig':
      return alone(step, work, () => reconfigure(step, work));
    case 'retire':
      return alone(step, work, async () => {
        await retire(step, work);
        await pending.afterDrain.get(step.host)?.();
      });
  }
}

/** Holds the lock of the step's host meanwhile, as a run of a playbook does. A host that is gone has none to hold. */
async function alone(
  { host }: { readonly host: string },
  { cluster, stamp, say }: CarryOut,
  action: () => Promise<void>,
): Promise<number> {
  const isThere = await cluster.reach(host).then(
    () => true,
    (error: unknown) => {
      if (cluster.troubleOf(error) === undefined) throw error;
      return false;
    },
  );
  try {
    await withLocks({ cluster, hosts: isThere ? [host] : [], token: `members-${stamp}` }, action);
    return exitCode.done;
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    say(error.message);
    return exitCode.locked;
  }
}

async function applyStep(step: Extract<MembershipStep, { kind: 'apply' }>, work: CarryOut): Promise<number> {
  const { cluster, options, passwords } = work;
  const group = componentGroup(cluster, step.component);
  const loaded = componentPlan({ ...step, group, options });
  const settings = connectionsOf(loaded, { options, password: passwords.login });
  const outcome = await performRun({ loaded, settings, options, preview: false, becomePassword: passwords.become });
  return exitCodeOfRun(outcome);
}

/** Restarts a member that leads. What does not lead any more is left alone. */
async function handOver(step: Extract<MembershipStep, { kind: 'yield' }>, work: CarryOut): Promise<void> {
  const { cluster, signal, say } = work;
  const { component, host, without } = step;
  const live = liveEnsemble({ cluster, component, without });
  const { observation } = await live.observe();
  if (observation.leader !== host) {
    say(`${host} does not lead: nothing to hand over`);
    return;
  }
  await runOn(work, host, restartScript(memberOn(cluster, step).container));
  await waitUntilWell(live, {
    signal,
    also: ({ leader }: Observation) => (leader === host ? `${host} leads again` : undefined),
  });
}

async function reconfigure(step: Extract<MembershipStep, { kind: 'reconfig' }>, work: CarryOut): Promise<void> {
  const { cluster, signal } = work;
  const { container } = memberOn(cluster, step);
  const profile = cluster.variablesOf(step.host).read('zookeeper_profile');
  const client = profile === 'mesoscloud' ? '/opt/zookeeper/bin/zkCli.sh' : 'zkCli.sh';
  const server = memberOn(cluster, step).endpoint;
  const password = cluster.variablesOf(step.host).read('zookeeper_super_password');
  if (typeof password !== 'string' || password === '')
    throw new ModuleFailure('`zookeeper_super_password` is not set: only the user `super` may reconfigure');
  await runOn(work, step.host, reconfigScript({ container, client, server, password, change: step.change }));
  await waitUntilWell(liveEnsemble({ cluster, component: 'zookeeper', without: step.without }), { signal });
}

/** Stops a member and waits until those that stay are well without it. */
async function retire(step: Extract<MembershipStep, { kind: 'retire' }>, work: CarryOut): Promise<void> {
  const { cluster, stamp, signal } = work;
  const { component, host, without } = step;
  const { container } = memberOn(cluster, step);
  const folders = foldersOf(component, cluster.variablesOf(host));
  try {
    await runOn(work, host, retireScript({ container, folders }, stamp));
  } catch (error) {
    const trouble = cluster.troubleOf(error);
    // A host that is gone has nothing left to stop; those that stay are proved all the same.
    if (trouble === undefined || error instanceof ModuleFailure) throw error;
    work.say(`${host}: ${trouble}: what is left there must not be started again`);
  }
  const live = liveEnsemble({ cluster, component, without, variables: { [changeVariable[component]]: true } });
  if (live.hosts.length > 0) await waitUntilWell(live, { signal });
}

const changeVariable = {
  zookeeper: 'zookeeper_membership_change',
  'mesos-master': 'mesos_membership_change',
  'mesos-slave': 'mesos_membership_change',
  marathon: 'mesos_membership_change',
  bamboo: 'mesos_membership_change',
} as const satisfies Readonly<Record<ServiceName, string>>;

async function runOn(work: CarryOut, host: string, script: ShellText): Promise<string> {
  const { code, stdout, stderr } = await work.cluster.run(host, script, { timeoutSeconds: stopSeconds });
  if (code === 0) return decodeOutput(stdout).text;
  throw new ModuleFailure(`on ${host}: ${decodeOutput(stderr).text.trim() || decodeOutput(stdout).text.trim()}`);
}

function memberOn(cluster: OpenCluster, step: { readonly component: ServiceName; readonly host: string }): Member {
  const member = cluster.members.find(({ component, host }) => component === step.component && host === step.host);
  if (member === undefined) throw new ModuleFailure(`the inventory wants no ${step.component} on ${step.host}`);
  return member;
}
