import { dirname } from 'node:path';
import type { Diagnostics } from '../../core/diagnostic.js';
import type { Inventory } from '../../inventory/types.js';
import type { ModuleCatalogue } from '../../playbook/catalogue.js';
import type { VariableBlock } from '../../playbook/types.js';
import type { FileReader } from '../../syntax/files.js';
import type { Plan, PlannedPlay } from '../types.js';
import { checkInventoryValues } from './inventory-values.js';
import { checkExtraNames } from './extra-names.js';
import { argumentNames, inventoryNames, namesOfPlay, roleNames } from './known.js';
import { allSteps } from '../steps.js';
import { type LastingNames, lastingNames } from './lasting.js';
import { type NameRead, namesInText } from './read.js';
import { reportUndefined, type Reporting } from './report.js';
import { failureNames, loopNames, walkSteps } from './walk.js';

export interface NamesRequest {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, unknown>>;
  readonly files: FileReader;
  readonly modules: ModuleCatalogue;
  readonly diagnostics: Diagnostics;
}

/**
 * Reports every name that conditions, templates in YAML and template files read and that nothing could define: no
 * variable of a host of the play, no variable, register or set_fact of the playbook, no `-e`. Names guarded by `??`,
 * `?.` or typeof may be undefined. A play that takes variables from a file only the run can name is not judged.
 */
export function checkNames(request: NamesRequest): void {
  const { plan, inventory, diagnostics } = request;
  const lasting = lastingNames(plan, request);
  const reporting: Reporting = { inventory, plan, diagnostics, said: new Set() };
  const reads: NameRead[] = [];
  const everywhere = new Set<string>();
  let open = false;
  for (const planned of plan.plays) {
    const found = checkPlay(planned, { request, lasting, reporting });
    open ||= found.open;
    reads.push(...found.reads);
    for (const name of found.anywhere) everywhere.add(name);
  }
  if (!open) checkInventoryValues({ inventory, reads, known: everywhere, reporting });
  const given = Object.keys(request.extraVars);
  if (given.length === 0) return;
  const defined = new Set(plan.plays.flatMap((planned) => [...definedNames(planned, { request, lasting })]));
  for (const name of inventoryNames(inventory, inventory.hosts.keys())) defined.add(name);
  checkExtraNames({ given, defined, read: new Set(reads.map(({ name }) => name)), diagnostics });
}

/** Every name that exists in a play without -e. */
function definedNames(
  planned: PlannedPlay,
  { request, lasting }: { readonly request: NamesRequest; readonly lasting: LastingNames },
): ReadonlySet<string> {
  const { inventory, files } = request;
  const { names } = namesOfPlay({ planned, inventory, limited: true, lasting, extraVars: [], files });
  return namesAnywhere(planned, names);
}

interface PlayReads {
  readonly reads: readonly NameRead[];
  /** Names that exist somewhere in the play. */
  readonly anywhere: ReadonlySet<string>;
  readonly open: boolean;
}

function checkPlay(
  planned: PlannedPlay,
  options: { readonly request: NamesRequest; readonly lasting: LastingNames; readonly reporting: Reporting },
): PlayReads {
  const { request, lasting, reporting } = options;
  const { plan, inventory, extraVars, files, modules } = request;
  const limited = plan.selection.limit.length > 0;
  const { names, open } = namesOfPlay({
    planned,
    inventory,
    limited,
    lasting,
    extraVars: Object.keys(extraVars),
    files,
  });
  const anywhere = namesAnywhere(planned, names);
  const reads: NameRead[] = [];
  const judge = (known: ReadonlySet<string>, found: readonly NameRead[]): void => {
    reads.push(...found);
    if (!open) for (const read of found) if (!known.has(read.name)) reportUndefined(read, { known, reporting });
  };
  const playbookDirectory = dirname(plan.playbooks[0] ?? '.');
  walkSteps(planned.play, { names, modules, files, playbookDirectory, diagnostics: request.diagnostics, judge });
  for (const block of blocksOf(planned)) for (const value of block.values.values()) judge(anywhere, namesInText(value));
  return { reads, anywhere, open };
}

/** A variable's value is rendered where it is read: it may name whatever exists at any step of the play. */
function namesAnywhere({ play }: PlannedPlay, names: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set([...names, ...failureNames]);
  for (const step of allSteps([play])) {
    for (const name of [...roleNames(step.role), ...argumentNames(step.role)]) all.add(name);
    for (const block of step.vars) for (const name of block.values.keys()) all.add(name);
    if ('loop' in step) for (const name of loopNames(step.loop)) all.add(name);
    if (step.kind === 'include-role') for (const name of step.params.values.keys()) all.add(name);
  }
  return all;
}

/** Every block of variables of a play, each once. */
function blocksOf({ play }: PlannedPlay): ReadonlySet<VariableBlock> {
  const blocks = new Set<VariableBlock>([play.vars]);
  for (const step of allSteps([play])) {
    for (const block of step.vars) blocks.add(block);
    for (let context = step.role; context !== undefined; context = context.parent) {
      blocks.add(context.role.defaults).add(context.role.vars).add(context.params);
    }
    if (step.kind === 'include-role') blocks.add(step.params);
  }
  return blocks;
}
