import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/core/diagnostic.js';
import { onSecret } from '../../../src/syntax/encrypted.js';
import { entryOf, plainData } from '../../../src/syntax/located.js';
import { parseYaml } from '../../../src/syntax/parse-yaml.js';
import { located, read } from './read.js';

describe('reading YAML', () => {
  it('gives every value and key its place', () => {
    const map = located('- name: web\n  hosts:\n    - "a"\n');
    const play = map.kind === 'list' ? map.items[0] : undefined;
    const hosts = play?.kind === 'map' ? entryOf(play, 'hosts') : undefined;
    expect(hosts?.keySpan).toEqual({ file: 'f.yaml', start: { line: 2, column: 3 }, end: { line: 2, column: 8 } });
    const item = hosts?.value.kind === 'list' ? hosts.value.items[0] : undefined;
    expect(item?.span).toEqual({ file: 'f.yaml', start: { line: 3, column: 7 }, end: { line: 3, column: 10 } });
  });

  it('counts columns from the first letter when the file begins with a byte order mark', () => {
    const map = located('\uFEFFa: 1\n');
    expect(map.kind === 'map' ? map.entries[0]?.keySpan.start : undefined).toEqual({ line: 1, column: 1 });
  });

  it('keeps the text of a number as it is written', () => {
    const map = located('a: 1.10\nb: "1.10"\nc: 0o644\n');
    const entries = map.kind === 'map' ? map.entries.map((entry) => entry.value) : [];
    expect(entries).toMatchObject([
      { value: 1.1, source: '1.10', quoted: false },
      { value: '1.10', source: '1.10', quoted: true },
      { value: 420, source: '0o644', quoted: false },
    ]);
  });

  it('keeps keys as text, whatever they look like', () => {
    expect(plainData(located('8080: web\n1.10: x\ntrue: y\nnull: z\n'))).toEqual({
      '8080': 'web',
      '1.10': 'x',
      true: 'y',
      null: 'z',
    });
  });

  it('gives nothing for an empty file and for one of comments only', () => {
    expect(read('')).toEqual({ located: undefined, problems: [] });
    expect(read('# later\n')).toEqual({ located: undefined, problems: [] });
  });

  it('reads Windows line ends', () => {
    expect(plainData(located('a: 1\r\nb: |\r\n  x\r\n  y\r\n'))).toEqual({ a: 1, b: 'x\ny\n' });
  });

  it('refuses a second document', () => {
    expect(read('a: 1\n---\nb: 2\n').problems).toEqual([
      '2:1 yaml-documents: a file holds one YAML document, this one begins a second | put it into a file of its own, or remove the `---` line',
    ]);
  });

  it('refuses the YAML 1.1 directive, whose booleans and octals differ', () => {
    expect(read('%YAML 1.1\n---\na: no\n').problems).toEqual([expect.stringContaining('1:1 yaml-version:')]);
  });

  it('marks a value tagged !secret', () => {
    const map = located('a: !secret hunter2\nb: x\n');
    expect(map.kind === 'map' ? map.entries.map((entry) => entry.value) : []).toMatchObject([
      { value: 'hunter2', secret: true },
      { value: 'x' },
    ]);
  });

  it('reads core tags', () => {
    expect(plainData(located('a: !!str 0644\nb: !!int "3"\n'))).toEqual({ a: '0644', b: 3 });
  });
});

describe('merge keys', () => {
  it('merge a map, the keys beside them win wherever they stand', () => {
    expect(plainData(located('a: &a {x: 1, y: 1}\nb:\n  y: 2\n  <<: *a\n'))).toEqual({
      a: { x: 1, y: 1 },
      b: { x: 1, y: 2 },
    });
  });

  it('merge a list of maps, the earlier one wins', () => {
    expect(plainData(located('a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc:\n  <<: [*a, *b]\n'))).toMatchObject({
      c: { x: 1, z: 3 },
    });
  });

  it('refuse anything but maps', () => {
    expect(read('a: &a 1\nb:\n  <<: *a\n').problems).toEqual([expect.stringContaining('3:3 yaml-merge:')]);
  });

  it('are plain keys when quoted', () => {
    expect(plainData(located('"<<": 1\n'))).toEqual({ '<<': 1 });
  });
});

describe('what a file gets wrong', () => {
  it('is reported at once, each with its place', () => {
    const { problems } = read('a: 0644\nb: 08\na: 12345678901234567890\nc: {prototype: 1}\nd: !vault x\ne: .inf\n');
    expect(problems.map((problem) => problem.split(':').slice(0, 2).join(':'))).toEqual(
      [
        '1:4 leading-zero',
        '2:4 leading-zero',
        '3:4 number-range',
        '3:1 duplicate-key',
        '4:5 forbidden-key',
        '5:4 yaml-tag',
        '6:4 number-range',
      ].map((problem) => expect.stringMatching(`^${problem}`)),
    );
  });

  it('names both places of a duplicate key', () => {
    const diagnostics = new Diagnostics();
    parseYaml({ text: 'a: 1\nb: 2\n"a": 3\n', file: 'f.yaml', diagnostics });
    expect(diagnostics.all).toMatchObject([
      {
        code: 'duplicate-key',
        span: { start: { line: 3, column: 1 } },
        related: [{ span: { start: { line: 1, column: 1 } } }],
      },
    ]);
  });

  const slips: readonly (readonly [string, string, string])[] = [
    ['a tab as indentation', 'a:\n\tb: 1\n', '2:1 yaml-syntax: a tab may not be used as indentation | use spaces'],
    ['a quote that is never closed', "a: 'foo\nb: 1\n", '1:4 yaml-syntax: this quote is never closed'],
    [
      'two pairs on a line',
      'a: b: c\n',
      '1:4 yaml-syntax: a second `key: value` may not stand on the line of the first',
    ],
    [
      'a Jinja template',
      'a: {{ x }}\n',
      '1:4 yaml-syntax: `{{` begins a map within a map, not a template | templates are written <%= x %>',
    ],
    [
      'a Jinja template with text behind it',
      'a: {{ x }}/b\n',
      '1:4 yaml-syntax: `{{` begins a map within a map, not a template | templates are written <%= x %>',
    ],
    [
      'an unquoted template with a colon',
      'a: <%= x ? y : z %>\n',
      '1:4 yaml-syntax: a template that holds `: ` must be quoted',
    ],
    [
      'list items out of line',
      'a:\n  - b\n - c\n',
      '3:1 yaml-syntax: this list item is not indented like the ones above',
    ],
    [
      'a key indented too deep',
      'a: 1\n  b: 2\n',
      '1:4 yaml-syntax: this line is indented deeper than the key it stands beside',
    ],
    ['words behind a closing quote', 'when: "x" == y\n', '1:11 yaml-syntax: text may not follow a closing quote'],
    ['a reserved first character', 'a: @x\n', '1:4 yaml-syntax: unquoted text may not begin with @'],
    [
      'a pattern that is an asterisk',
      'hosts: *\n',
      '1:8 yaml-syntax: `*` begins the name of an alias | quote a pattern or glob: "*"',
    ],
    ['a glob that looks like an alias', 'a: *.log\n', '1:4 yaml-alias: no anchor `&.log` stands before this alias'],
    ['a pattern that looks like a tag', 'hosts: !web:all\n', '1:8 yaml-tag: the tag `!web:all` is not known'],
    ['a line without a colon', 'a: 1\nb\nc: 2\n', '2:1 yaml-syntax: a key needs a colon after it'],
    [
      'a list left open',
      'a: [1, 2\nb: 3\n',
      '2:1 yaml-syntax: this line is not indented like its neighbours | a list or map opened with [ or {',
    ],
    [
      'a block of text that is not indented',
      'a: |\n  foo\n bar\n',
      '3:1 yaml-syntax: this line is not indented like its neighbours',
    ],
    ['an unknown escape', 'a: "\\q"\n', '1:5 yaml-syntax: this is no escape of a double-quoted string'],
    ['a list as a key', '? [a]\n: b\n', '1:3 yaml-key: a key must be text, this is a list or a map'],
    ['a missing key', ': b\n', '1:1 yaml-key: a key must be text'],
    [
      'a vault that holds a plain text',
      'a: !vault |\n  6338\n',
      '1:4 yaml-tag: `!vault` marks an encrypted text, this one is not encrypted',
    ],
    ['a tag for another program', 'a: !!binary aGk=\n', '1:4 yaml-tag: the tag `!!binary` is not known'],
    ['a secret that is a map', 'a: !secret {b: 1}\n', '1:4 yaml-tag: `!secret` marks one text'],
    ['a raw control character', 'a: x\u001By\n', '1:5 yaml-control-character: the control character U+001B'],
  ];
  it.each(slips)('is said in plain words: %s', (_, text, problem) => {
    expect(read(text).problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe('reading a file again', () => {
  const again = (text: string, file = 'again.yaml') => {
    const diagnostics = new Diagnostics();
    return { located: parseYaml({ text, file, diagnostics }), codes: diagnostics.all.map(({ code }) => code) };
  };

  it('parses the same text once', () => {
    expect(again('a: 1\n').located).toBe(again('a: 1\n').located);
  });

  it('gives what is in it now, and places in its own file', () => {
    again('a: 1\n');
    const changed = again('a: 2\n').located;
    expect(changed && plainData(changed)).toEqual({ a: 2 });
    expect(again('a: 2\n', 'other.yaml').located?.span.file).toBe('other.yaml');
  });

  it('tells a mistake each time', () => {
    const text = 'a: 1\na: 2\n';
    expect([again(text).codes, again(text).codes]).toEqual([['duplicate-key'], ['duplicate-key']]);
  });

  it('tells a secret each time', () => {
    const told: string[] = [];
    onSecret((secret) => told.push(secret));
    again('a: !secret told each time\n');
    again('a: !secret told each time\n');
    expect(told).toEqual(['told each time', 'told each time']);
  });
});

it('takes every JSON text that JSON.stringify writes', () => {
  const value = { text: 'a\u007F\u0080\u2028\uFEFF\u0001"\\/\n' };
  expect(plainData(located(JSON.stringify(value)))).toEqual(value);
});
