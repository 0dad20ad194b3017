import { dirname } from 'node:path';
import { Diagnostics, InputError } from '../core/diagnostic.js';
import { lateLayers } from '../inventory/load-inventory.js';
import type { RunRequest } from '../run/request.js';
import type { LoadedPlan } from './load-plan.js';

/** Reads `group_vars/` and `host_vars/` for a group or host that a run adds. */
export function lateLayersOf({ inventory, plan, files }: LoadedPlan): NonNullable<RunRequest['lateLayers']> {
  return (owner) => {
    const diagnostics = new Diagnostics();
    const playbookDirectories = plan.playbooks.map((path) => dirname(path));
    const layers = lateLayers({ ...owner, sources: inventory.sources, playbookDirectories, files, diagnostics });
    if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
    return layers;
  };
}
