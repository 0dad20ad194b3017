import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPlan, planOf, problemsOfPlan } from './plan.js';

/** "name ← needs" of each play, in the order of the plan. */
function orderOf(playbook: string): readonly string[] {
  return planOf(playbook).plays.map(({ name, needs }) => (needs.length === 0 ? name : `${name} ← ${needs.join(' ')}`));
}

const play = (name: string, needs?: readonly string[]): string =>
  `- {name: ${name}, hosts: all${needs === undefined ? '' : `, needs: [${needs.join(', ')}]`}}\n`;

describe('needs', () => {
  it('of a play that does not say are the play above it', () => {
    expect(orderOf(play('a') + play('b') + play('c', []) + play('d'))).toEqual(['a', 'b ← a', 'c', 'd ← c']);
  });

  it('put plays after what they need, and otherwise leave the order of the files', () => {
    expect(orderOf(play('a', ['c']) + play('b', []) + play('c', []) + play('d', ['a', 'b']))).toEqual([
      'b',
      'c',
      'a ← c',
      'd ← a b',
    ]);
  });

  it('name plays of all files; plays of one name get a number', () => {
    expect(orderOf(play('a') + play('a') + play('b'))).toEqual(['a', 'a (2) ← a', 'b ← a (2)']);
    expect(orderOf('- hosts: web\n- hosts: web\n')).toEqual(['web', 'web (2) ← web']);
    expect(orderOf(play('a', []) + play('a', []) + play('a (2)', []))).toEqual(['a', 'a (3)', 'a (2)']);
  });

  it('of a play that is not there are refused with the nearest name', () => {
    expect(problemsOfPlan(play('database') + play('web', ['databse']))).toEqual([
      '2:35 unknown-play: there is no play `databse` | did you mean `database`?',
    ]);
  });

  it('of a name two plays have are refused with both places', () => {
    expect(problemsOfPlan(play('a') + play('a') + play('b', ['a']))).toEqual([
      '3:33 ambiguous-play: 2 plays are called `a`: f.yaml:1:3, f.yaml:2:3 | give each a name of its own',
    ]);
  });

  it('in a circle are refused with every place', () => {
    const { diagnostics } = loadPlan(play('a', ['b']) + play('b', ['c']) + play('c', ['a']));
    const [circle, ...others] = diagnostics.all;
    expect(others).toEqual([]);
    expect(circle).toMatchObject({
      code: 'needs-circle',
      message: 'these plays need each other: a → b → c → a',
      span: { start: { line: 1, column: 33 } },
      related: [
        { span: { start: { line: 2, column: 33 } }, message: '`b` needs `c` here' },
        { span: { start: { line: 3, column: 33 } }, message: '`c` needs `a` here' },
      ],
    });
  });

  it('of a play itself are a circle too', () => {
    expect(problemsOfPlan(play('a', ['a']))).toEqual(['1:33 needs-circle: these plays need each other: a → a']);
  });

  it('made by the order of the files count in a circle', () => {
    expect(problemsOfPlan(play('a', ['b']) + play('b'))).toEqual([
      '1:33 needs-circle: these plays need each other: a → b → a',
    ]);
  });

  it('come before whoever needs them, whatever the graph', () => {
    const graphs = fc
      .integer({ min: 1, max: 12 })
      .chain((all) => fc.tuple(...Array.from({ length: all }, (_, index) => fc.subarray([...Array(index).keys()]))));
    const shuffled = graphs.chain((graph) =>
      fc.record({
        graph: fc.constant(graph),
        order: fc.shuffledSubarray([...graph.keys()], { minLength: graph.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ graph, order }) => {
        const text = order
          .map((index) =>
            play(
              `p${index}`,
              graph[index]!.map((need) => `p${need}`),
            ),
          )
          .join('');
        const { plays } = planOf(text);
        expect(plays).toHaveLength(graph.length);
        const done = new Set<string>();
        for (const { name, needs } of plays) {
          expect(needs.every((need) => done.has(need))).toBe(true);
          done.add(name);
        }
      }),
      { numRuns: 50 },
    );
  });
});
