import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../src/core/diagnostic.js';
import { renderDiagnostics } from '../../../src/core/render-diagnostic.js';
import type { Span } from '../../../src/core/span.js';

function at(line: number, column: number, length = 1, file = 'a.yaml'): Span {
  return { file, start: { line, column }, end: { line, column: column + length } };
}

function render(diagnostics: readonly Diagnostic[], files: Readonly<Record<string, string>> = {}): string {
  return renderDiagnostics(diagnostics, (file) => files[file], { color: false });
}

const error = { severity: 'error', code: 'x' } as const;

describe('a rendered diagnostic', () => {
  it('quotes the line with carets under the span, then the hint and the other place', () => {
    const text = 'a: 1\nhost: web\na: 2\n';
    const diagnostic: Diagnostic = {
      ...error,
      message: 'the key `a` is already in this map',
      span: at(3, 1),
      hint: 'keep one of the two',
      related: [{ span: at(1, 1), message: 'the first one' }],
    };
    expect(render([diagnostic], { 'a.yaml': text })).toBe(
      [
        'a.yaml:3:1: error: the key `a` is already in this map',
        ' 3 | a: 2',
        '   | ^',
        '  hint: keep one of the two',
        '  a.yaml:1:1: the first one',
        ' 1 | a: 1',
        '   | ^',
        '1 error, 0 warnings',
      ].join('\n'),
    );
  });

  it('marks to the end of the line when the span goes on below', () => {
    const span = { file: 'a.yaml', start: { line: 1, column: 4 }, end: { line: 3, column: 2 } };
    expect(render([{ ...error, message: 'm', span }], { 'a.yaml': 'a: [b,  \n c]\n' }).split('\n')[2]).toBe(
      '   |    ^^^',
    );
  });

  it('points at the right column after tabs and wide characters', () => {
    const lines = render([{ ...error, message: 'm', span: at(1, 6, 1) }], { 'a.yaml': '\t汉字: x' }).split('\n');
    expect(lines[1]).toBe(' 1 |     汉字: x');
    expect(lines[2]).toBe(`   | ${' '.repeat(10)}^`);
  });

  it('makes control characters visible in the line and in the message', () => {
    const output = render([{ ...error, message: 'bad \u001B[31m\u202Ekey', span: at(1, 1) }], {
      'a.yaml': 'x\u001B]0;t\u0007\u009By',
    });
    expect(output).toContain('bad ␛[31m<U+202E>key');
    expect(output).toContain('x␛]0;t␇<U+009B>y');
    // oxlint-disable-next-line no-control-regex -- that there are none is what is tested
    expect(output).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/);
  });

  it('crops a long line around the place', () => {
    const line = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
    const [, quoted = '', caret = ''] = render([{ ...error, message: 'm', span: at(1, 501, 4) }], {
      'a.yaml': line,
    }).split('\n');
    expect(quoted.length).toBeLessThan(140);
    expect(quoted.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('HERE');
  });

  it('needs no file and no place', () => {
    expect(
      render([
        { ...error, message: 'no inventory', hint: 'name it' },
        { ...error, message: 'gone', span: at(9, 9) },
      ]),
    ).toBe('error: no inventory\n  hint: name it\na.yaml:9:9: error: gone\n2 errors, 0 warnings');
  });
});

describe('a diagnostic of a file that cannot be read', () => {
  it('is reported without its line', () => {
    const unreadable = (): string => {
      throw new Error('it is a directory');
    };
    expect(renderDiagnostics([{ ...error, message: 'm', span: at(1, 1) }], unreadable, { color: false })).toBe(
      'a.yaml:1:1: error: m\n1 error, 0 warnings',
    );
  });
});

describe('several diagnostics', () => {
  it('are sorted by file, line and column and counted', () => {
    const output = render([
      { ...error, message: 'four', span: at(1, 1, 1, 'b.yaml') },
      { ...error, message: 'three', span: at(10, 1) },
      { severity: 'warning', code: 'w', message: 'two', span: at(9, 5) },
      { ...error, message: 'one', span: at(9, 2) },
    ]);
    expect(output.split('\n')).toEqual([
      'a.yaml:9:2: error: one',
      'a.yaml:9:5: warning: two',
      'a.yaml:10:1: error: three',
      'b.yaml:1:1: error: four',
      '3 errors, 1 warning',
    ]);
  });

  it('have colours when asked for', () => {
    const output = renderDiagnostics([{ ...error, message: 'm', span: at(1, 1) }], () => 'x', { color: true });
    expect(output).toContain('\u001B[31;1merror\u001B[0m: m');
  });
});
