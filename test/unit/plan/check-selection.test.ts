import { describe, expect, it } from 'vitest';
import { checkSelection } from '../../../src/plan/check-selection.js';
import type { Selection } from '../../../src/plan/types.js';
import { mistakesOf, webPlay } from './mistakes.js';

const playbook = webPlay('  tasks:\n    - {command: x, tags: [config, packages]}\n');

function warnings(selection: Partial<Selection>, text = playbook): readonly string[] {
  return mistakesOf(({ plan, diagnostics }) => {
    checkSelection({ ...plan, selection: { ...plan.selection, ...selection } }, diagnostics);
  }, text);
}

describe('tags on the command line', () => {
  it('that no step has are warned of', () => {
    expect(warnings({ tags: ['confg'], skipTags: ['x'] })).toEqual([
      '--tags:1:1 unknown-tag: no step has the tag `confg` | did you mean `config`?',
      '--skip-tags:1:1 unknown-tag: no step has the tag `x` | tags here: config, packages',
    ]);
  });

  it.each(['config', 'all', 'tagged', 'untagged', 'always', 'never'])('%s is known', (tag) => {
    expect(warnings({ tags: [tag], skipTags: [tag] })).toEqual([]);
  });

  it('may be those of a file that only the run can name', () => {
    expect(warnings({ tags: ['inside'] }, webPlay('  tasks:\n    - include_tasks: "<%= domain %>.yaml"\n'))).toEqual(
      [],
    );
  });
});
