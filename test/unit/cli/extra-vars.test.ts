import { expect, test } from 'vitest';
import { readExtraVars } from '../../../src/cli/extra-vars.js';
import { Diagnostics } from '../../../src/core/diagnostic.js';
import { memoryFiles } from '../inventory/load.js';
import { problemsOf } from '../syntax/read.js';

function read(flag: string): { readonly values: unknown; readonly problems: readonly string[] } {
  const diagnostics = new Diagnostics();
  const files = memoryFiles({ 'v.yaml': 'a: ["<%= host.name %>"]\nb: "{{ x }}"\nc: "{{.Names}} {x}"\n' });
  return { values: readExtraVars({ flags: [flag], files, diagnostics }), problems: problemsOf(diagnostics) };
}

const asItStands = (name: string): string =>
  `extra-vars: \`${name}\` is used as it stands: what -e gives is data, templates in it are not rendered | write templates in \`vars_files\` or the inventory; they may read what -e gives`;

test('a template in what -e gives is told: it is not rendered', () => {
  expect(read('@v.yaml')).toEqual({
    values: { a: ['<%= host.name %>'], b: '{{ x }}', c: '{{.Names}} {x}' },
    problems: [`v.yaml:1:5 ${asItStands('a')}`, `v.yaml:2:4 ${asItStands('b')}`],
  });
  expect(read('a={{x}} b=1').problems).toEqual([`-e:1:1 ${asItStands('a')}`]);
  expect(read('{"a": "<% x %>"}').problems).toEqual([`-e:1:7 ${asItStands('a')}`]);
  expect(read('a=100% b={x} c={{.Names}}').problems).toEqual([]);
});
