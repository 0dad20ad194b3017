import { plainData } from '../syntax/located.js';
import { childrenOf, outermostSteps, withNested } from '../playbook/nested-steps.js';
import type { ModuleStep, Play, RoleContext, Step } from '../playbook/types.js';

/** The steps of a play known before the run, in the order they run; those inside blocks and roles stand in their place. */
export function stepsOfPlay(play: Play): readonly Step[] {
  return [...play.preTasks, ...play.roles, ...play.tasks, ...play.postTasks].flatMap(leavesOf);
}

/** Every step of plays, with those inside blocks, roles and includes that were read ahead. */
export function allSteps(plays: readonly Play[]): readonly Step[] {
  return plays.flatMap((play) => outermostSteps(play).flatMap(withNested));
}

/** The roles of `roles:` and `import_role`, in the order they are written: the play's own steps see their variables. */
export function importedRoles(play: Play): readonly RoleContext[] {
  const imported = (step: Step): readonly RoleContext[] => [
    ...(step.kind === 'role' ? [step.context] : []),
    ...(step.kind === 'include-role' || step.kind === 'include-tasks' ? [] : childrenOf(step).flatMap(imported)),
  ];
  return [...play.preTasks, ...play.roles, ...play.tasks, ...play.postTasks].flatMap(imported);
}

/** The steps inside blocks and roles in their place; a step that holds none is its own leaf. */
export function leavesOf(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'block':
      return [...step.block, ...step.rescue, ...step.always].flatMap(leavesOf);
    case 'role':
      return step.steps.flatMap(leavesOf);
    case 'module':
    case 'include-tasks':
    case 'include-role':
    case 'meta':
      return [step];
  }
}

/** The longest piece of a command that stands for a name. */
const longestWords = 60;

/** A step's name as it is written; `<module>: <first words>` when it has none. */
export function writtenName(step: Step): string {
  if (step.name !== undefined) return String(plainData(step.name));
  switch (step.kind) {
    case 'module':
      return withWords(step.module, firstWords(step));
    case 'include-tasks':
      return withWords('include_tasks', plainData(step.file));
    case 'include-role':
      return withWords('include_role', plainData(step.roleName));
    case 'role':
      return step.context.role.name;
    case 'meta':
      return `meta: ${step.action}`;
    case 'block':
      return 'block';
  }
}

function withWords(module: string, words: unknown): string {
  const text = typeof words === 'string' || typeof words === 'number' ? String(words).split('\n', 1)[0]!.trim() : '';
  if (text === '') return module;
  return `${module}: ${text.length > longestWords ? `${text.slice(0, longestWords)}…` : text}`;
}

/** Parameters that hold what is written, not what it is about. */
const bodies: ReadonlySet<string> = new Set(['content', 'block', 'line', 'replace', 'stdin', 'body', 'password']);

/** The first plain parameter of a task that may be shown: no secret, nothing of a no_log task, not what a file shall hold. */
function firstWords(step: ModuleStep): unknown {
  const { noLog } = step.keywords;
  if (noLog !== undefined && plainData(noLog) !== false) return undefined;
  for (const { key, value } of step.params.entries)
    if (value.kind === 'scalar' && value.secret !== true && !bodies.has(key)) return value.value;
  return undefined;
}
