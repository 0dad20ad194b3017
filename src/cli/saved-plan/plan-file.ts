import { randomBytes, scryptSync } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { InputError } from '../../core/diagnostic.js';
import { visible } from '../../core/visible.js';
import type { Value } from '../../template/value.js';
import type { KeptCommand } from '../resume/kept-command.js';
import type { Inputs } from './inputs.js';
import type { Prediction } from './predictions.js';

const begin = '{"kind":"runner-plan"';

/** A preview that was written down, to be applied as it is or not at all. */
export interface SavedPlan {
  readonly kind: 'runner-plan';
  /** The version of the program that made it. */
  readonly version: string;
  /** When and by whom, for people. */
  readonly at: string;
  readonly by: string;
  readonly command: KeptCommand;
  readonly variables: VariableSum;
  readonly inputs: Inputs;
  readonly predictions: readonly Prediction[];
}

/** Tells whether `-e` gives the same values again; the values themselves, which may be secrets, are not kept. */
export interface VariableSum {
  readonly salt: string;
  readonly sum: string;
}

export function sumOfVariables(
  values: Readonly<Record<string, Value>>,
  salt = randomBytes(16).toString('hex'),
): VariableSum {
  const text = JSON.stringify(Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  // Slow on purpose: the file may get into other hands, and passwords are short.
  return { salt, sum: scryptSync(text, salt, 32).toString('hex') };
}

/** Writes it, readable by its owner only, in place of an older one. Throws InputError. */
export function writePlan(path: string, plan: SavedPlan): void {
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(beside, `${JSON.stringify(plan)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(beside, path);
  } catch (error) {
    throw refused(`the plan cannot be written to ${visible(path)}: ${reasonOf(error)}`, 'name another file with -o');
  }
}

/** Whether a file begins as a saved plan does; playbooks are YAML that nobody begins so. */
export function isSavedPlan(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(begin.length);
      readSync(file, bytes, 0, begin.length, 0);
      return bytes.toString() === begin;
    } finally {
      closeSync(file);
    }
  } catch {
    // What cannot be read is told of by whoever reads it as a playbook.
    return false;
  }
}

/** Reads a plan of this version of the program. Throws InputError. */
export function readPlan(path: string, version: string): SavedPlan {
  const again = 'make it again with `runner plan … -o`';
  let plan: SavedPlan;
  try {
    plan = JSON.parse(readFileSync(path, 'utf8')) as SavedPlan;
  } catch (error) {
    throw refused(`the plan ${visible(path)} cannot be read: ${reasonOf(error)}`, again);
  }
  if (plan.version === version) return plan;
  throw refused(`the plan ${visible(path)} was made by version ${visible(plan.version)}, this is ${version}`, again);
}

export function refused(message: string, hint: string): InputError {
  return new InputError([{ severity: 'error', code: 'saved-plan', message, hint }]);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
