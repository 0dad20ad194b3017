import { describe, expect, it } from 'vitest';
import { differencesOf, type Prediction } from '../../../../src/cli/saved-plan/predictions.js';

const prediction = (changes: Partial<Prediction>): Prediction => ({
  host: 'h1',
  play: 'p',
  step: 'site.yaml:1:1',
  task: 'T',
  status: 'change',
  sum: 'a',
  ...changes,
});

describe('differencesOf two previews', () => {
  it('is empty when they say the same, in whatever order the hosts came', () => {
    const both = [prediction({}), prediction({ host: 'h2' })];
    expect(differencesOf(both, both.toReversed())).toEqual([]);
  });

  it('tells what is new, gone and other, with host, task and item', () => {
    const saved = [prediction({ item: 0 }), prediction({ task: 'U' }), prediction({ task: 'V', status: 'unknown' })];
    const now = [
      prediction({ item: 0, sum: 'b' }),
      prediction({ task: 'V' }),
      prediction({ host: 'h2', status: 'unknown' }),
    ];
    expect(differencesOf(saved, now)).toEqual([
      'h1, "T" (item 1): something else than planned would change',
      'h1, "V": would change something; planned was: would run',
      'h2, "T": would run, and the plan says nothing of it',
      'h1, "U": is in place by now; planned was: would change something',
    ]);
  });

  it('counts a task that runs several times', () => {
    const one = prediction({});
    expect(differencesOf([one, one], [one])).toEqual([
      'h1, "T": is in place by now; planned was: would change something',
    ]);
    expect(differencesOf([one, prediction({ sum: 'b' })], [one, prediction({ sum: 'c' })])).toHaveLength(1);
  });
});
