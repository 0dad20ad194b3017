import { expect, it } from 'vitest';
import { checkUnreadVariables } from '../../../src/plan/unread-variables.js';
import { mistakesOf, webPlay } from './mistakes.js';

const importing = { 'f.yaml': '- import_playbook: below/p.yaml\n', 'below/p.yaml': webPlay('  tasks: []\n') };

it('warns of variables beside an imported playbook of another folder, at the play that asks for them', () => {
  const files = { ...importing, 'below/group_vars/web.yaml': 'a: 1', 'below/host_vars/w1.yaml': 'a: 2' };
  const hint = 'put it beside the inventory or the importing playbook, or name its files in `vars_files`';
  expect(mistakesOf(checkUnreadVariables, files)).toEqual([
    `below/p.yaml:1:3 unused-variables: \`below/group_vars\` is not read: this playbook is imported by one of another folder | ${hint}`,
    `below/p.yaml:1:3 unused-variables: \`below/host_vars\` is not read: this playbook is imported by one of another folder | ${hint}`,
  ]);
});

it('says nothing where there are none, or where they are read', () => {
  expect(mistakesOf(checkUnreadVariables, importing)).toEqual([]);
  const beside = {
    'f.yaml': '- import_playbook: p.yaml\n',
    'p.yaml': webPlay('  tasks: []\n'),
    'group_vars/web.yaml': 'a: 1',
  };
  expect(mistakesOf(checkUnreadVariables, beside)).toEqual([]);
});
