import { InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { spanOfFlag } from '../../core/span.js';
import { didYouMean } from '../../core/suggest.js';
import { graphDot, graphMermaid, graphText } from '../../plan/graph.js';
import type { Plan } from '../../plan/types.js';
import { graphSvg } from '../graph-svg.js';
import { loadPlan } from '../load-plan.js';
import type { InventoryOptions, OutputOptions } from '../options.js';
import { printLine } from '../terminal.js';

const formats: Readonly<Record<string, (plan: Plan) => string | Promise<string>>> = {
  text: graphText,
  mermaid: graphMermaid,
  dot: graphDot,
  svg: async (plan) => graphSvg(graphDot(plan)),
};

/** `runner graph`: plays, roles and hosts, and what waits for what. */
export async function graph(request: {
  readonly playbooks: readonly string[];
  readonly options: InventoryOptions & OutputOptions & { readonly format: string };
}): Promise<number> {
  const draw = formats[request.options.format];
  if (draw === undefined) {
    const hint = didYouMean(request.options.format, Object.keys(formats)) ?? 'text, mermaid, dot or svg';
    throw new InputError([
      {
        severity: 'error',
        code: 'unknown-format',
        message: `there is no format \`${request.options.format}\``,
        span: spanOfFlag('--format'),
        hint,
      },
    ]);
  }
  printLine(await draw(loadPlan(request).plan));
  return exitCode.done;
}
