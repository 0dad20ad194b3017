import { describe, expect, it } from 'vitest';
import { assertNever, InternalError, invariant } from '../../../src/core/assert.js';
import { Diagnostics, InputError } from '../../../src/core/diagnostic.js';
import { parseDuration } from '../../../src/core/duration.js';
import { formatSpan } from '../../../src/core/span.js';
import { didYouMean, suggest } from '../../../src/core/suggest.js';

describe('a length of time', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['10', 10_000],
    [' 5s ', 5000],
    [3, 3000],
    [0.5, 500],
  ])('%j is %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', 'soon', '-1s', '5 d', '1h30m', -1, Number.NaN, Number.POSITIVE_INFINITY])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('a suggestion', () => {
  it('is the nearest word that is near enough', () => {
    expect(suggest('hoss', ['roles', 'hosts', 'vars'])).toBe('hosts');
    expect(suggest('zookeper', ['mesos_master', 'zookeeper'])).toBe('zookeeper');
    expect(suggest('HOSTS', ['hosts'])).toBe('hosts');
    expect(suggest('tasks', ['vars', 'hosts'])).toBeUndefined();
    expect(suggest('anything', [])).toBeUndefined();
  });

  it('counts two neighbours in the wrong order as one slip', () => {
    expect(suggest('hsot', ['host'])).toBe('host');
  });

  it('reads as a question', () => {
    expect(didYouMean('hosst', ['hosts'])).toBe('did you mean `hosts`?');
    expect(didYouMean('xyz', ['hosts'])).toBeUndefined();
  });
});

describe('diagnostics', () => {
  it('are collected, and warnings alone are no errors', () => {
    const diagnostics = new Diagnostics();
    diagnostics.warning({ code: 'a', message: 'one' });
    expect(diagnostics.hasErrors).toBe(false);
    diagnostics.error({ code: 'b', message: 'two' });
    expect(diagnostics.hasErrors).toBe(true);
    expect(diagnostics.all.map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', 'one'],
      ['error', 'two'],
    ]);
    expect(new InputError(diagnostics.all).message).toBe('one\ntwo');
  });

  it('name places as editors open them', () => {
    expect(formatSpan({ file: 'a.yaml', start: { line: 3, column: 7 }, end: { line: 3, column: 8 } })).toBe(
      'a.yaml:3:7',
    );
  });
});

describe('our own mistakes', () => {
  it('are exceptions', () => {
    expect(() => {
      invariant(false, 'no session');
    }).toThrow(new InternalError('no session'));
    expect(() => assertNever('x' as never)).toThrow('unexpected value: "x"');
    expect(() => {
      invariant(true, 'fine');
    }).not.toThrow();
  });
});
