import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

const tasks = `
- hosts: [h1]
  tasks:
    - {sim: a, tags: a}
    - {sim: always, tags: always}
    - {sim: rare, tags: [never, rare]}
    - {sim: bc, tags: "b,c"}
    - sim: none
    - {sim: é, tags: é}
    - tags: block
      block: [{sim: inside}]
`;

async function selected(...tags: readonly string[]): Promise<readonly string[]> {
  const lab = new Lab({ selection: { tags } });
  await lab.run(tasks);
  return lab.of('h1');
}

test('T01: without a filter everything but never runs', async () => {
  expect(await selected()).toEqual(['a', 'always', 'bc', 'none', 'é', 'inside']);
});

test('T01: a tag selects its tasks and always', async () => {
  expect(await selected('a')).toEqual(['a', 'always']);
  expect(await selected('c')).toEqual(['always', 'bc']);
  expect(await selected('é')).toEqual(['always', 'é']);
  expect(await selected('block')).toEqual(['always', 'inside']);
});

test('T01: tagged, untagged, all and never', async () => {
  expect(await selected('tagged')).toEqual(['a', 'always', 'bc', 'é', 'inside']);
  expect(await selected('untagged')).toEqual(['always', 'none']);
  expect(await selected('rare')).toEqual(['always', 'rare']);
  expect(await selected('all', 'rare')).toEqual(['a', 'always', 'rare', 'bc', 'none', 'é', 'inside']);
});

test('--skip-tags leaves tasks out, always only by its own name', async () => {
  const skipping = async (...skipTags: readonly string[]): Promise<readonly string[]> => {
    const lab = new Lab({ selection: { skipTags } });
    await lab.run(tasks);
    return lab.of('h1');
  };
  expect(await skipping('a', 'block')).toEqual(['always', 'bc', 'none', 'é']);
  expect(await skipping('always')).toEqual(['a', 'bc', 'none', 'é', 'inside']);
  expect(await skipping('tagged')).toEqual(['none']);
});

const files = { 'pb/more.yaml': '- sim: inside\n' };

test('T03: a tag on a dynamic include does not reach the tasks inside', async () => {
  const lab = new Lab({ files, selection: { tags: ['x'] } });
  await lab.run('- hosts: [h1]\n  tasks:\n    - {include_tasks: more.yaml, tags: x}\n');
  expect(lab.trace).toEqual([]);
});

test('T03: a tag on a static import, or applied by an include, reaches the tasks inside', async () => {
  const imported = new Lab({ files, selection: { tags: ['x'] } });
  await imported.run('- hosts: [h1]\n  tasks:\n    - {import_tasks: more.yaml, tags: x}\n');
  expect(imported.trace).toEqual(['h1 inside']);

  const applied = new Lab({ files, selection: { tags: ['x'] } });
  await applied.run('- hosts: [h1]\n  tasks:\n    - {include_tasks: {file: more.yaml, apply: {tags: x}}, tags: x}\n');
  expect(applied.trace).toEqual(['h1 inside']);
});
