import { Diagnostics, InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { didYouMean } from '../../core/suggest.js';
import { hostNamed } from '../../inventory/localhost.js';
import { inventoryGraph, inventoryList } from '../../inventory/show.js';
import { readExtraVars } from '../extra-vars.js';
import { inventoryScope, variablesAsData } from '../host-variables.js';
import { loadChosenInventory } from '../load-inventory.js';
import { nodeFiles } from '../node-files.js';
import type { InventoryOptions, OutputOptions } from '../options.js';
import { printDiagnostics } from '../report-error.js';
import { maskerFor } from '../secrets-of.js';
import { printLine } from '../terminal.js';

export interface InventoryRequest {
  readonly options: InventoryOptions &
    OutputOptions & { readonly list?: boolean; readonly graph?: boolean; readonly host?: string };
}

/** `runner inventory`: what was understood, as a tree or as Ansible's JSON. Connects to nothing. */
export function inventory(request: InventoryRequest): number {
  const { options } = request;
  const files = nodeFiles();
  const diagnostics = new Diagnostics();
  const loaded = loadChosenInventory({ options, playbooks: [], files, diagnostics });
  const extraVars = readExtraVars({ flags: options.extraVars ?? [], files, diagnostics });
  if (options.host !== undefined && hostNamed(loaded, options.host) === undefined) {
    const hint = didYouMean(options.host, loaded.hosts.keys());
    diagnostics.error({
      code: 'unknown-host',
      message: `the inventory has no host \`${options.host}\``,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  printDiagnostics(diagnostics.all);
  const masker = maskerFor(loaded);
  const variablesOf = (host: string): Readonly<Record<string, unknown>> =>
    masker.maskData(variablesAsData(inventoryScope({ inventory: loaded, host, extraVars })));
  if (options.host !== undefined) printLine(JSON.stringify(variablesOf(options.host), undefined, 2));
  else if (options.list === true) printLine(JSON.stringify(inventoryList(loaded, variablesOf), undefined, 2));
  else printLine(inventoryGraph(loaded));
  return exitCode.done;
}
