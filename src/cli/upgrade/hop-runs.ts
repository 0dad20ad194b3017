import { spanOfFlag } from '../../core/span.js';
import type { VariableBlock } from '../../playbook/types.js';
import { factsOf } from '../../stack/upgrade/components.js';
import type { PlannedHop } from '../../stack/upgrade/plan.js';
import type { LocatedScalar } from '../../syntax/located.js';
import { type LoadedPlan, loadPlan } from '../load-plan.js';
import type { UpgradeOptions } from './options.js';
import { hasRole, imagesOnly, playsWith } from './plays.js';
import type { Prepared } from './prepare.js';

/** A hop with the plan that goes it, read and checked. */
export interface HopRun {
  readonly hop: PlannedHop;
  readonly loaded: LoadedPlan;
}

/**
 * Reads and checks the plan of every hop with the versions of that moment, so that an option that a version does not have
 * is found before the first is gone. `marathon` is the version Marathon will have in the end. Throws InputError.
 */
export function hopRuns(
  hops: readonly PlannedHop[],
  request: { readonly prepared: Prepared; readonly options: UpgradeOptions; readonly marathon: string | undefined },
): readonly HopRun[] {
  const { prepared, options } = request;
  return hops.map((hop) => {
    const loaded = loadPlan({
      playbooks: [prepared.playbook],
      options,
      extraVars: variablesOf(hop, request.marathon),
      only: (play) => hasRole(play, factsOf(hop.part).role),
    });
    return { hop, loaded: labelled(loaded, `${prepared.playbook} (${hop.title} ${hop.to})`) };
  });
}

/** The journal keeps it apart from what `apply` ran of the same playbook. */
function labelled(loaded: LoadedPlan, label: string): LoadedPlan {
  return { ...loaded, plan: { ...loaded.plan, playbooks: [label] } };
}

function variablesOf(hop: PlannedHop, marathon: string | undefined): Readonly<Record<string, string>> {
  const own = { [factsOf(hop.part).variable]: hop.to };
  // Bamboo's way of listening hangs on the Marathon it listens to.
  return hop.part === 'bamboo' && marathon !== undefined ? { ...own, [factsOf('marathon').variable]: marathon } : own;
}

/** The images of all hops, for all their hosts at the same time; undefined when no role brings any. */
export function imageRun(runs: readonly HopRun[], { loaded, playbook }: Prepared): LoadedPlan | undefined {
  const plays = runs.flatMap(({ hop, loaded: own }) => {
    const { role, variable } = factsOf(hop.part);
    return playsWith(own.plan, role).flatMap((play) => {
      const hosts = play.hosts.filter((host) => hop.hosts.includes(host));
      const name = `Images of ${hop.title} ${hop.to}`;
      return hosts.length === 0 ? [] : (imagesOnly(play, { name, hosts, vars: fixed(variable, hop.to) }) ?? []);
    });
  });
  if (plays.length === 0) return undefined;
  return labelled({ ...loaded, plan: { ...loaded.plan, plays } }, `${playbook} (images)`);
}

/** A version as a variable of a task: the strongest place there is beneath `-e`. */
function fixed(variable: string, version: string): VariableBlock {
  const scalar: LocatedScalar = {
    kind: 'scalar',
    value: version,
    source: version,
    quoted: true,
    literal: true,
    span: spanOfFlag(`${variable}=${version}`),
  };
  return { origin: 'the upgrade', values: new Map([[variable, scalar]]) };
}
