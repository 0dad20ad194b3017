import type { Step } from '../playbook/types.js';
import { confirmHosts } from './confirm.js';
import type { TaskRef } from './events.js';
import { flushHandlers } from './handlers.js';
import type { Frame, PlayHost, PlayState } from './play-state.js';
import { settleAll } from './settle.js';
import { walk } from './walk.js';

interface Section {
  readonly name: TaskRef['section'];
  readonly steps: readonly Step[];
}

/** Takes one batch through the whole play: together (linear), or each host at its own speed (free). */
export async function runBatch(play: PlayState): Promise<void> {
  const { hosts } = play.batch;
  if (play.planned.play.strategy === 'linear') return runSections(play, hosts);
  await settleAll(hosts.map(async (host) => runSections(play, [host])));
}

/** The frame at the outermost level of a section. */
export function outerFrame(play: PlayState, section: TaskRef['section']): Frame {
  return {
    play,
    section,
    rescuable: undefined,
    parameters: new Map(),
    locals: new Map(),
    path: `${play.batch.number}`,
  };
}

/**
 * Sections in order; due handlers run after pre_tasks, after roles and tasks, after post_tasks. Then what the hosts'
 * tasks left to be confirmed is looked at once more.
 */
async function runSections(play: PlayState, hosts: readonly PlayHost[]): Promise<void> {
  const { preTasks, roles, tasks, postTasks } = play.planned.play;
  if (preTasks.length > 0) await runSection(play, { hosts, sections: [{ name: 'pre_tasks', steps: preTasks }] });
  await runSection(play, {
    hosts,
    sections: [
      { name: 'roles', steps: roles },
      { name: 'tasks', steps: tasks },
    ],
  });
  if (postTasks.length > 0) await runSection(play, { hosts, sections: [{ name: 'post_tasks', steps: postTasks }] });
  await confirmHosts(hosts, play);
}

async function runSection(
  play: PlayState,
  options: { readonly hosts: readonly PlayHost[]; readonly sections: readonly Section[] },
): Promise<void> {
  const { hosts, sections } = options;
  for (const { name, steps } of sections) await walk(steps, hosts, outerFrame(play, name));
  const forced = play.planned.play.forceHandlers ?? play.run.request.options.forceHandlers ?? false;
  await flushHandlers({ hosts, frame: outerFrame(play, 'handlers'), forced, walk });
}
