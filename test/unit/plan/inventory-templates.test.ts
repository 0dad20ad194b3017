import { describe, expect, it } from 'vitest';
import { checkInventoryTemplates } from '../../../src/plan/inventory-templates.js';
import { problemsOf } from '../syntax/read.js';
import { loadPlan } from './plan.js';

function problemsOfInventory(inventory: string, playbook = '- hosts: web\n'): readonly string[] {
  const loaded = loadPlan(playbook, { inventory });
  checkInventoryTemplates(loaded);
  return problemsOf(loaded.diagnostics);
}

describe('templates in inventory variables', () => {
  it('that cannot be parsed are reported once, wherever in a value they stand', () => {
    expect(
      problemsOfInventory(
        'web:\n  hosts: {h1: {}, h2: {}}\n  vars:\n    port: "<%= 1 + %>"\n    list: [{a: "<% x"}]\n',
      ),
    ).toEqual([
      expect.stringMatching(/^inv.yaml:4:\d+ expression-syntax: /),
      expect.stringMatching(/^inv.yaml:5:\d+ template-syntax: /),
    ]);
  });

  it('of hosts that are in no play are left alone', () => {
    expect(problemsOfInventory('web: {hosts: {h1: }}\ndb: {hosts: {h2: {port: "<%= 1 + %>"}}}\n')).toEqual([]);
  });

  it('of `all` count for the controller too', () => {
    expect(problemsOfInventory('all: {vars: {port: "<%= a = 1 %>"}}\n', '- hosts: localhost\n')).toEqual([
      expect.stringMatching(/^inv.yaml:1:\d+ assignment: /),
    ]);
  });

  it('that are right are fine', () => {
    expect(problemsOfInventory('web: {hosts: {h1: {a: "<%= b %>", b: "<% if (c) { %>1<% } %>"}}}\n')).toEqual([]);
  });
});
