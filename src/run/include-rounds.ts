import { anything } from '../modules/promises.js';
import type { IncludeRoleStep, IncludeTasksStep } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';
import type { ScopeLayer } from '../template/types.js';
import { Unknown, type Value } from '../template/value.js';
import { finishTask } from './finish.js';
import { isBad } from './host-step.js';
import { readNow } from './include-read.js';
import { judge } from './keywords.js';
import { spreadErrors } from './module-step.js';
import type { Frame, PlayHost } from './play-state.js';
import { type ItemResult, registered, skipped, unknown } from './result.js';
import { shareFailure } from './run-once.js';
import { performTask, type Task } from './task.js';
import { itemLayer, loopItems } from './task-loop.js';
import { evaluateWithFacts, taskScope } from './task-scope.js';
import { UnknownValue } from './unknown-value.js';

const deepestInclude = 100;

export type IncludeStep = IncludeTasksStep | IncludeRoleStep;

/** One round of an include on one host: what to include, with which item. */
export interface Round {
  /** What is included, for people; rounds with the same words are walked together. */
  readonly what: string;
  readonly names: readonly (string | undefined)[];
  readonly locals: readonly ScopeLayer[];
}

/** What a host includes: its condition is judged once (once for each item), here. Failing to say so is a failed task. */
export async function roundsOf(options: {
  readonly step: IncludeStep;
  readonly host: PlayHost;
  readonly frame: Frame;
  /** The hosts that a run_once include stands for. */
  readonly sharedWith: readonly PlayHost[];
  readonly names: (scope: Task['scope']) => readonly (string | undefined)[];
  readonly read: (names: Round['names']) => unknown;
}): Promise<readonly Round[]> {
  const { step, host, frame, names, read, sharedWith } = options;
  let rounds: readonly Round[] = [];
  const report = await performTask({
    step,
    host,
    frame,
    action: async (task) => {
      refuseEndlessInclude(step, frame);
      const found = step.loop
        ? await loopItems({ loop: step.loop, when: step.when, scope: task.scope, evaluate: task.evaluate })
        : undefined;
      if (found?.kind === 'result') return found.result;
      const layers = step.loop
        ? (found?.items ?? []).map((_, index, items) => [itemLayer(step.loop!, { items, index })])
        : [[]];
      const chosen = await chooseRounds({ task, layers, names });
      if (chosen.kind === 'unknown') {
        host.state.promises.add([anything]);
        return unknown(chosen.value);
      }
      for (const round of chosen.rounds) readNow(() => read(round.names), step);
      rounds = chosen.rounds;
      return included(rounds, frame);
    },
  });
  const result = await finishTask({ report, register: step.register, notifies: [], sharedWith });
  const done = { host, report, result };
  shareFailure({ done, sharedWith, frame, step });
  await spreadErrors({ step, frame, results: [done] });
  return isBad(result) ? [] : rounds;
}

/** A file that includes itself may be meant (a condition ends it); nobody means a hundred levels. */
function refuseEndlessInclude(step: IncludeStep, frame: Frame): void {
  const depth = frame.path.split('|').length - 1;
  if (depth < deepestInclude) return;
  throw new EvaluationError({
    severity: 'error',
    code: 'endless-include',
    message: `included ${depth} levels deep: it includes itself without end`,
    span: step.span,
    hint: 'end it by a condition (`when`) that does not hold any more at some level',
  });
}

type Chosen =
  | { readonly kind: 'rounds'; readonly rounds: readonly Round[] }
  | { readonly kind: 'unknown'; readonly value: Unknown };

async function chooseRounds(options: {
  readonly task: Task<IncludeStep>;
  readonly layers: readonly (readonly ScopeLayer[])[];
  readonly names: (scope: Task['scope']) => readonly (string | undefined)[];
}): Promise<Chosen> {
  const { task, layers, names } = options;
  const { step, host, frame } = task;
  const rounds: Round[] = [];
  for (const locals of layers) {
    const scope = taskScope({ host, step, frame, extra: locals });
    try {
      const round = await evaluateWithFacts({
        run: frame.play.run,
        host: host.state.name,
        action: () => {
          const verdict = judge(step.when, scope);
          if (verdict instanceof Unknown) throw new UnknownValue(verdict);
          if (verdict !== true) return undefined;
          const words = names(scope);
          if (words[0] === undefined || words[0] === '')
            throw new EvaluationError({
              severity: 'error',
              code: 'empty-include',
              message: 'there is no name to include',
              span: step.span,
            });
          return { what: words.join(' '), names: words, locals };
        },
      });
      if (round) rounds.push(round);
    } catch (error) {
      if (error instanceof UnknownValue) return { kind: 'unknown', value: error.value };
      throw error;
    }
  }
  return { kind: 'rounds', rounds };
}

function included(rounds: readonly Round[], frame: Frame): ItemResult {
  if (rounds.length === 0) return skipped('nothing to include: the condition does not hold, or there are no items');
  const status = frame.play.run.request.options.preview ? 'same' : 'ok';
  const names: Value = rounds.map(({ what }) => what.trim());
  return {
    status,
    message: `included ${rounds.map(({ names: words }) => words.filter(Boolean).join(' ')).join(', ')}`,
    changes: [],
    values: registered({ status, values: { include: names } }),
    warnings: [],
  };
}
