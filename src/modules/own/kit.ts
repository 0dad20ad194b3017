import type { ModuleDefinition } from '../types.js';

// What a project's own module imports by the name of this package: nothing else of the program is promised to it.
export { z } from 'zod';
export { joinShell, sh, shellSource } from '../../shell/text.js';
export { succeeded } from '../support/command-result.js';
export { params } from '../support/define.js';
export * as fields from '../support/fields.js';
export { parseReport, tell } from '../support/report.js';
export { ModuleFailure } from '../types.js';

/** What a project's own module says of itself; its name is that of its file. */
export type OwnModuleDefinition<Params, Prepared, Found> = Omit<
  ModuleDefinition<Params, Prepared, Found>,
  'name' | 'file' | 'inventory' | 'confirm' | 'unsettles'
>;

/** Declares a project's own module: the types of its parts follow from `params` and from what its look finds. */
export function defineModule<Params, Prepared, Found>(
  definition: OwnModuleDefinition<Params, Prepared, Found>,
): OwnModuleDefinition<Params, Prepared, Found> {
  return definition;
}
