import type { AnyModule } from './types.js';
import { apt } from './apt.js';
import { assertModule } from './assert.js';
import { command } from './command.js';
import { copy } from './copy.js';
import { debug } from './debug.js';
import { fail } from './fail.js';
import { file } from './file.js';
import { lineinfile } from './lineinfile.js';
import { setFact } from './set_fact.js';
import { shell } from './shell.js';
import { stat } from './stat.js';
import { template } from './template.js';

/** Every module, by name: a new one is a file and a line here. */
const modules: readonly AnyModule[] = [
  apt,
  assertModule,
  command,
  copy,
  debug,
  fail,
  file,
  lineinfile,
  setFact,
  shell,
  stat,
  template,
];

const byName: ReadonlyMap<string, AnyModule> = new Map(modules.map((module) => [module.name, module]));

/** The module of a name, without any collection before it. */
export function findModule(name: string): AnyModule | undefined {
  return byName.get(name);
}

/** All names, sorted. */
export function moduleNames(): readonly string[] {
  return [...byName.keys()].sort();
}
