import { describe, expect, it } from 'vitest';
import { EvaluationError } from '../../../src/template/errors.js';
import { parseExpression } from '../../../src/template/expression.js';
import { checkTemplateFile, renderTemplateFile } from '../../../src/template/file.js';
import { checkTemplates } from '../../../src/template/text.js';
import { scalarAt, scopeOf } from './helpers.js';

describe('a bare expression is checked when the playbook loads', () => {
  it.each([
    ['a ===', 'expression-syntax', undefined],
    ['a = 1', 'assignment', 'to compare, write `===`'],
    ['a++', 'assignment', undefined],
    ['{{ a }}', 'jinja', 'write a bare JavaScript expression, without {{ }}'],
    ['<%= a %>', 'delimiters-in-expression', 'leave the delimiters out'],
    ['a and b', 'expression-syntax', 'write `&&` for `and`, `||` for `or`'],
    ['a if b else c', 'expression-syntax', 'write `condition ? a : b` for `a if condition else b`'],
    ['a ~ b', 'expression-syntax', 'write `+` for `~`'],
    ['not a', 'expression-syntax', 'write `!` for `not`'],
    ['a is defined', 'expression-syntax', "write `typeof x !== 'undefined'` for `x is defined`"],
    ['a; b', 'expression-syntax', undefined],
    ['this.x', 'forbidden-code', undefined],
    ['x.constructor', 'forbidden-member', undefined],
    ['', 'empty-expression', undefined],
  ])('%s → %s', (source, code, hint) => {
    const parsed = parseExpression(source, scalarAt(source).span);
    expect(parsed).toMatchObject({ kind: 'error', diagnostic: { code } });
    if (hint !== undefined && parsed.kind === 'error') expect(parsed.diagnostic.hint).toBe(hint);
  });

  it('tells the same mistake at each place it is made', () => {
    const span = scalarAt('a ===').span;
    const places = [1, 7].map((line) => {
      const start = { line, column: 3 };
      const parsed = parseExpression('a ===', { ...span, start, end: { line, column: 8 } });
      return parsed.kind === 'error' ? parsed.diagnostic.span?.start.line : undefined;
    });
    expect(places).toEqual([1, 7]);
  });

  it('tells the names it needs, guarded and own ones left out', () => {
    const parsed = parseExpression(
      "a && b.c && (d ?? e) && f?.g && typeof h === 'string' && list.some((x) => x === i)",
      scalarAt('').span,
    );
    expect(parsed.kind === 'expression' && parsed.expression.names).toEqual(['a', 'b', 'e', 'list', 'i']);
  });

  it('points at the column of a mistake', () => {
    const parsed = parseExpression('ok && = 2', scalarAt('ok && = 2', 11).span);
    expect(parsed).toMatchObject({ kind: 'error', diagnostic: { span: { start: { line: 3, column: 17 } } } });
  });
});

describe('a template file', () => {
  const text =
    'tickTime=2000\n<% for (const host of hosts) { -%>\nserver.<%= host.id %>=<%= host.address %>\n<% } -%>\nend <%= ending %>\n';

  it('is rendered with loops and keeps its line breaks', () => {
    const scope = scopeOf({
      hosts: [
        { id: 1, address: 'a' },
        { id: 2, address: 'b' },
      ],
      ending: '{{.}}',
    });
    expect(renderTemplateFile({ text, file: 'zoo.cfg.ejs', scope })).toBe(
      'tickTime=2000\nserver.1=a\nserver.2=b\nend {{.}}\n',
    );
  });

  it.each([
    ["an error of JavaScript's own", 'one\n<%= word.length.x.y %>\nlast\n'],
    ['an expression without a value', 'one\n<%= word?.gone %>\nlast\n'],
  ])('tells the line of %s', (_, broken) => {
    try {
      renderTemplateFile({ text: broken, file: 'zoo.cfg.ejs', scope: scopeOf({ word: 'abc' }) });
      expect.unreachable();
    } catch (error) {
      expect((error as EvaluationError).diagnostic.span).toMatchObject({ start: { line: 2 } });
    }
  });

  it('tells the names it needs and where', () => {
    const { names, diagnostics } = checkTemplateFile({ text, file: 'zoo.cfg.ejs' });
    expect(diagnostics).toEqual([]);
    expect([...names].map(([name, span]) => [name, span.start.line, span.start.column])).toEqual([
      ['hosts', 2, 23],
      ['ending', 5, 9],
    ]);
  });

  it('points at the undefined member in its line', () => {
    const scope = scopeOf({ hosts: [{ id: 1 }], ending: '' });
    try {
      renderTemplateFile({ text, file: 'zoo.cfg.ejs', scope });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(EvaluationError);
      expect((error as EvaluationError).diagnostic.span).toMatchObject({
        file: 'zoo.cfg.ejs',
        start: { line: 3, column: 32 },
      });
    }
  });

  it('points at a syntax error', () => {
    const { diagnostics } = checkTemplateFile({ text: 'a\nb <%= x + %>\n', file: 't' });
    expect(diagnostics[0]).toMatchObject({ code: 'template-syntax', span: { start: { line: 2 } } });
    expect(checkTemplateFile({ text: 'a <% if (x) { %>', file: 't' }).diagnostics[0]?.code).toBe('template-syntax');
    expect(checkTemplateFile({ text: 'a <%= x', file: 't' }).diagnostics[0]?.code).toBe('template-syntax');
  });

  it('includes others with their own values', () => {
    const include = (path: string): { text: string; span: ReturnType<typeof scalarAt>['span'] } => ({
      text: `[${path} <%= name %>]`,
      span: scalarAt('').span,
    });
    expect(
      renderTemplateFile({
        text: "<%- include('part', { name: n }) %>!",
        file: 't',
        scope: scopeOf({ n: 'x' }),
        include,
      }),
    ).toBe('[part x]!');
  });
});

describe('templates in YAML values', () => {
  it('are checked without rendering', () => {
    const check = checkTemplates(scalarAt('a <%= one %> <%= two.three ?? four %>', 4));
    expect([...check.names.keys()]).toEqual(['one', 'four']);
    expect(check.names.get('one')?.start.column).toBe(10);
    expect(checkTemplates(scalarAt('<%= one two %>')).diagnostics[0]?.code).toBe('expression-syntax');
  });
});
