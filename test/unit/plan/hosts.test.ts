import { describe, expect, it } from 'vitest';
import { type Options, planOf, problemsOfPlan } from './plan.js';

function hostsOf(play: string, options: Options = {}): string {
  return planOf(`- {${play}}\n`, options).plays[0]!.hosts.join(' ');
}

describe('the hosts of a play', () => {
  it.each([
    ['hosts: all', 'h1 h2 h3 h4'],
    ['hosts: web', 'h1 h2'],
    ['hosts: "web:db:!h4"', 'h1 h2 h3'],
    ['hosts: [h4, web]', 'h1 h2 h4'],
    ['hosts: "all[1:2]"', 'h2 h3'],
    ['hosts: localhost', 'localhost'],
    ['hosts: "<%= where %>", vars: {where: db}', 'h3 h4'],
    ['hosts: "<%= groups.web %>"', 'h1 h2'],
    ['hosts: all, order: reverse_inventory', 'h4 h3 h2 h1'],
    ['hosts: all, order: reverse_sorted', 'h4 h3 h2 h1'],
    ['hosts: [h3, h1], order: sorted', 'h1 h3'],
  ])('with %s are %s', (play, expected) => {
    expect(hostsOf(play)).toBe(expected);
  });

  it('may be named by -e, which wins over the play', () => {
    expect(hostsOf('hosts: "<%= where %>", vars: {where: db}', { extraVars: { where: 'web' } })).toBe('h1 h2');
  });

  it('keep every host when they are shuffled', () => {
    expect(hostsOf('hosts: all, order: shuffle').split(' ').toSorted()).toEqual(['h1', 'h2', 'h3', 'h4']);
  });

  it('stand in batches of their own order, after --limit', () => {
    const plan = planOf('- {hosts: all, serial: 50%, order: reverse_inventory}\n', {
      selection: { limit: ['all:!h2'] },
    });
    expect(plan.plays[0]!.batches).toEqual([['h4'], ['h3'], ['h1']]);
  });
});

describe('--limit', () => {
  it('leaves hosts out, and a play may have none left', () => {
    const plan = planOf('- hosts: web\n- hosts: db\n', { selection: { limit: ['h2'] } });
    expect(plan.plays.map(({ hosts, batches }) => [hosts, batches])).toEqual([
      [['h2'], [['h2']]],
      [[], []],
    ]);
  });

  it('is a pattern, and several make one', () => {
    expect(hostsOf('hosts: all', { selection: { limit: ['web', '!h1', 'h4'] } })).toBe('h2 h4');
  });

  it('that names nobody is refused', () => {
    const [problem, ...others] = problemsOfPlan('- hosts: web\n', { selection: { limit: ['h9'] } });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^--limit:1:1 unknown-host: .*`h9`/);
  });
});

describe('hosts that cannot be told', () => {
  it.each([
    ['hosts: wep', /^1:11 unknown-host: .*`wep`.* did you mean `web`\?/],
    ['hosts: "web:&db"', /^1:11 empty-pattern: .*`allow_empty: true`/],
    ['hosts: "<%= gone %>"', /^1:1\d undefined-name: `gone` is not defined \| in `hosts` only/],
    ['hosts: "<%= 5 %>"', /^1:11 wrong-type: `hosts` must be a pattern/],
    ['hosts: "web["', /^1:\d+ /],
  ])('%s is refused', (play, problem) => {
    const problems = problemsOfPlan(`- {${play}}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('are fine when the play says `allow_empty`', () => {
    expect(hostsOf('hosts: wep, allow_empty: true')).toBe('');
    expect(hostsOf('hosts: "web:&db", allow_empty: true')).toBe('');
  });
});
