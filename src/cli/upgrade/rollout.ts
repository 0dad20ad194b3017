import { randomUUID } from 'node:crypto';
import { exitCode } from '../../core/exit-code.js';
import { LockedError } from '../../run/lock.js';
import { sh, type ShellText } from '../../shell/text.js';
import type { Member } from '../../stack/status/types.js';
import type { Part } from '../../stack/upgrade/components.js';
import type { PlannedHop } from '../../stack/upgrade/plan.js';
import type { RolloutOptions } from '../../run/request.js';
import type { OpenCluster } from '../open-cluster.js';
import { askChoice } from '../prompt.js';
import { withLocks } from '../with-locks.js';
import type { UpgradeOptions } from './options.js';

/** What the flags say about the steps of a hop. */
export function rolloutOf(options: UpgradeOptions, hop: PlannedHop): RolloutOptions {
  return {
    ...(options.canary === undefined ? {} : { canary: options.canary }),
    ...(options.soak === undefined ? {} : { soakSeconds: options.soak }),
    ...(options.pause === true
      ? { pause: async (question) => (await askChoice(question, ['yes', 'no'])) === 'yes' }
      : {}),
    // Nothing of it runs any more: there is no quorum to wait for.
    ...(hop.stopsAll ? { bringUp: true } : {}),
  };
}

/**
 * Stops every member of a part, all at the same time, while no other run works on their hosts. When one cannot be stopped
 * all are started again, since with some of them gone nothing is won; `said` is what went wrong then.
 */
export async function stopAll(
  cluster: OpenCluster,
  part: Part,
): Promise<{ readonly code: number; readonly said: readonly string[] }> {
  const members = cluster.members.filter(({ component }) => component === part);
  const hosts = members.map(({ host }) => host);
  try {
    return await withLocks({ cluster, hosts, token: `stop-${randomUUID()}` }, async () => {
      const stopped = await onEach(cluster, members, (name) => sh`docker stop --time 30 ${name} >/dev/null`);
      if (stopped.every(({ trouble }) => trouble === undefined)) return { code: exitCode.done, said: [] };
      const started = await onEach(cluster, members, (name) => sh`docker start ${name} >/dev/null`);
      const said = [
        ...troublesOf(stopped, 'could not be stopped'),
        ...troublesOf(started, 'could not be started again'),
        'What had been stopped was started again.',
      ];
      return { code: exitCode.hostFailed, said };
    });
  } catch (error) {
    if (error instanceof LockedError) return { code: exitCode.locked, said: [error.message] };
    const trouble = cluster.troubleOf(error);
    if (trouble === undefined) throw error;
    return { code: exitCode.unreachable, said: [trouble] };
  }
}

interface Attempt {
  readonly member: Member;
  readonly trouble: string | undefined;
}

async function onEach(
  cluster: OpenCluster,
  members: readonly Member[],
  script: (container: string) => ShellText,
): Promise<readonly Attempt[]> {
  return Promise.all(
    members.map(async (member) => {
      try {
        const { code, stderr } = await cluster.run(member.host, script(member.container));
        return { member, trouble: code === 0 ? undefined : stderr.toString('utf8').trim() };
      } catch (error) {
        const trouble = cluster.troubleOf(error);
        if (trouble === undefined) throw error;
        return { member, trouble };
      }
    }),
  );
}

function troublesOf(attempts: readonly Attempt[], what: string): readonly string[] {
  return attempts.flatMap(({ member, trouble }) =>
    trouble === undefined ? [] : [`${member.host}: ${member.container} ${what}: ${trouble}`],
  );
}
