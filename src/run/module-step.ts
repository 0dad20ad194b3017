import type { ModuleStep, Step } from '../playbook/types.js';
import { connectFirst } from './connect-first.js';
import { failHost, failureOf } from './finish.js';
import { early, type HostResult, isBad, limited, runOn } from './host-step.js';
import { booleanKeyword } from './keywords.js';
import { type Frame, isLive, type PlayHost } from './play-state.js';
import { isRunOnce, runOnceForAll } from './run-once.js';
import { settleAll } from './settle.js';
import { taskScope } from './task-scope.js';

/** Runs a task on all hosts that stand at it, as many at a time as forks and throttle allow. */
export async function runModuleStep(options: {
  readonly step: ModuleStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): Promise<void> {
  const { step, hosts } = options;
  const frame: Frame = { ...options.frame, files: options.frame.play.run.lookAhead.filesOf(step.id) };
  const once = await isRunOnce(options);
  await connectFirst({ step, hosts: once ? hosts.slice(0, 1) : hosts, frame });
  const results = once
    ? await runOnceForAll({ step, hosts, frame })
    : await settleAll(
        hosts.map(async (host) => limited({ step, host, frame, action: async () => runOn({ step, host, frame }) })),
      );
  await spreadErrors({ step, frame, results: results.filter((result) => result !== undefined) });
}

/** any_errors_fatal: the others fail with the one that failed; in a block those that are in it take its rescue together. */
export async function spreadErrors(options: {
  readonly step: Step;
  readonly frame: Frame;
  readonly results: readonly HostResult[];
}): Promise<void> {
  const { step, frame, results } = options;
  const { play } = frame;
  const bad = results.find(({ result, report }) => isBad(result) && !report.ignored);
  if (!bad) return;
  const { host } = bad;
  const fatal = step.keywords.anyErrorsFatal
    ? await early({
        host,
        frame,
        compute: () => booleanKeyword(step.keywords.anyErrorsFatal, taskScope({ host, step, frame })) ?? false,
        otherwise: true,
      })
    : play.planned.play.anyErrorsFatal;
  if (!fatal) return;
  const failure = {
    ...failureOf(step, { name: bad.report.task.ref.task, result: bad.result }),
    kind: 'elsewhere' as const,
  };
  for (const other of frame.rescuable ?? play.batch.hosts)
    if (isLive(other, play)) failHost({ host: other, frame, failure });
  if (!frame.rescuable) play.stopped ??= `any_errors_fatal: "${bad.report.task.ref.task}" failed on ${host.state.name}`;
}
