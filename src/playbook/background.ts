import type { Located } from '../syntax/located.js';
import type { ModuleShape } from './catalogue.js';
import type { Loading } from './loading.js';
import type { ModuleStep } from './types.js';

/** What is wrong with `async` and `poll` of a task. */
interface BackgroundProblem {
  readonly message: string;
  readonly hint: string;
  /** Which of the two it is about. */
  readonly keyword: 'async' | 'poll';
}

/** Why a module cannot do what `async` and `poll` ask of it. Seconds; `pollSeconds` is undefined where it is not known. */
export function backgroundProblem(
  module: Pick<ModuleShape, 'name' | 'background'>,
  asked: { readonly asyncSeconds: number; readonly pollSeconds: number | undefined },
): BackgroundProblem | undefined {
  const { asyncSeconds, pollSeconds } = asked;
  if (asyncSeconds <= 0 || module.background === 'alone') return undefined;
  if (module.background === undefined) {
    return {
      keyword: 'async',
      message: `\`${module.name}\` cannot run in the background: \`async\` is for modules that run commands on the host`,
      hint: 'remove `async` and `poll`; `timeout` limits how long a task may take',
    };
  }
  if (pollSeconds === undefined || pollSeconds > 0) return undefined;
  return {
    keyword: 'poll',
    message: `\`${module.name}\` cannot be left alone with \`poll: 0\`: there is more to do when its command has ended`,
    hint: 'remove `poll`: the task is waited for while it goes on by itself',
  };
}

/** Reports `async` and `poll` that a task's module cannot have, or that say nothing; templates are judged when they are rendered. */
export function checkBackground(
  step: ModuleStep,
  options: { readonly module: ModuleShape; readonly loading: Loading },
): void {
  const { modules, diagnostics } = options.loading;
  const { asyncSeconds, pollSeconds } = step;
  if (asyncSeconds === undefined) {
    if (pollSeconds === undefined) return;
    diagnostics.warning({
      code: 'poll-alone',
      message: '`poll` says nothing without `async`: every task is waited for',
      span: pollSeconds.span,
      hint: 'remove it, or add `async` with the seconds that the task may take',
    });
    return;
  }
  // A template may come to 0, but a module without a background has no use for one either.
  const problem = backgroundProblem(options.module, {
    asyncSeconds: numberIn(asyncSeconds) ?? 1,
    pollSeconds: pollSeconds === undefined ? undefined : numberIn(pollSeconds),
  });
  if (problem === undefined) return;
  const able = modules
    .names()
    .filter((name) => {
      const background = modules.find(name)?.background;
      return problem.keyword === 'async' ? background !== undefined : background === 'alone';
    })
    .toSorted();
  diagnostics.error({
    code: 'not-in-background',
    message: problem.message,
    span: (problem.keyword === 'poll' && pollSeconds !== undefined ? pollSeconds : asyncSeconds).span,
    hint: `${problem.hint}; ${problem.keyword === 'async' ? '`async`' : '`poll: 0`'} is for ${able.join(', ')}`,
  });
}

/** A number that is there already; undefined for a template. */
function numberIn(located: Located): number | undefined {
  return located.kind === 'scalar' && typeof located.value === 'number' ? located.value : undefined;
}
