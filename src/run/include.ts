import type { IncludeRoleStep, IncludeTasksStep, Step } from '../playbook/types.js';
import type { ScopeLayer } from '../template/types.js';
import { addHandlers } from './handlers.js';
import { once } from './include-read.js';
import { type IncludeStep, type Round, roundsOf } from './include-rounds.js';
import { textKeyword } from './keywords.js';
import { blockLayer } from './layers.js';
import { type Frame, isLive, type PlayHost, withLayers } from './play-state.js';
import type { checkArguments } from './role-check.js';
import { firstForAll, isRunOnce } from './run-once.js';
import { settleAll } from './settle.js';
import type { Task } from './task.js';

type Walk = (steps: readonly Step[], hosts: readonly PlayHost[], frame: Frame) => Promise<void>;
const fileKinds = ['tasks', 'handlers', 'defaults', 'vars'] as const;

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

interface RoundsOptions<S extends IncludeStep> extends IncludeOptions<S> {
  readonly names: (scope: Task['scope']) => readonly (string | undefined)[];
  readonly read: (names: Round['names']) => unknown;
  readonly enter: (entry: {
    readonly names: Round['names'];
    readonly hosts: readonly PlayHost[];
    readonly inner: Frame;
  }) => Promise<void>;
}

async function walkRounds<S extends IncludeStep>(options: RoundsOptions<S>): Promise<void> {
  const { hosts } = options;
  if (await isRunOnce(options)) return walkRoundsOnce(options);
  const rounds = await settleAll(hosts.map(async (host) => roundsOf({ ...options, host, sharedWith: [] })));
  await walkEach(options, new Map(hosts.map((host, index) => [host, rounds[index] ?? []])));
}

/**
 * run_once: the first host chooses and goes through what is included alone. Where the tasks inside are run_once
 * themselves (by a block around both, or by `apply`), all go through it: what those tasks give is there for everybody.
 */
async function walkRoundsOnce<S extends IncludeStep>(options: RoundsOptions<S>): Promise<void> {
  const { step, hosts, frame } = options;
  await firstForAll({
    step,
    hosts,
    frame,
    action: async (host, sharedWith) => {
      const rounds = await roundsOf({ ...options, host, sharedWith });
      const inside = { ...step, keywords: step.apply.keywords };
      const entering = (await isRunOnce({ step: inside, hosts, frame })) ? hosts : [host];
      await walkEach(options, new Map(entering.map((each) => [each, rounds])));
    },
  });
}

async function walkEach<S extends IncludeStep>(
  options: RoundsOptions<S>,
  perHost: ReadonlyMap<PlayHost, readonly Round[]>,
): Promise<void> {
  const { step, frame, enter } = options;
  const hosts = [...perHost.keys()];
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
