import { exitCode } from '../../core/exit-code.js';
import { stepsOfPlay } from '../../plan/steps.js';
import { loadPlan } from '../load-plan.js';
import type { InventoryOptions, OutputOptions } from '../options.js';
import { printLine } from '../terminal.js';

/** `runner validate`: every mistake in the files, with its place; connects to nothing. */
export function validate(request: {
  readonly playbooks: readonly string[];
  readonly options: InventoryOptions & OutputOptions;
}): number {
  const { plan } = loadPlan(request);
  const hosts = new Set(plan.plays.flatMap((play) => play.hosts));
  const steps = plan.plays.reduce((sum, play) => sum + stepsOfPlay(play.play).length, 0);
  printLine(`No mistakes: ${count(plan.plays.length, 'play')}, ${count(steps, 'task')}, ${count(hosts.size, 'host')}.`);
  return exitCode.done;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
