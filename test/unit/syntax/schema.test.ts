import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkData, parseData } from '../../../src/syntax/schema.js';
import { located, problemsOf } from './read.js';

const schema = z
  .strictObject({
    dest: z.string(),
    mode: z
      .string()
      .regex(/^0?[0-7]{3,4}$/, 'must be octal digits')
      .optional(),
    retries: z.int().min(1).max(5).optional(),
    state: z.enum(['present', 'absent']).default('present'),
    names: z.array(z.string()).min(1).optional(),
    environment: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    ports: z.union([z.string(), z.array(z.string())]).optional(),
    force: z.boolean().optional(),
    restart: z
      .discriminatedUnion('policy', [
        z.strictObject({ policy: z.literal('always') }),
        z.strictObject({ policy: z.literal('failures'), tries: z.number() }),
      ])
      .optional(),
  })
  .refine((value) => value.state === 'present' || value.mode === undefined, { message: 'what is absent has no mode' });

function check(text: string): readonly string[] {
  return problemsOf({ all: checkData({ schema, located: located(text), what: '`thing`' }) });
}

describe('a schema checked before templates are rendered', () => {
  it.each([
    ['{}', ['1:1 missing-key: `thing` needs the key `dest`']],
    ['5', ['1:1 wrong-value: `thing` must be a map, this is the number 5']],
    ['dest: 1.10', ['1:7 wrong-value: `dest` must be text, this is the number 1.10 | quote it: "1.10"']],
    ['dest: [a]', ['1:7 wrong-value: `dest` must be text, this is a list']],
    ['dest:', ['1:6 wrong-value: `dest` must be text, this is nothing']],
    [
      'dest: a\nmode: 644',
      [
        '2:7 wrong-value: a file mode must be quoted text: unquoted, `644` is the number 644, which is 01204 in octal | write "0644"',
      ],
    ],
    [
      'dest: a\nmode: 420',
      [
        '2:7 wrong-value: a file mode must be quoted text: unquoted, `420` is the number 420, which is 0644 in octal | write "0420" or "0644"',
      ],
    ],
    ['dest: a\nmode: rw', ['2:7 wrong-value: `mode` must be octal digits']],
    ['dest: a\nretries: 9', ['2:10 wrong-value: `retries` must be at most 5']],
    ['dest: a\nretries: 1.5', ['2:10 wrong-value: `retries` must be a whole number, this is the number 1.5']],
    ['dest: a\nretries: "3"', ['2:10 wrong-value: `retries` must be a number, this is text | remove the quotes']],
    ['dest: a\nstate: presant', ['2:8 wrong-value: `state` must be `present` or `absent` | did you mean `present`?']],
    ['dest: a\nnames: []', ['2:8 wrong-value: `names` must not be empty']],
    ['dest: a\nnames: x', ['2:8 wrong-value: `names` must be a list, this is text | write it as a list of one: - …']],
    ['dest: a\nnames: [x, 2]', ['2:12 wrong-value: `names[1]` must be text, this is the number 2 | quote it: "2"']],
    ['dest: a\nenvironment: {A: [1]}', ['2:18 wrong-value: `environment.A` must be text or a number, this is a list']],
    ['dest: a\nports: 80', ['2:8 wrong-value: `ports` must be text or a list, this is the number 80']],
    ['dest: a\nports: [80]', ['2:9 wrong-value: `ports[0]` must be text, this is the number 80 | quote it: "80"']],
    [
      'dest: a\nforce: yes',
      ['2:8 wrong-value: `force` must be true or false, this is text | `yes` is text in YAML 1.2: write true'],
    ],
    [
      'dest: a\nforce: "off"',
      ['2:8 wrong-value: `force` must be true or false, this is text | `off` is text in YAML 1.2: write false'],
    ],
    ['dest: a\nrestart: {policy: never}', ['2:19 wrong-value: `restart.policy` must be `always` or `failures`']],
    ['dest: a\nrestart: {policy: failures}', ['2:10 missing-key: `restart` needs the key `tries`']],
    ['dest: a\nstate: absent\nmode: "0644"', ['1:1 wrong-value: what is absent has no mode']],
    ['dest: a\ndst: b', ['2:1 unknown-key: `thing` has no key `dst` | did you mean `dest`?']],
  ])('says of %j what is wrong', (text, problems) => {
    expect(check(text)).toEqual(problems);
  });

  it('reports all mistakes of a map', () => {
    expect(check('dest: 1\nforce: no\nfoo: 1')).toHaveLength(3);
  });

  it('leaves every place that holds a template to the run', () => {
    const text = [
      'dest: <%= x %>/file',
      'mode: <%= mode %>',
      'retries: <%= x %>',
      'state: <%= x %>',
      'names: [a, <%= x %>]',
      'environment: {A: <%= x %>}',
      'ports: [<%= x %>]',
      'force: <%= x %>',
      'restart: {policy: <%= x %>}',
    ].join('\n');
    expect(check(text)).toEqual([]);
    expect(check('dest: a\nnames: <%= x %>\nenvironment: <%= x %>\nports: <%= x %>\nrestart: <%= x %>')).toEqual([]);
  });

  it('still reports what stands beside a template', () => {
    expect(check('mode: <%= x %>\nforce: 3')).toEqual([
      '1:1 missing-key: `thing` needs the key `dest`',
      '2:8 wrong-value: `force` must be true or false, this is the number 3 | write true or false',
    ]);
  });
});

describe('a schema checked with rendered data', () => {
  const source = located('dest: <%= x %>\nnames: [a, <%= y %>]');

  it('gives the typed value with its defaults', () => {
    expect(parseData({ schema, data: { dest: 'a' }, located: source, what: '`thing`' })).toEqual({
      kind: 'valid',
      value: { dest: 'a', state: 'present' },
    });
  });

  it('points at the template that gave a wrong value', () => {
    const parsed = parseData({ schema, data: { dest: 5, names: ['a', null] }, located: source, what: '`thing`' });
    expect(problemsOf({ all: parsed.kind === 'invalid' ? parsed.diagnostics : [] })).toEqual([
      '1:7 wrong-value: `dest` must be text, this is the number 5',
      '2:12 wrong-value: `names[1]` must be text, this is nothing',
    ]);
  });

  it('points as far down as the file goes', () => {
    const parsed = parseData({
      schema,
      data: { dest: 'a', environment: { A: [] } },
      located: located('dest: a\nenvironment: <%= e %>'),
      what: '`thing`',
    });
    expect(problemsOf({ all: parsed.kind === 'invalid' ? parsed.diagnostics : [] })).toEqual([
      '2:14 wrong-value: `environment.A` must be text or a number, this is a list',
    ]);
  });

  it('works without any file', () => {
    const parsed = parseData({ schema, data: {}, what: '`thing`' });
    expect(parsed).toMatchObject({ kind: 'invalid', diagnostics: [{ message: '`thing` needs the key `dest`' }] });
  });
});
