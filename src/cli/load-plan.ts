import { dirname } from 'node:path';
import { Diagnostics, InputError } from '../core/diagnostic.js';
import { readLimit } from '../inventory/limit.js';
import type { Inventory } from '../inventory/types.js';
import { buildPlan } from '../plan/build-plan.js';
import { checkDelegates } from '../plan/delegates.js';
import { checkInventoryTemplates } from '../plan/inventory-templates.js';
import { checkNames } from '../plan/names/check-names.js';
import { checkArguments } from '../plan/role-arguments.js';
import type { Plan } from '../plan/types.js';
import { checkUnreadVariables } from '../plan/unread-variables.js';
import { IncludeLoader } from '../playbook/include-loader.js';
import { loadPlaybook } from '../playbook/load-playbook.js';
import type { Play, Playbook } from '../playbook/types.js';
import type { Masker } from '../shell/masker.js';
import type { FileReader } from '../syntax/files.js';
import { plainData } from '../syntax/located.js';
import type { Value } from '../template/value.js';
import { readExtraVars } from './extra-vars.js';
import { lastRunOf } from './journal.js';
import { loadChosenInventory } from './load-inventory.js';
import { nodeFiles } from './node-files.js';
import type { InventoryOptions } from './options.js';
import { type Modules, openModules } from './own-modules.js';
import { checkPlan } from './plan-checks.js';
import { printDiagnostics } from './report-error.js';
import { roleFolders } from './role-folders.js';
import { maskerFor } from './secrets-of.js';

export interface LoadedPlan {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly includes: IncludeLoader;
  readonly modules: Modules;
  readonly masker: Masker;
  readonly files: FileReader;
  readonly playbookDirectory: string;
  /** The patterns of `--limit`, files and `@failed` read. */
  readonly limit: readonly string[];
}

export interface PlanOptions extends InventoryOptions {
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
}

/**
 * Reads everything a run needs and checks all of it: inventory, playbooks, roles, flags, and what they say together.
 * Throws InputError with every mistake; warnings are printed. Nothing is connected to.
 */
export function loadPlan(request: {
  readonly playbooks: readonly string[];
  readonly options: PlanOptions;
  /** Where playbooks and roles are read from; the controller's files unless told otherwise. */
  readonly files?: FileReader;
  /** The inventory as the run is to see it: a named operation runs with members that are not yet, or no longer, there. */
  readonly inventory?: (inventory: Inventory) => Inventory;
  /** Variables of the command itself; they win over those of `-e`. */
  readonly extraVars?: Readonly<Record<string, Value>>;
  /** Plays that are to be checked and run, in their order; undefined: all of them. */
  readonly only?: (play: Play) => boolean;
}): LoadedPlan {
  const { playbooks, options, files = nodeFiles(), only } = request;
  const diagnostics = new Diagnostics();
  const modules = openModules(files);
  const loaded = playbooks.flatMap((path) => loadPlaybook({ path, files, modules, diagnostics, roleFolders }) ?? []);
  const hosts = loaded.flatMap(({ plays }) => plays.flatMap((play) => plainData(play.hosts)));
  const chosen = loadChosenInventory({ options, playbooks, files, diagnostics, hosts });
  const inventory = request.inventory?.(chosen) ?? chosen;
  const extraVars = { ...readExtraVars({ flags: options.extraVars ?? [], files, diagnostics }), ...request.extraVars };
  const selection = {
    limit: readLimit({
      limits: options.limit ?? [],
      files,
      diagnostics,
      failed: () => lastRunOf(playbooks)?.unfinished,
    }),
    tags: options.tags ?? [],
    skipTags: options.skipTags ?? [],
    ...(options.startAtTask === undefined ? {} : { startAtTask: options.startAtTask }),
  };
  const chosenPlays = only === undefined ? loaded : loaded.map((playbook) => playsOnly(playbook, only));
  const plan = buildPlan({ playbooks: chosenPlays, inventory, selection, extraVars, diagnostics });
  checkInventoryTemplates({ plan, inventory, diagnostics });
  checkUnreadVariables({ plan, inventory, files, diagnostics });
  checkNames({ plan, inventory, extraVars, files, modules, diagnostics });
  checkDelegates({ plan, inventory, diagnostics });
  checkArguments({ plan, inventory, extraVars, files, diagnostics });
  checkPlan({ plan, inventory, extraVars, files, diagnostics });
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  printDiagnostics(diagnostics.all);
  const playbookDirectory = dirname(playbooks[0] ?? '.');
  const includes = new IncludeLoader({ files, modules, playbookDirectory, roleFolders });
  const { limit } = selection;
  return {
    plan,
    inventory,
    extraVars,
    includes,
    modules,
    masker: maskerFor(inventory),
    files,
    playbookDirectory,
    limit,
  };
}

/** Without the plays that are left out nobody can need them; those that are left go one after the other. */
function playsOnly(playbook: Playbook, only: (play: Play) => boolean): Playbook {
  const plays = playbook.plays.filter(only);
  return {
    ...playbook,
    plays: plays.map((play) => {
      const { needs, ...rest } = play;
      const kept = needs?.filter(({ name }) => plays.some((other) => other.name === name));
      return kept === undefined ? rest : { ...rest, needs: kept };
    }),
  };
}
