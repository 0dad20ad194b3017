import { importedRoles } from '../plan/steps.js';
import type { RoleContext, StepBase } from '../playbook/types.js';
import { createScope, type Scope } from '../template/scope.js';
import type { ScopeLayer, VariableContent } from '../template/types.js';
import { FactsNeeded } from '../template/errors.js';
import { ModuleFailure } from '../modules/types.js';
import { UnreachableError } from '../core/errors.js';
import { blockLayer, dataLayer, inventoryLayer, lazyLayer } from './layers.js';
import type { Frame, PlayHost } from './play-state.js';
import type { HostState } from './host-state.js';
import type { RunState } from './run-state.js';
import type { Play } from '../playbook/types.js';

/**
 * Everything a task sees on a host, lowest precedence first: the one place that knows the order of language.md. `extra`
 * (the loop's item, a result under judgement) wins over all but the built-in names.
 */
export function taskScope(options: {
  readonly host: PlayHost;
  readonly step: StepBase;
  readonly frame: Frame;
  readonly extra?: readonly ScopeLayer[];
}): Scope {
  const { host, step, frame, extra = [] } = options;
  const { play } = frame;
  const roles = roleChain(step.role);
  const shared = step.role === undefined ? [...host.importedRoles, ...host.publicRoles] : host.publicRoles;
  const { role } = step;
  return createScope([
    ...[...shared, ...roles].map(({ role }) => blockLayer(role.defaults)),
    ...inventoryLayers(host.state),
    blockLayer(play.planned.play.vars),
    ...host.varsFiles,
    ...shared.map(({ role }) => blockLayer(role.vars)),
    ...roles.flatMap(({ role, params }) => [blockLayer(role.vars), blockLayer(params)]),
    ...(frame.parameters.get(host) ?? []),
    ...step.vars.map(blockLayer),
    ...ownLayers(host.state),
    extraVarsLayer(play.run),
    ...(frame.locals.get(host) ?? []),
    ...extra,
    host.builtins,
    ...(role ? [lazyLayer('built-in', { role: () => ({ name: role.role.name, path: role.role.directory }) })] : []),
  ]);
}

/** A role and the roles it is used in, outermost first. */
function roleChain(context: RoleContext | undefined): readonly RoleContext[] {
  return context ? [...roleChain(context.parent), context] : [];
}

/** A host's variables without any task: `hosts.<name>.vars`, the play's own templates. */
export function hostScope(options: {
  readonly state: HostState;
  readonly run: RunState;
  readonly play?: Play;
  readonly varsFiles?: readonly ScopeLayer[];
  readonly builtins?: ScopeLayer;
}): Scope {
  const { state, run, play, varsFiles = [], builtins } = options;
  return createScope([
    ...inventoryLayers(state),
    ...(play ? [blockLayer(play.vars)] : []),
    ...varsFiles,
    ...ownLayers(state),
    extraVarsLayer(run),
    ...(builtins ? [builtins] : []),
  ]);
}

/** A host's variables in a play before its tasks run: what the roles of the play give is in them. */
export function memberScope(options: {
  readonly state: HostState;
  readonly run: RunState;
  readonly play: Play;
  readonly varsFiles: readonly ScopeLayer[];
  readonly builtins: ScopeLayer;
}): Scope {
  const { state, run, play, varsFiles, builtins } = options;
  const roles = importedRoles(play);
  return createScope([
    ...roles.map(({ role }) => blockLayer(role.defaults)),
    ...inventoryLayers(state),
    blockLayer(play.vars),
    ...varsFiles,
    ...roles.flatMap(({ role, params }) => [blockLayer(role.vars), blockLayer(params)]),
    ...ownLayers(state),
    extraVarsLayer(run),
    builtins,
  ]);
}

/**
 * What may decide how a host is reached and who a task becomes: the inventory, the play's own files and `-e`. Never what
 * a host said (facts, registered results, set_fact).
 */
export function trustedScope(options: {
  readonly state: HostState;
  readonly varsFiles: readonly ScopeLayer[];
  readonly play: Play;
  readonly run: RunState;
}): Scope {
  const { state, varsFiles, play, run } = options;
  return createScope([...inventoryLayers(state), blockLayer(play.vars), ...varsFiles, extraVarsLayer(run)]);
}

/** Evaluates, and reads facts from the hosts whose facts turn out to be needed. Throws UnreachableError for the own host. */
export async function evaluateWithFacts<T>(options: {
  readonly run: RunState;
  readonly host: string;
  readonly action: () => T;
}): Promise<T> {
  const { run, host, action } = options;
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof FactsNeeded)) throw error;
      await loadFactsOf({ run, host, wanted: error.host ?? host });
    }
  }
}

async function loadFactsOf(options: {
  readonly run: RunState;
  readonly host: string;
  readonly wanted: string;
}): Promise<void> {
  const { run, host, wanted } = options;
  try {
    await run.loadFacts(wanted);
  } catch (error) {
    if (wanted === host || !(error instanceof UnreachableError)) throw error;
    throw new ModuleFailure(`the facts of ${wanted} cannot be read: ${error.message}`);
  }
}

function inventoryLayers(state: HostState): readonly ScopeLayer[] {
  return state.inventory?.layers.map(inventoryLayer) ?? [];
}

function ownLayers(state: HostState): readonly ScopeLayer[] {
  return [liveLayer('include_vars', state.includedVariables), liveLayer('register and set_fact', state.variables)];
}

function liveLayer(origin: string, variables: ReadonlyMap<string, VariableContent>): ScopeLayer {
  return { origin, variables };
}

const extraLayers = new WeakMap<RunState, ScopeLayer>();

function extraVarsLayer(run: RunState): ScopeLayer {
  const known = extraLayers.get(run);
  if (known) return known;
  const layer = dataLayer('-e', run.request.extraVars);
  extraLayers.set(run, layer);
  return layer;
}
