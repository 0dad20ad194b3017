import type { PlannedPlay } from '../plan/types.js';
import type { ScopeLayer } from '../template/types.js';
import type { HostState } from './host-state.js';
import { textKeyword } from './keywords.js';
import { blockLayer } from './layers.js';
import type { RunState } from './run-state.js';
import { evaluateWithFacts, hostScope } from './task-scope.js';

/** A play's `vars_files` for one host, in their order: a later name may use what an earlier file says. */
export async function readVarsFiles(options: {
  readonly run: RunState;
  readonly planned: PlannedPlay;
  readonly state: HostState;
  readonly builtins: ScopeLayer;
}): Promise<readonly ScopeLayer[]> {
  const { run, planned, state, builtins } = options;
  const varsFiles: ScopeLayer[] = [];
  for (const templated of planned.play.varsFiles) {
    const scope = hostScope({ state, run, play: planned.play, varsFiles, builtins });
    const action = (): string | undefined => textKeyword(templated, scope);
    const file = await evaluateWithFacts({ run, host: state.name, action });
    if (file !== undefined) varsFiles.push(blockLayer(run.request.includes.variables({ file, play: planned.play })));
  }
  return varsFiles;
}
