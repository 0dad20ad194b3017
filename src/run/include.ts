import { EvaluationError } from '../template/errors.js';
import type { IncludeRoleStep, IncludeTasksStep, Step } from '../playbook/types.js';
import type { ScopeLayer } from '../template/types.js';
import { Unknown, type Value } from '../template/value.js';
import { anything } from '../modules/promises.js';
import { finishTask } from './finish.js';
import { addHandlers } from './handlers.js';
import { once, readNow } from './include-read.js';
import { judge, textKeyword } from './keywords.js';
import { blockLayer } from './layers.js';
import { type Frame, isLive, type PlayHost, withLayers } from './play-state.js';
import { type ItemResult, registered, skipped, unknown } from './result.js';
import type { checkArguments } from './role-check.js';
import { settleAll } from './settle.js';
import { performTask, type Task } from './task.js';
import { itemLayer, loopItems } from './task-loop.js';
import { evaluateWithFacts, taskScope } from './task-scope.js';
import { UnknownValue } from './unknown-value.js';

type Walk = (steps: readonly Step[], hosts: readonly PlayHost[], frame: Frame) => Promise<void>;
const deepestInclude = 100;
const fileKinds = ['tasks', 'handlers', 'defaults', 'vars'] as const;

type IncludeStep = IncludeTasksStep | IncludeRoleStep;

/** One round of an include on one host: what to include, with which item. */
interface Round {
  /** What is included, for people; rounds with the same words are walked together. */
  readonly what: string;
  readonly names: readonly (string | undefined)[];
  readonly locals: readonly ScopeLayer[];
}

interface IncludeOptions<S extends IncludeStep> {
  readonly step: S;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
  readonly walk: Walk;
}

/** `include_tasks`: each host its own file; hosts with the same file go through it together, all wait for each other at the end. */
export async function includeTasks(options: IncludeOptions<IncludeTasksStep>): Promise<void> {
  const { step, frame, walk } = options;
  const { includes } = frame.play.run.request;
  const read = once(([file = '']) => step.steps ?? includes.tasks({ file, step }));
  await walkRounds({
    ...options,
    names: (scope) => [textKeyword(step.file, scope)],
    read,
    enter: async ({ names, hosts, inner }) => walk(read(names), hosts, inner),
  });
}

/** `include_role`: the role is chosen per host. */
export async function includeRole(
  options: IncludeOptions<IncludeRoleStep> & { readonly checkArguments: typeof checkArguments },
): Promise<void> {
  const { step, frame, walk } = options;
  const read = once(([name = '', ...rest]) => {
    const files = Object.fromEntries(
      fileKinds.flatMap((kind, index) => (rest[index] === undefined ? [] : [[kind, rest[index]]])),
    );
    return step.included ?? frame.play.run.request.includes.role({ name, step, files });
  });
  await walkRounds({
    ...options,
    names: (scope) =>
      [step.roleName, ...fileKinds.map((kind) => step.files[kind])].map((each) => textKeyword(each, scope)),
    read,
    enter: async ({ names, hosts, inner }) => {
      const role = read(names);
      addHandlers({ role, hosts, frame: inner });
      const parameters = new Map(hosts.map((host) => [host, [blockLayer(step.params)]]));
      const inside = withLayers(inner, { parameters });
      await options.checkArguments({ step, context: role.context, steps: role.steps, hosts, frame: inside });
      await walk(role.steps, hosts, inside);
      for (const host of hosts) host.roleEnded = false;
      if (step.public) for (const host of hosts) host.publicRoles.push(role.context);
    },
  });
}

async function walkRounds<S extends IncludeStep>(
  options: IncludeOptions<S> & {
    readonly names: (scope: Task['scope']) => readonly (string | undefined)[];
    readonly read: (names: Round['names']) => unknown;
    readonly enter: (entry: {
      readonly names: Round['names'];
      readonly hosts: readonly PlayHost[];
      readonly inner: Frame;
    }) => Promise<void>;
  },
): Promise<void> {
  const { step, hosts, frame, names, read, enter } = options;
  const perHost = new Map<PlayHost, readonly Round[]>();
  await settleAll(
    hosts.map(async (host) => {
      const rounds = await roundsOf({ step, host, frame, names, read });
      perHost.set(host, rounds);
    }),
  );
  const most = Math.max(0, ...[...perHost.values()].map((rounds) => rounds.length));
  for (let index = 0; index < most; index++) {
    const groups = groupByWhat({ hosts, perHost, index, frame });
    await settleAll(
      groups.map(async ({ round, members }) => {
        const locals = new Map(members.map(({ host, locals }) => [host, locals]));
        const inner = withLayers({ ...frame, path: `${frame.path}|${step.id}#${index}` }, { locals });
        await enter({ names: round.names, hosts: members.map(({ host }) => host), inner });
      }),
    );
  }
}

interface Group {
  readonly round: Round;
  readonly members: readonly { readonly host: PlayHost; readonly locals: readonly ScopeLayer[] }[];
}

function groupByWhat(options: {
  readonly hosts: readonly PlayHost[];
  readonly perHost: ReadonlyMap<PlayHost, readonly Round[]>;
  readonly index: number;
  readonly frame: Frame;
}): readonly Group[] {
  const { hosts, perHost, index, frame } = options;
  const groups = new Map<string, { readonly round: Round; readonly members: Group['members'][number][] }>();
  for (const host of hosts) {
    const round = perHost.get(host)?.[index];
    if (!round || !isLive(host, frame.play)) continue;
    const group = groups.get(round.what) ?? { round, members: [] };
    group.members.push({ host, locals: round.locals });
    groups.set(round.what, group);
  }
  return [...groups.values()];
}

/** What a host includes: its condition is judged once (once for each item), here. Failing to say so is a failed task. */
async function roundsOf(options: {
  readonly step: IncludeStep;
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly names: (scope: Task['scope']) => readonly (string | undefined)[];
  readonly read: (names: Round['names']) => unknown;
}): Promise<readonly Round[]> {
  const { step, host, frame, names, read } = options;
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
  await finishTask({ report, register: step.register, notifies: [] });
  return report.result.status === 'failed' ? [] : rounds;
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
