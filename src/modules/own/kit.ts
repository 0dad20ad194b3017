import { z as zod } from 'zod';
import type { ModuleDefinition } from '../types.js';

// What a project's own module imports by the name of this package: nothing else of the program is promised to it.
export { joinShell, sh, shellSource } from '../../shell/text.js';
export { succeeded } from '../support/command-result.js';
export { params } from '../support/define.js';
export * as fields from '../support/fields.js';
export { parseReport, tell } from '../support/report.js';
export { ModuleFailure } from '../types.js';

/**
 * The parts of zod that parameters are made of where no field of `fields` is. Not all of it: every start of the program
 * would load what nobody asks for (a tenth of the time of `validate`).
 */
export const z = {
  array: zod.array,
  boolean: zod.boolean,
  custom: zod.custom,
  discriminatedUnion: zod.discriminatedUnion,
  enum: zod.enum,
  int: zod.int,
  lazy: zod.lazy,
  literal: zod.literal,
  null: zod.null,
  number: zod.number,
  preprocess: zod.preprocess,
  record: zod.record,
  strictObject: zod.strictObject,
  string: zod.string,
  union: zod.union,
  unknown: zod.unknown,
} as const;

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
