import { describe, expect, it } from 'vitest';
import { EvaluationError, FactsNeeded } from '../../../src/template/errors.js';
import { evaluate, evaluateCondition, evaluateExpression, evaluateOptional } from '../../../src/template/evaluate.js';
import { createScope, extendScope } from '../../../src/template/scope.js';
import { Unknown } from '../../../src/template/value.js';
import { expression, scalarAt, scopeOf } from './helpers.js';

const failure = (action: () => unknown): EvaluationError => {
  try {
    action();
  } catch (error) {
    if (error instanceof EvaluationError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('a text with templates', () => {
  it('keeps the type of a lone expression', () => {
    const scope = scopeOf({ port: 8080, list: [1, 2], map: { a: true } });
    expect(evaluate(scalarAt('<%= port %>'), scope)).toBe(8080);
    expect(evaluate(scalarAt('<%= list %>'), scope)).toEqual([1, 2]);
    expect(evaluate(scalarAt('<%= map.a %>'), scope)).toBe(true);
    expect(evaluate(scalarAt('port <%= port %>'), scope)).toBe('port 8080');
  });

  it('is not escaped for HTML', () => {
    expect(evaluate(scalarAt('x <%= a %>'), scopeOf({ a: `a&b<c>"d'e` }))).toBe(`x a&b<c>"d'e`);
  });

  it('never renders what a value holds', () => {
    const scope = scopeOf({ said: '<%= secret %>', secret: 'canary' });
    expect(evaluate(scalarAt('<%= said %>'), scope)).toBe('<%= secret %>');
    expect(evaluate(scalarAt('> <%= said %>'), scope)).toBe('> <%= secret %>');
  });

  it('names an undefined variable with its place and the nearest name', () => {
    const error = failure(() => evaluate(scalarAt('a <%= prot %>', 5), scopeOf({ port: 1 })));
    expect(error.diagnostic).toMatchObject({
      code: 'undefined-name',
      hint: 'did you mean `port`?',
      span: { start: { line: 3, column: 11 } },
    });
  });

  it('names a missing member with its place', () => {
    const error = failure(() => evaluate(scalarAt('<%= map.bad %>', 5), scopeOf({ map: { good: 1 } })));
    expect(error.diagnostic).toMatchObject({ code: 'undefined-name', span: { start: { line: 3, column: 13 } } });
  });

  it('renders variables that hold templates, late and with the scope that is asked', () => {
    const scope = scopeOf({ port: 1 }, { url: 'http://h:<%= port %>' });
    const inner = extendScope(scope, [{ origin: 'task', variables: new Map([['port', { kind: 'data', value: 2 }]]) }]);
    expect(evaluate(scalarAt('<%= url %>'), scope)).toBe('http://h:1');
    expect(evaluate(scalarAt('<%= url %>'), inner)).toBe('http://h:2');
  });

  it('shows the circle of variables that need each other', () => {
    const error = failure(() => evaluate(scalarAt('<%= a %>'), scopeOf({}, { a: '<%= b %>', b: 'x<%= a %>' })));
    expect(error.message).toContain('a → b → a');
  });

  it('leaves out a parameter whose expression gives no value', () => {
    const map = {
      kind: 'map',
      span: scalarAt('').span,
      entries: [{ key: 'mode', keySpan: scalarAt('').span, value: scalarAt('<%= omit %>') }],
    } as const;
    expect(evaluate(map, scopeOf({}))).toEqual({});
    expect(evaluateOptional(scalarAt('<%= a?.b %>'), scopeOf({ a: {} }))).toBeUndefined();
    expect(failure(() => evaluate(scalarAt('<%= a?.b %>'), scopeOf({ a: {} }))).diagnostic.code).toBe('no-value');
  });

  it('refuses to print a map or a list as text', () => {
    expect(failure(() => evaluate(scalarAt('x <%= m %>'), scopeOf({ m: { a: 1 } }))).diagnostic.hint).toContain(
      'JSON.stringify',
    );
    expect(failure(() => evaluate(scalarAt('x <%= l %>'), scopeOf({ l: [1] }))).diagnostic.hint).toContain('join');
  });

  it('ends an endless loop and says so', () => {
    const error = failure(() => evaluate(scalarAt('<% while (true) {} %>'), scopeOf({})));
    expect(error.diagnostic.code).toBe('template-timeout');
  }, 15_000);
});

describe('an undefined name or member', () => {
  const scope = scopeOf({ map: { here: 1 }, list: [1], fallback: 7 });
  it.each([
    ['map.gone ?? fallback', 7],
    ['nothing ?? "x"', 'x'],
    ['map?.gone === undefined', true],
    ["typeof nothing === 'undefined'", true],
    ['map.here ?? 2', 1],
    ['list.map((n) => n + (map.gone ?? 1))[0]', 2],
    ["'gone' in map", false],
    ['Object.keys({ map, ...map }).length', 2],
    ['[...list].reverse()[0]', 1],
    ['`${map.here}-${list.length}`', '1-1'],
  ])('%s gives %j', (source, value) => {
    expect(evaluateExpression(expression(source), scope)).toEqual(value);
  });

  it.each(['map.gone', 'nothing', 'list[4]', 'map.here.deeper.still', 'list.map((n) => gone)'])(
    '%s is an error',
    (source) => {
      expect(() => evaluateExpression(expression(source), scope)).toThrow(EvaluationError);
    },
  );
});

describe('an unknown value', () => {
  const scope = scopeOf({
    result: { stdout: new Unknown('the command has not run'), changed: true },
    hidden: new Unknown('later'),
    no: false,
  });
  it('makes what reads it unknown, with the reason', () => {
    const value = evaluateExpression(expression("result.stdout === 'x'"), scope);
    expect(value).toEqual(new Unknown('the command has not run'));
    expect(evaluate(scalarAt('say <%= hidden %>'), scope)).toBeInstanceOf(Unknown);
  });

  it('does not matter when it is not read', () => {
    expect(evaluateCondition(expression('no && hidden'), scope)).toBe(false);
    expect(evaluateExpression(expression('result.changed'), scope)).toBe(true);
  });

  it('stays a hole when a whole map is passed on', () => {
    expect(evaluate(scalarAt('<%= result %>'), scope)).toEqual({
      stdout: new Unknown('the command has not run'),
      changed: true,
    });
  });

  it('is noticed by loops, spreading and JSON', () => {
    for (const source of [
      'Object.entries(result)',
      'JSON.stringify(result)',
      '({ ...result })',
      '[hidden].length',
      '!hidden',
      'hidden ? 1 : 2',
    ]) {
      expect(evaluateExpression(expression(source), scope), source).toBeInstanceOf(Unknown);
    }
  });
});

describe('a condition', () => {
  it('must be true or false', () => {
    expect(evaluateCondition(expression('1 < 2'), scopeOf({}))).toBe(true);
    expect(failure(() => evaluateCondition(expression('word'), scopeOf({ word: 'false' }))).diagnostic).toMatchObject({
      code: 'condition-not-boolean',
      hint: expect.stringContaining('compare it') as string,
    });
  });
});

describe('code in a template', () => {
  it.each([
    'process.exit(1)',
    'globalThis',
    'require("fs")',
    'Function("return 1")()',
    'map.constructor',
    "map['constructor']",
    'eval("1")',
  ])('cannot reach the system: %s', (source) => {
    expect(() => evaluateExpression(expression(source), scopeOf({ map: {} }))).toThrow(EvaluationError);
  });

  it('cannot change the values it is given', () => {
    const data = { list: [3, 1], map: { a: 1 } };
    expect(() => evaluateExpression(expression('list.sort()'), scopeOf(data))).toThrow(/read-only/);
    expect(() => evaluateExpression(expression('list.push(1)'), scopeOf(data))).toThrow(/read-only/);
    expect(data).toEqual({ list: [3, 1], map: { a: 1 } });
  });

  it('reads frozen data like any other', () => {
    const scope = scopeOf({ map: Object.freeze({ inner: Object.freeze({ a: [1] }) }) });
    expect(evaluateExpression(expression('map.inner.a[0]'), scope)).toBe(1);
  });

  it('is not disturbed by variables named like an engine option', () => {
    const scope = scopeOf({
      settings: 's',
      delimiter: '?',
      client: true,
      escape: 'e',
      cache: 1,
      filename: 'f',
      include: 'i',
      scope: 2,
    });
    expect(
      evaluate(
        scalarAt('<%= settings %><%= delimiter %><%= client %><%= escape %><%= cache %><%= filename %><%= scope %>'),
        scope,
      ),
    ).toBe('s?truee1f2');
  });

  it('lets the runner read facts first and evaluate again', () => {
    let loaded = false;
    const compute = (): { os: string } => {
      if (!loaded) throw new FactsNeeded();
      return { os: 'debian' };
    };
    const make = () => createScope([{ origin: 'facts', variables: new Map([['facts', { kind: 'lazy', compute }]]) }]);
    expect(() => evaluate(scalarAt('on <%= facts.os ?? 1 %>'), make())).toThrow(FactsNeeded);
    loaded = true;
    expect(evaluate(scalarAt('on <%= facts.os %>'), make())).toBe('on debian');
  });
});
