import { Diagnostics, InputError } from '../../core/diagnostic.js';
import { matchHosts } from '../../inventory/pattern.js';
import type { Inventory } from '../../inventory/types.js';
import { hostsOfPlay } from '../../plan/play-hosts.js';
import type { PlannedPlay } from '../../plan/types.js';
import type { Ensemble as PlayEnsemble } from '../../playbook/types.js';
import type { Ensemble, EnsembleContext, EnsembleKind, MemberVariables } from '../../rollout/types.js';
import { EvaluationError, FactsNeeded } from '../../template/errors.js';
import { evaluateOptional } from '../../template/evaluate.js';
import type { Scope } from '../../template/scope.js';
import { Unknown, type Value, type ValueMap } from '../../template/value.js';

/** What opening an ensemble needs to know of its surroundings: the run's, or the files' alone. */
export interface Opening {
  readonly kind: EnsembleKind;
  readonly planned: PlannedPlay;
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly addressOf: (host: string) => string;
  readonly scopeOf: (host: string) => Scope;
  /** Told when a value needs facts of a host: may throw to have them read; otherwise the value is not known. */
  readonly onFactsNeeded: (host: string) => void;
  /** Whether a setting that cannot be rendered is a mistake, or may be one that only a run can tell. */
  readonly strict: boolean;
}

/** Settles the members of a play's ensemble. Throws InputError for settings that make no sense, and what `onFactsNeeded` throws. */
export function openEnsemble(opening: Opening, ensemble: PlayEnsemble): Ensemble {
  const { kind, planned, inventory } = opening;
  const names = [...new Set([...inventory.hosts.keys(), ...planned.hosts])];
  const hosts = names.map((host) => variablesOf(host, { opening, ensemble }));
  const first = hosts.find(({ host }) => host === planned.hosts[0]) ?? hosts[0];
  const settings: Record<string, Value> = {};
  for (const { key } of ensemble.settings.entries) {
    const value = first?.setting(key);
    if (value !== undefined) settings[key] = value;
    else if (!opening.strict) settings[key] = new Unknown(`\`${key}\` is known when the play runs`);
  }
  const opened = kind.open(contextOf({ opening, ensemble, hosts, settings }));
  return { ...opened, timing: { ...opened.timing, ...ensemble.timing } };
}

function contextOf(request: {
  readonly opening: Opening;
  readonly ensemble: PlayEnsemble;
  readonly hosts: readonly MemberVariables[];
  readonly settings: ValueMap;
}): EnsembleContext {
  const { opening, ensemble, hosts, settings } = request;
  const { planned, inventory, extraVars } = opening;
  const ofPattern = { play: planned.play, inventory, limit: undefined, extraVars, diagnostics: new Diagnostics() };
  return {
    hosts,
    playHosts: planned.hosts,
    allPlayHosts: hostsOfPlay(ofPattern),
    match: (pattern) => {
      const found = matchHosts({ pattern, inventory, span: ensemble.span });
      return found.diagnostics.length > 0 || found.hosts.length === 0 ? undefined : found.hosts;
    },
    settings,
    span: ensemble.span,
  };
}

function variablesOf(
  host: string,
  from: { readonly opening: Opening; readonly ensemble: PlayEnsemble },
): MemberVariables {
  const { opening, ensemble } = from;
  const scope = opening.scopeOf(host);
  const known = (compute: () => Value | undefined): Value | undefined => {
    try {
      const value = compute();
      return value instanceof Unknown ? undefined : value;
    } catch (error) {
      if (!(error instanceof FactsNeeded)) throw error;
      opening.onFactsNeeded(error.host ?? host);
      return undefined;
    }
  };
  return {
    host,
    address: opening.addressOf(host),
    groups: opening.inventory.hosts.get(host)?.groups ?? [],
    read: (name) => known(() => (scope.has(name) ? readLenient(scope, name) : undefined)),
    setting: (name) => {
      const entry = ensemble.settings.entries.find(({ key }) => key === name);
      return entry === undefined
        ? undefined
        : known(() => guarded(() => evaluateOptional(entry.value, scope), opening.strict));
    },
  };
}

/** A variable whose template cannot be rendered for this host is as good as none. */
function readLenient(scope: Scope, name: string): Value | undefined {
  return guarded(() => scope.read(name), false);
}

function guarded(compute: () => Value | undefined, strict: boolean): Value | undefined {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    if (strict) throw new InputError([error.diagnostic]);
    return undefined;
  }
}
