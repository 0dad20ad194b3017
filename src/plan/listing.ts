import { stepsOfPlay, writtenName } from './steps.js';
import { selectedByTags } from './tags.js';
import type { Plan, PlannedPlay } from './types.js';

/** `--list-hosts`: the hosts of each play. */
export function listHosts(plan: Plan): string {
  return plan.plays.map((play) => [heading(play), ...play.hosts.map((host) => `    ${host}`)].join('\n')).join('\n\n');
}

/** `--list-tasks`: the tasks of each play that the tags choose; what includes bring only the run can tell. */
export function listTasks(plan: Plan): string {
  return plan.plays.map((play) => [heading(play), ...taskLines(play, plan)].join('\n')).join('\n\n');
}

/** `--list-tags`: every tag of each play. */
export function listTags(plan: Plan): string {
  return plan.plays
    .map((play) => {
      const tags = new Set(stepsOfPlay(play.play).flatMap((step) => step.tags));
      return `${heading(play)}\n    tags: ${tags.size === 0 ? 'none' : [...tags].toSorted().join(', ')}`;
    })
    .join('\n\n');
}

function heading(play: PlannedPlay): string {
  return `play ${play.name} (${play.hosts.length} host${play.hosts.length === 1 ? '' : 's'})`;
}

function taskLines(play: PlannedPlay, plan: Plan): readonly string[] {
  return stepsOfPlay(play.play)
    .filter((step) => selectedByTags(step.tags, plan.selection))
    .map((step) => {
      const role = step.role === undefined ? '' : `${step.role.role.name} : `;
      return `    ${role}${writtenName(step)}${step.tags.length > 0 ? `    [${step.tags.join(', ')}]` : ''}`;
    });
}
