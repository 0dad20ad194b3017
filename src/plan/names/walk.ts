import type { Diagnostics } from '../../core/diagnostic.js';
import type { ModuleCatalogue } from '../../playbook/catalogue.js';
import { childrenOf } from '../../playbook/nested-steps.js';
import type { Loop, ModuleStep, Play, Step } from '../../playbook/types.js';
import type { FileReader } from '../../syntax/files.js';
import { argumentNames, importedNames, roleNames } from './known.js';
import { type NameRead, namesAskedFor, namesInExpression, namesInStep } from './read.js';
import { templateSource } from './template-files.js';

/** What a rescue, an always and `on_failure` know of the task that failed. */
export const failureNames = ['failed_task', 'failed_result', 'ansible_failed_task', 'ansible_failed_result'] as const;

interface Walk {
  /** Names that all steps of the play see. */
  readonly names: ReadonlySet<string>;
  /** Names that the roles of the play give the steps outside of roles. */
  readonly imported: readonly string[];
  readonly modules: ModuleCatalogue;
  readonly files: FileReader;
  readonly playbookDirectory: string;
  readonly diagnostics: Diagnostics;
  readonly judge: (known: ReadonlySet<string>, reads: readonly NameRead[]) => void;
}

/** Judges the names every step of a play reads against those the step sees. */
export function walkSteps(play: Play, around: Omit<Walk, 'imported'>): void {
  const walk: Walk = { ...around, imported: importedNames(play) };
  walk.judge(walk.names, play.when.flatMap(namesInExpression));
  const { preTasks, roles, tasks, postTasks, gate, onFailure, handlers } = play;
  const steps = [...preTasks, ...roles, ...tasks, ...postTasks, ...gate, ...handlers.map((handler) => handler.step)];
  for (const step of steps) visit(step, { walk, inherited: [] });
  for (const step of onFailure) visit(step, { walk, inherited: failureNames });
}

interface Visit {
  readonly walk: Walk;
  /** Names that stand around the step: an include's loop, the failure a rescue is about. */
  readonly inherited: readonly string[];
}

function visit(step: Step, { walk, inherited }: Visit): void {
  if (step.when.some(({ source }) => source.trim() === 'false')) return;
  const loop = 'loop' in step ? loopNames(step.loop) : [];
  const known = new Set([
    ...walk.names,
    ...(step.role === undefined ? walk.imported : roleNames(step.role)),
    // A condition may be what asks whether an optional argument is of use.
    ...(step.when.length > 0 ? argumentNames(step.role) : []),
    ...step.vars.flatMap((block) => [...block.values.keys()]),
    ...namesAskedFor(step.when),
    ...inherited,
    ...loop,
  ]);
  walk.judge(known, namesInStep(step, walk.modules));
  if (step.kind === 'module') judgeTemplate(step, { walk, known });
  const inside = [...inherited, ...loop, ...namesAskedFor(step.when)];
  if (step.kind === 'block') {
    for (const child of step.block) visit(child, { walk, inherited: inside });
    for (const child of [...step.rescue, ...step.always])
      visit(child, { walk, inherited: [...inside, ...failureNames] });
    return;
  }
  for (const child of childrenOf(step)) visit(child, { walk, inherited: inside });
}

/** What a loop gives each of its items. */
export function loopNames(loop: Loop | undefined): readonly string[] {
  if (loop === undefined) return [];
  return [
    loop.loopVar,
    ...(loop.indexVar === undefined ? [] : [loop.indexVar]),
    ...(loop.extended ? ['ansible_loop'] : []),
  ];
}

function judgeTemplate(step: ModuleStep, options: { readonly walk: Walk; readonly known: ReadonlySet<string> }): void {
  const { walk, known } = options;
  const source = templateSource(step, walk);
  if (source === undefined) return;
  if (source.kind === 'missing') {
    walk.diagnostics.error({
      code: 'missing-file',
      message: 'there is no such template',
      span: source.src.span,
      hint: `looked for ${source.searched.join(', ')}`,
    });
    return;
  }
  for (const diagnostic of source.diagnostics) walk.diagnostics.add(diagnostic);
  // Other programs have such braces, too: those of Ansible's users name variables.
  const braces = source.braces.find(({ name }) => name === undefined || known.has(name));
  if (braces !== undefined) walk.diagnostics.add(braces.diagnostic);
  walk.judge(known, source.reads);
}
