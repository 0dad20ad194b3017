import { describe, expect, it } from 'vitest';
import { checkArguments } from '../../../src/plan/role-arguments.js';
import type { Files } from '../playbook/load.js';
import { mistakesOf, type Said, webPlay } from './mistakes.js';

const specs = `argument_specs:
  site: {type: str, required: true, description: What the site is called.}
  web_port: int
  mode: {choices: [fast, safe]}
  servers: {type: list, elements: dict, options: {name: {type: str, required: true}, port: int}}
`;

/** A role \`site\` with those specs; the play as given, an inventory if another one than usual is needed. */
function withRole(play: string, inventory?: string): Files {
  return {
    'f.yaml': play,
    'roles/r/meta/main.yaml': specs,
    'roles/r/tasks/main.yaml': '- debug: {msg: x}\n',
    ...(inventory === undefined ? {} : { 'inv.yaml': inventory }),
  };
}

function wrongArguments(files: Files, said: Said = {}): readonly string[] {
  return mistakesOf(checkArguments, files, said);
}

const neverGiven =
  'missing-argument: the role `r` needs `site` | set `site` in the inventory or where the role is used: What the site is called.';

describe('a required argument', () => {
  it('of a role of which the tags leave nothing does not matter', () => {
    const files = withRole(webPlay('  roles: [{role: r, tags: [site]}]\n  tasks: [{command: x, tags: [other]}]\n'));
    expect(wrongArguments(files, { selection: { tags: ['other'] } })).toEqual([]);
    expect(wrongArguments(files, { selection: { tags: ['site'] } })).toEqual([`3:11 ${neverGiven}`]);
  });

  it('that nothing gives is reported where the role is used', () => {
    expect(wrongArguments(withRole(webPlay('  roles: [r]\n')))).toEqual([`3:11 ${neverGiven}`]);
    expect(wrongArguments(withRole(webPlay('  tasks:\n    - include_role: {name: r}\n')))).toEqual([
      `4:28 ${neverGiven}`,
    ]);
    expect(wrongArguments(withRole(webPlay('  tasks:\n    - import_role: {name: r}\n')))).toEqual([
      `4:7 ${neverGiven}`,
    ]);
  });

  it('that some hosts lack is reported with their names', () => {
    const inventory = 'all: {hosts: {w1: {site: a}, w2: {}, w3: {site: null}}}\n';
    expect(wrongArguments(withRole('- hosts: all\n  roles: [r]\n', inventory))).toEqual([
      '2:11 missing-argument: the role `r` needs `site` on w2, w3 | set `site` in the inventory or where the role is used: What the site is called.',
    ]);
  });

  it.each([
    ['a parameter', webPlay('  roles: [{role: r, site: a}]\n')],
    ['the play', webPlay('  vars: {site: a}\n  roles: [r]\n')],
    ['the vars of a block', webPlay('  tasks:\n    - block: [{import_role: {name: r}}]\n      vars: {site: a}\n')],
    ['set_fact', webPlay('  pre_tasks: [{set_fact: {site: a}}]\n  roles: [r]\n')],
    ['the result of a task', webPlay('  pre_tasks: [{command: x, register: site}]\n  roles: [r]\n')],
  ])('may be given by %s', (_where, play) => {
    expect(wrongArguments(withRole(play))).toEqual([]);
  });

  it('may be given with -e', () => {
    expect(wrongArguments(withRole(webPlay('  roles: [r]\n')), { extraVars: { site: 'a' } })).toEqual([]);
  });

  it('may be missing on hosts where the role has a condition', () => {
    expect(wrongArguments(withRole(webPlay("  roles: [{role: r, when: host.name === 'w9'}]\n")))).toEqual([]);
  });

  it('may come from a file of variables', () => {
    const files = { ...withRole(webPlay('  vars_files: [v.yaml]\n  roles: [r]\n')), 'v.yaml': 'site: a\n' };
    expect(wrongArguments(files)).toEqual([]);
  });
});

describe('a value of the wrong kind', () => {
  it('in the inventory is reported at the value, once for all hosts', () => {
    const inventory = 'all: {hosts: {w1: {}, w2: {}}, vars: {site: a, web_port: "80"}}\n';
    expect(wrongArguments(withRole('- hosts: all\n  roles: [r]\n', inventory))).toEqual([
      'inv.yaml:1:58 wrong-argument: role `r`: `web_port` must be a whole number, this is text | write the number without quotes; `-e name=80` gives a text, `-e \'{"name": 80}\'` a number',
    ]);
  });

  it('is reported in the value that wins, not in those it beats', () => {
    const inventory = 'all: {hosts: {w1: {web_port: 81}}, vars: {site: a, web_port: none}}\n';
    expect(wrongArguments(withRole('- hosts: all\n  roles: [r]\n', inventory))).toEqual([]);
  });

  it('inside a list is named by its path', () => {
    const play = webPlay('  vars: {site: a, servers: [{name: x, port: y}, {prot: 1}]}\n  roles: [r]\n');
    expect(wrongArguments(withRole(play))).toEqual([
      expect.stringContaining('3:28 wrong-argument: role `r`: `servers[0].port` must be a whole number, this is text'),
      '3:28 wrong-argument: role `r`: `servers[1].prot` is not known here | did you mean `port`?',
      expect.stringContaining('3:28 wrong-argument: role `r`: `servers[1].name` must be given'),
    ]);
  });

  it('given with -e is reported where the role is used', () => {
    const play = webPlay('  roles: [{role: r, site: a}]\n');
    expect(wrongArguments(withRole(play), { extraVars: { mode: 'saef' } })).toEqual([
      '3:11 wrong-argument: role `r`: `mode` must be one of `fast`, `safe`, this is text, given with -e | did you mean `safe`?',
    ]);
  });

  it('is left to the run where a template stands', () => {
    expect(wrongArguments(withRole(webPlay('  vars: {site: a, web_port: "<%= domain %>"}\n  roles: [r]\n')))).toEqual(
      [],
    );
  });
});
