import { Diagnostics, InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { formatSpan } from '../../core/span.js';
import { didYouMean } from '../../core/suggest.js';
import { visible } from '../../core/visible.js';
import { hostNamed } from '../../inventory/localhost.js';
import type { Scope } from '../../template/scope.js';
import type { VariableContent } from '../../template/types.js';
import { readExtraVars } from '../extra-vars.js';
import { inventoryScope, readVariable } from '../host-variables.js';
import { loadChosenInventory } from '../load-inventory.js';
import { nodeFiles } from '../node-files.js';
import type { InventoryOptions, OutputOptions } from '../options.js';
import { printDiagnostics } from '../report-error.js';
import { maskerFor } from '../secrets-of.js';
import { colorsFor, printLine } from '../terminal.js';

/** `runner vars HOST [NAME]`: each value, where it comes from, and what it beat. */
export function vars(request: {
  readonly host: string;
  readonly name?: string;
  readonly options: InventoryOptions & OutputOptions;
}): number {
  const { host, name, options } = request;
  const files = nodeFiles();
  const diagnostics = new Diagnostics();
  const loaded = loadChosenInventory({ options, playbooks: [], files, diagnostics });
  const extraVars = readExtraVars({ flags: options.extraVars ?? [], files, diagnostics });
  const scope = inventoryScope({ inventory: loaded, host, extraVars });
  if (hostNamed(loaded, host) === undefined) {
    const hint = didYouMean(host, loaded.hosts.keys());
    diagnostics.error({
      code: 'unknown-host',
      message: `the inventory has no host \`${host}\``,
      ...(hint === undefined ? {} : { hint }),
    });
  } else if (name !== undefined && !scope.has(name)) {
    const hint = didYouMean(name, scope.names());
    diagnostics.error({
      code: 'undefined-name',
      message: `the inventory gives ${host} no variable \`${name}\``,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  printDiagnostics(diagnostics.all);
  const masker = maskerFor(loaded);
  const colors = colorsFor(options);
  const names = name === undefined ? scope.names().filter((each) => each !== 'host' && each !== 'groups') : [name];
  for (const each of names.toSorted()) {
    const read = readVariable(scope, each);
    const text = read.kind === 'value' ? JSON.stringify(read.value) : colors.red(read.error.message);
    printLine(`${colors.bold(visible(each))}: ${masker.mask(visible(text))}`);
    for (const [index, line] of originLines(scope, each).entries())
      printLine(colors.dim(`    ${index === 0 ? 'from' : 'beats'} ${masker.mask(line)}`));
  }
  return exitCode.done;
}

function originLines(scope: Scope, name: string): readonly string[] {
  return scope.origins(name).map(({ origin, content }) => `${visible(origin)}${placeOf(content)}`);
}

function placeOf(content: VariableContent): string {
  if (content.kind !== 'located') return '';
  const { located } = content;
  const text = located.kind === 'scalar' ? `: ${visible(located.source)}` : '';
  return ` (${formatSpan(located.span)})${text}`;
}
