import { Diagnostics } from '../../../src/core/diagnostic.js';
import type { Files } from '../playbook/load.js';
import { problemsOf } from '../syntax/read.js';
import { type Loaded, loadPlan, type Options } from './plan.js';

/** Groups `web` (w1, w2) and `db` (d1), with a variable for each kind of place. */
export const inventoryText = `all:
  vars: {domain: example.org}
  children:
    web:
      hosts: {w1: {}, w2: {only_w2: 1}}
      vars: {web_port: 80}
    db:
      hosts: {d1: {}}
      vars: {db_port: 5432}
`;

export type Said = Omit<Options, 'inventory'>;

/**
 * Plans the playbook f.yaml (or files with it, and maybe an inventory inv.yaml) and runs a check: the problems it found,
 * "line:column code: message | hint". A playbook that is itself wrong is a mistake of the test.
 */
export function mistakesOf(
  check: (request: Loaded) => void,
  playbook: string | Files,
  said: Said = {},
): readonly string[] {
  const loaded = loadPlan(playbook, { ...said, inventory: inventoryText });
  const wrong = problemsOf(loaded.diagnostics);
  if (wrong.length > 0) throw new Error(`not valid: ${wrong.join('\n')}`);
  const diagnostics = new Diagnostics();
  check({ ...loaded, diagnostics });
  return problemsOf(diagnostics);
}

/** A playbook of one play on `web`, its tasks indented by four. */
export function webPlay(rest: string): string {
  return `- name: web\n  hosts: web\n${rest}`;
}
