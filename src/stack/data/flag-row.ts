/**
 * A flag of a program: name, type, first version that has it ('' from the first one known), first version without it
 * ('' to the last one known), and the older name that still loads.
 */
export type FlagRow = readonly [name: string, type: string, since: string, gone: string, oldName: string];
