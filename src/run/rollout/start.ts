import { invariant } from '../../core/assert.js';
import { ModuleFailure } from '../../modules/types.js';
import { UnreachableError } from '../../core/errors.js';
import { countOf } from '../../plan/batches.js';
import { stepsOfPlay } from '../../plan/steps.js';
import type { Play } from '../../playbook/types.js';
import type { Ensemble } from '../../rollout/types.js';
import { plainData } from '../../syntax/located.js';
import { FactsNeeded } from '../../template/errors.js';
import type { Become } from '../../transport/types.js';
import type { ScopeLayer } from '../../template/types.js';
import { resolveBecome } from '../become.js';
import { builtinLayer } from '../builtins.js';
import type { PlayState } from '../play-state.js';
import { memberScope, trustedScope } from '../task-scope.js';
import { readVarsFiles } from '../vars-files.js';
import { Members } from './members.js';
import { openEnsemble } from './open.js';

/** One rollout under way. */
export interface Rollout {
  readonly play: PlayState;
  readonly ensemble: Ensemble;
  readonly members: Members;
  readonly maxUnavailable: number;
}

/** Settles the ensemble of a play and how its members are asked. Throws InputError for settings that make no sense. */
export async function startRollout(play: PlayState): Promise<Rollout> {
  const { run, planned } = play;
  const said = planned.play.ensemble;
  const kind = run.request.ensembles?.find(said?.kind ?? '');
  invariant(said && kind, `no kind of ensemble ${said?.kind ?? ''}: the plan was not checked`);
  const surroundings = await surroundingsOf(play);
  const hopeless = new Set<string>();
  for (;;) {
    try {
      const ensemble = openEnsemble(
        {
          kind,
          planned,
          inventory: run.inventory,
          extraVars: run.request.extraVars,
          addressOf: (host) => run.request.addressOf?.(host).address ?? host,
          scopeOf: (host) => memberScope({ state: run.host(host), run, play: planned.play, ...surroundings(host) }),
          onFactsNeeded: (host) => {
            if (!hopeless.has(host)) throw new FactsNeeded(host);
          },
          strict: true,
        },
        said,
      );
      const becomeOf = (host: string): Become | undefined => becomeOn(play, { host, ...surroundings(host) });
      return {
        play,
        ensemble,
        members: new Members({ play, ensemble, becomeOf }),
        maxUnavailable: countOf(said.maxUnavailable, ensemble.members.length),
      };
    } catch (error) {
      if (!(error instanceof FactsNeeded)) throw error;
      await readFactsOf(play, { host: error.host ?? planned.hosts[0] ?? '', hopeless });
    }
  }
}

interface Surroundings {
  readonly varsFiles: readonly ScopeLayer[];
  readonly builtins: ScopeLayer;
}

/** What stands around a host's variables in the play, also for members that the play or `--limit` leaves out. */
async function surroundingsOf(play: PlayState): Promise<(host: string) => Surroundings> {
  const { run, planned } = play;
  const known = new Map<string, Surroundings>();
  for (const host of new Set([...run.inventory.hosts.keys(), ...planned.hosts])) {
    const state = run.host(host);
    const builtins = builtinLayer({ run, planned, state, play: () => play });
    const varsFiles = await varsFilesOf(play, { host, builtins });
    known.set(host, { varsFiles, builtins });
  }
  return (host) => known.get(host) ?? { varsFiles: [], builtins: { origin: 'built-in', variables: new Map() } };
}

async function varsFilesOf(
  play: PlayState,
  of: { readonly host: string; readonly builtins: ScopeLayer },
): Promise<readonly ScopeLayer[]> {
  const { run, planned } = play;
  const own = play.hosts.get(of.host);
  if (own || planned.play.varsFiles.length === 0) return own?.varsFiles ?? [];
  try {
    return await readVarsFiles({ run, planned, state: run.host(of.host), builtins: of.builtins });
  } catch (error) {
    // Named by facts of a host that is no part of the play and does not answer.
    if (error instanceof UnreachableError || error instanceof ModuleFailure) return [];
    throw error;
  }
}

async function readFactsOf(
  play: PlayState,
  of: { readonly host: string; readonly hopeless: Set<string> },
): Promise<void> {
  try {
    await play.run.loadFacts(of.host);
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof ModuleFailure)) throw error;
    of.hopeless.add(of.host);
  }
}

/** Who asks on a host: whom the play becomes, root where only its tasks do. */
function becomeOn(play: PlayState, on: { readonly host: string } & Surroundings): Become | undefined {
  const { run, planned } = play;
  const state = run.host(on.host);
  const { keywords } = planned.play;
  const becoming = keywords.become ?? becomeOfTasks(planned.play);
  return resolveBecome({
    step: { keywords: becoming === undefined ? keywords : { ...keywords, become: becoming } },
    scope: memberScope({ state, run, play: planned.play, varsFiles: on.varsFiles, builtins: on.builtins }),
    trusted: trustedScope({ state, varsFiles: on.varsFiles, play: planned.play, run }),
    flags: run.request.options.become ?? {},
  });
}

function becomeOfTasks(play: Play): Play['keywords']['become'] {
  return stepsOfPlay(play)
    .map(({ keywords }) => keywords)
    .find(({ become, becomeUser }) => become && becomeUser === undefined && plainData(become) === true)?.become;
}
