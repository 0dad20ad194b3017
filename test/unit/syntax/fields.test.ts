import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/core/diagnostic.js';
import { mapWith, optional, readFields, required } from '../../../src/syntax/fields.js';
import { plainData } from '../../../src/syntax/located.js';
import {
  any,
  anyMap,
  boolean,
  duration,
  either,
  integer,
  list,
  mapOf,
  mode,
  nonEmptyText,
  number,
  oneOf,
  oneOrMany,
  type Reader,
  templated,
  text,
} from '../../../src/syntax/reader.js';
import { located, problemsOf } from './read.js';

function readOne<T>(
  source: string,
  reader: Reader<T>,
): { readonly value: T | undefined; readonly problems: readonly string[] } {
  const diagnostics = new Diagnostics();
  const value = reader(located(source), { name: 'x', diagnostics });
  return { value, problems: problemsOf(diagnostics) };
}

describe('readers of values', () => {
  const right: readonly (readonly [string, Reader<unknown>, unknown])[] = [
    ['abc', text(), 'abc'],
    ['""', text(), ''],
    ['true', boolean(), true],
    ['1.5', number(), 1.5],
    ['3', integer({ minimum: 1, maximum: 3 }), 3],
    ['30', duration(), 30],
    ['500ms', duration(), 0.5],
    ['5m', duration(), 300],
    ['"0644"', mode(), '0644'],
    ['"644"', mode(), '0644'],
    ['"1777"', mode(), '1777'],
    ['free', oneOf(['linear', 'free']), 'free'],
    ['[a, b]', list(text()), ['a', 'b']],
    ['a', oneOrMany(text()), ['a']],
    ['[a, b]', oneOrMany(text()), ['a', 'b']],
    ['{a: 1}', mapOf(number()), new Map([['a', 1]])],
  ];
  it.each(right)('read %s', (source, reader, value) => {
    expect(readOne(source, reader)).toEqual({ value, problems: [] });
  });

  const wrong: readonly (readonly [string, Reader<unknown>, string])[] = [
    ['3', text(), '1:1 wrong-type: `x` must be text, this is the number 3 | quote it: "3"'],
    ['true', text(), '1:1 wrong-type: `x` must be text, this is true | quote it: "true"'],
    ['[a]', text(), '1:1 wrong-type: `x` must be text, this is a list'],
    ['" "', nonEmptyText(), '1:1 wrong-type: `x` must not be empty'],
    ['on', boolean(), '1:1 wrong-type: `x` must be true or false, this is text | `on` is text in YAML 1.2: write true'],
    ['"true"', boolean(), '1:1 wrong-type: `x` must be true or false, this is text | remove the quotes'],
    ['0', boolean(), '1:1 wrong-type: `x` must be true or false, this is the number 0 | write false'],
    ['a', number(), '1:1 wrong-type: `x` must be a number, this is text'],
    ['1.5', integer(), '1:1 wrong-type: `x` must be a whole number, this is 1.5'],
    ['0', integer({ minimum: 1 }), '1:1 wrong-type: `x` must be at least 1, this is 0'],
    ['9', integer({ maximum: 8 }), '1:1 wrong-type: `x` must be at most 8, this is 9'],
    [
      'soon',
      duration(),
      '1:1 wrong-type: `x` must be a length of time, this is text | write 30 (seconds), 500ms, 30s, 5m or 2h',
    ],
    [
      '420',
      mode(),
      '1:1 wrong-type: a file mode must be quoted text: unquoted, `420` is the number 420, which is 0644 in octal | write "0420" or "0644"',
    ],
    ['"0888"', mode(), '1:1 wrong-type: `x` must be three or four octal digits | write "0644" or "0755"'],
    ['fre', oneOf(['linear', 'free']), '1:1 wrong-type: `x` must be `linear` or `free` | did you mean `free`?'],
    ['a', list(text()), '1:1 wrong-type: `x` must be a list, this is text | write it as a list of one: - …'],
    ['[a, 1]', oneOrMany(text()), '1:5 wrong-type: `x[1]` must be text, this is the number 1 | quote it: "1"'],
    ['{a: b}', mapOf(number()), '1:5 wrong-type: `x.a` must be a number, this is text'],
    ['a', anyMap(), '1:1 wrong-type: `x` must be a map, this is text'],
    ['[]', either({ wanted: 'a name', choose: () => undefined }), '1:1 wrong-type: `x` must be a name, this is a list'],
  ];
  it.each(wrong)('refuse %s', (source, reader, problem) => {
    expect(readOne(source, reader).problems).toEqual([problem]);
  });

  it('never show a secret', () => {
    expect(readOne('!secret 12345', boolean()).problems.join()).not.toContain('12345');
  });

  it('leave a template for the run where one may stand', () => {
    const { value, problems } = readOne('<%= n %>', templated(integer()));
    expect([value?.kind, problems]).toEqual(['scalar', []]);
    expect(readOne('abc', templated(integer())).problems).toHaveLength(1);
  });
});

describe('a map with known keys', () => {
  const fields = {
    name: optional(text()),
    hosts: required(oneOrMany(text())),
    become: optional(boolean()),
    extra: optional(any()),
    ssh: optional(mapWith('`ssh`', { port: optional(integer()) })),
  };

  function readPlay(
    source: string,
    more: Partial<Parameters<typeof readFields>[0]> = {},
  ): { readonly values: unknown; readonly problems: readonly string[] } {
    const diagnostics = new Diagnostics();
    const values = readFields({ located: located(source), what: 'the play', fields, diagnostics, ...more });
    return { values, problems: problemsOf(diagnostics) };
  }

  it('gives the values of the keys that are there', () => {
    expect(readPlay('hosts: web\nbecome: true\nssh: {port: 22}')).toEqual({
      values: { hosts: ['web'], become: true, ssh: { port: 22 } },
      problems: [],
    });
  });

  it('reports unknown keys, missing keys and wrong values together', () => {
    expect(readPlay('host: web\nbecome: yes\nssh: {prt: 1}')).toEqual({
      values: undefined,
      problems: [
        '1:1 unknown-key: the play has no key `host` | did you mean `hosts`?',
        '1:1 missing-key: the play needs the key `hosts`',
        '2:9 wrong-type: `become` must be true or false, this is text | `yes` is text in YAML 1.2: write true',
        '3:7 unknown-key: `ssh` has no key `prt` | did you mean `port`?',
      ],
    });
  });

  it('has hints of its own for keys people bring from elsewhere', () => {
    expect(
      readPlay('hosts: web\ngather_facts: false', { hints: { gather_facts: 'write `facts: false`' } }).problems,
    ).toEqual(['2:1 unknown-key: the play has no key `gather_facts` | write `facts: false`']);
  });

  it('lets through the keys that the caller reads itself', () => {
    expect(readPlay('hosts: web\ncopy: {}', { alsoAllowed: ['copy'] }).problems).toEqual([]);
  });

  it('leaves templates for later when told to', () => {
    expect(readPlay('hosts: web\nbecome: <%= b %>', { templates: 'later' })).toEqual({
      values: { hosts: ['web'] },
      problems: [],
    });
  });

  it('must be a map', () => {
    expect(readPlay('- a').problems).toEqual(['1:1 wrong-type: the play must be a map, this is a list']);
  });

  it('keeps what it takes as it is', () => {
    const { values } = readPlay('hosts: web\nextra: [1, 2]');
    expect(plainData((values as { extra: ReturnType<typeof located> }).extra)).toEqual([1, 2]);
  });
});
