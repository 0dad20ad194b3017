import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/core/diagnostic.js';
import { locatedFromData } from '../../../src/syntax/from-data.js';
import { isTemplate, plainData } from '../../../src/syntax/located.js';

const span = { file: 'p', start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

describe('data from outside as located values', () => {
  it('comes back as it was', () => {
    const data = { a: [1, 'x', null, true], b: { c: 'd' } };
    expect(plainData(locatedFromData({ data, span, diagnostics: new Diagnostics() }))).toEqual(data);
  });

  it('is never a template', () => {
    expect(isTemplate(locatedFromData({ data: '<%= process.exit() %>', span, diagnostics: new Diagnostics() }))).toBe(
      false,
    );
  });

  it('cannot reach into objects', () => {
    const diagnostics = new Diagnostics();
    const located = locatedFromData({
      data: JSON.parse('{"__proto__": {"polluted": true}, "a": {"constructor": 1}}'),
      span,
      diagnostics,
    });
    expect(plainData(located)).toEqual({ a: {} });
    expect(diagnostics.all.map(({ code }) => code)).toEqual(['forbidden-key', 'forbidden-key']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('may not nest without end', () => {
    const diagnostics = new Diagnostics();
    locatedFromData({ data: JSON.parse('['.repeat(5000) + ']'.repeat(5000)), span, diagnostics });
    expect(diagnostics.all.map(({ code }) => code)).toEqual(['data-depth']);
  });
});
