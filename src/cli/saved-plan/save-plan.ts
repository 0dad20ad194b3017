import type { RunOutcome } from '../../run/request.js';
import { visible } from '../../core/visible.js';
import type { Finished } from '../interrupt.js';
import type { LoadedPlan } from '../load-plan.js';
import { packageVersion } from '../package-files.js';
import { type Watch, whoRuns } from '../perform-run.js';
import type { KeptCommand } from '../resume/kept-command.js';
import { printError } from '../terminal.js';
import { loadRecorded, type LoadRequest, recordInputs } from './inputs.js';
import { sumOfVariables, writePlan } from './plan-file.js';
import { recordPredictions } from './predictions.js';

/** What a preview reads and says, written down at its end. */
export interface PlanWriter {
  load(request: LoadRequest): LoadedPlan;
  readonly watch: Watch;
  /** Throws InputError. Nothing is written of a preview that did not come to a good end: it says too little. */
  write(ended: {
    readonly path: string;
    readonly outcome: Finished<RunOutcome>;
    readonly command: KeptCommand;
    readonly extraVars: LoadedPlan['extraVars'];
  }): Promise<void>;
}

export function planWriter(): PlanWriter {
  const recorder = recordInputs();
  const predictions = recordPredictions();
  return {
    load: (request) => loadRecorded(request, recorder),
    watch: { event: predictions.event, files: recorder.controller },
    async write({ path, outcome, command, extraVars }) {
      if (outcome.kind === 'interrupted' || outcome.value.result !== 'done') {
        printError(`No plan was written to ${visible(path)}: the preview did not come to a good end.`);
        return;
      }
      writePlan(path, {
        kind: 'runner-plan',
        version: packageVersion(),
        at: new Date().toISOString(),
        by: whoRuns(),
        command,
        variables: sumOfVariables(extraVars),
        inputs: await recorder.inputs(),
        predictions: predictions.list(),
      });
      printError(`The plan is in ${visible(path)}: \`runner apply ${visible(path)}\` does just this, or nothing.`);
    },
  };
}
