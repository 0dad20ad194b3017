import { type Diagnostic, InputError } from '../core/diagnostic.js';
import { didYouMean } from '../core/suggest.js';
import { countOf } from '../plan/batches.js';
import type { PlanCheckContext } from '../plan/check.js';
import type { Plan, PlannedPlay } from '../plan/types.js';
import type { Ensemble as PlayEnsemble } from '../playbook/types.js';
import { unknownSettings } from '../rollout/check-settings.js';
import { impossibleBudget } from '../rollout/quorum.js';
import type { EnsembleCatalogue } from '../rollout/types.js';
import { openEnsemble } from '../run/rollout/open.js';
import type { Value } from '../template/value.js';

/** Checks every play's `ensemble` before any host is asked: its kind, its settings, and whether its budget can ever be kept. */
export function checkEnsembles(
  plan: Plan,
  request: {
    readonly context: PlanCheckContext;
    readonly catalogue: EnsembleCatalogue;
    readonly extraVars: Readonly<Record<string, Value>>;
  },
): readonly Diagnostic[] {
  return plan.plays.flatMap((planned) => {
    const { ensemble } = planned.play;
    return ensemble === undefined ? [] : checkEnsemble(planned, { ensemble, ...request });
  });
}

function checkEnsemble(
  planned: PlannedPlay,
  request: {
    readonly ensemble: PlayEnsemble;
    readonly context: PlanCheckContext;
    readonly catalogue: EnsembleCatalogue;
    readonly extraVars: Readonly<Record<string, Value>>;
  },
): readonly Diagnostic[] {
  const { ensemble, context, catalogue, extraVars } = request;
  const kind = catalogue.find(ensemble.kind);
  if (kind === undefined) {
    const hint = didYouMean(ensemble.kind, catalogue.names) ?? `there are ${catalogue.names.join(', ')}`;
    const message = `there is no kind of ensemble \`${ensemble.kind}\``;
    return [{ severity: 'error', code: 'unknown-ensemble', message, span: ensemble.kindSpan, hint }];
  }
  const unknown = unknownSettings(kind, ensemble.settings);
  if (unknown.length > 0) return unknown;
  try {
    const opened = openEnsemble(
      {
        kind,
        planned,
        inventory: context.inventory,
        extraVars,
        addressOf: (host) => host,
        scopeOf: (host) => context.scopeOf(planned, host),
        onFactsNeeded: () => undefined,
        strict: false,
      },
      ensemble,
    );
    const budget = countOf(ensemble.maxUnavailable, opened.members.length);
    const impossible = impossibleBudget(opened, budget);
    if (impossible === undefined) return [];
    const span = ensemble.maxUnavailableSpan ?? ensemble.span;
    return [
      { severity: 'error', code: 'max-unavailable', message: `\`max_unavailable\` is too many: ${impossible}`, span },
    ];
  } catch (error) {
    if (error instanceof InputError) return error.diagnostics;
    throw error;
  }
}
