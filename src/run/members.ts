import { Diagnostics, InputError } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { withoutAliases } from '../inventory/aliases.js';
import { withMember } from '../inventory/extend.js';
import { matchHosts } from '../inventory/pattern.js';
import { checkConnectionSettings } from '../inventory/ssh-settings.js';
import type { VariableLayer } from '../inventory/types.js';
import { type InventoryMember, ModuleFailure } from '../modules/types.js';
import { batchesOf } from '../plan/batches.js';
import { hostsOfPlay } from '../plan/play-hosts.js';
import type { PlannedPlay } from '../plan/types.js';
import { locatedFromData } from '../syntax/from-data.js';
import { variableNameFault } from '../syntax/variable-name.js';
import type { RunState } from './run-state.js';

/**
 * Puts a host into the run's inventory, for the plays that follow. Its variables are data: they are never rendered.
 * False when nothing of it is new. Throws ModuleFailure for variables and connection settings that make no sense.
 */
export function addMember(options: {
  readonly run: RunState;
  readonly member: InventoryMember;
  /** The task's host. */
  readonly host: string;
  readonly span: Span;
}): boolean {
  const { run, member, span } = options;
  const host = member.host ?? options.host;
  const layer = layerOf(member, span);
  try {
    const inventory = withMember(run.inventory, {
      host,
      groups: member.groups,
      ...(member.parents === undefined ? {} : { parents: member.parents }),
      ...(layer === undefined ? {} : { layer }),
      ...(run.request.lateLayers === undefined ? {} : { layersOf: run.request.lateLayers }),
    });
    if (inventory === run.inventory) return false;
    run.request.onMember?.(host, inventory);
    run.inventory = inventory;
    return true;
  } catch (error) {
    if (error instanceof InputError) throw failureOf(host, error.diagnostics);
    throw error;
  }
}

function layerOf(member: InventoryMember, span: Span): VariableLayer | undefined {
  const given = Object.entries(member.variables ?? {});
  if (given.length === 0) return undefined;
  const diagnostics = new Diagnostics();
  const values = new Map(given.map(([name, data]) => [name, locatedFromData({ data, span, diagnostics })]));
  for (const name of values.keys()) {
    const fault = variableNameFault(name);
    if (fault !== undefined)
      diagnostics.error({ code: 'variable-name', message: fault.message, span, hint: fault.hint });
  }
  const layer = withoutAliases({ name: `add_host ${member.host ?? ''}`, values }, diagnostics);
  checkConnectionSettings(layer, diagnostics);
  if (diagnostics.hasErrors) throw failureOf(member.host ?? '', diagnostics.all);
  return layer;
}

function failureOf(host: string, diagnostics: Diagnostics['all']): ModuleFailure {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  return new ModuleFailure(`${host} cannot be added: ${errors.join('; ')}`);
}

/** A play with the hosts it has by now; the plan's own unless hosts came since. */
export function withNewHosts(run: RunState, planned: PlannedPlay): PlannedPlay {
  const { inventory, request } = run;
  if (inventory === request.inventory) return planned;
  const { play } = planned;
  const patterns = request.plan.selection.limit;
  const limit = patterns.length === 0 ? undefined : new Set(matchHosts({ pattern: patterns, inventory }).hosts);
  const { extraVars } = request;
  const hosts = hostsOfPlay({ play, inventory, limit, extraVars, diagnostics: new Diagnostics() });
  return { ...planned, hosts, batches: batchesOf(hosts, play.serial) };
}
