import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchHosts } from '../../../src/inventory/pattern.js';
import { problemsOf } from '../syntax/read.js';
import { inventoryOf } from './load.js';

const inventory = inventoryOf(`
web: {hosts: {h1: , h2: }}
db: {hosts: {h3: , h4: }}
prod: {hosts: {h2: , h3: }}
empty: {}
`);

function match(pattern: string | readonly string[]): readonly string[] {
  const { hosts, diagnostics } = matchHosts({ pattern, inventory });
  if (diagnostics.length > 0) throw new Error(problemsOf({ all: diagnostics }).join('\n'));
  return hosts;
}

describe('a host pattern', () => {
  it.each([
    ['all', 'h1 h2 h3 h4'],
    ['*', 'h1 h2 h3 h4'],
    ['h3', 'h3'],
    ['web', 'h1 h2'],
    ['web:db', 'h1 h2 h3 h4'],
    ['db,web', 'h1 h2 h3 h4'],
    ['web, h4', 'h1 h2 h4'],
    ['all:!db', 'h1 h2'],
    ['!db', 'h1 h2'],
    ['!h1:web', 'h2'],
    ['web:&prod', 'h2'],
    ['&prod:!h2', 'h3'],
    ['all:&web:!h2', 'h1'],
    ['web:db:&prod:!h2', 'h3'],
    ['h*', 'h1 h2 h3 h4'],
    ['w?b', 'h1 h2'],
    ['*b', 'h1 h2 h3 h4'],
    ['h[!12]', 'h3 h4'],
    ['~h[34]', 'h3 h4'],
    ['~(we|d)b', 'h1 h2 h3 h4'],
    ['~h(?:1|2):!h1', 'h2'],
    ['~^h1$', 'h1'],
    ['all[1:2]', 'h2 h3'],
    ['all[0]', 'h1'],
    ['web[-1]', 'h2'],
    ['all[1:]', 'h2 h3 h4'],
    ['all[-2:-1]', 'h3 h4'],
    ['all[2:99]', 'h3 h4'],
    ['all[0]:!h1:db[1]', 'h4'],
    ['empty:web', 'h1 h2'],
  ])('%s', (pattern, hosts) => {
    expect(match(pattern)).toEqual(hosts.split(' '));
  });

  it('may be a list, which counts as one pattern', () => {
    expect(match(['web', 'db', '!h3'])).toEqual(['h1', 'h2', 'h4']);
  });

  it('means the controller by localhost, which is not in the inventory and not in all', () => {
    expect(match('localhost')).toEqual(['localhost']);
    expect(match('localhost:h1')).toEqual(['h1', 'localhost']);
    expect(match('127.0.0.1')).toEqual(['127.0.0.1']);
    expect(match('all')).not.toContain('localhost');
  });

  it('may be an IPv6 address', () => {
    const hosts = inventoryOf('v6: {hosts: {"fe80::1": , "fe80::2": }}');
    expect(matchHosts({ pattern: 'fe80::2', inventory: hosts })).toEqual({ hosts: ['fe80::2'], diagnostics: [] });
  });
});

describe('a host pattern that is wrong', () => {
  const span = { file: 'f.yaml', start: { line: 2, column: 10 }, end: { line: 2, column: 18 } };

  it('is told where, and what may have been meant', () => {
    expect(matchHosts({ pattern: 'web:prdo', inventory, span }).diagnostics).toMatchObject([
      {
        code: 'unknown-host',
        message: 'the inventory has no host or group `prdo`',
        hint: 'did you mean `prod`?',
        span: { start: { line: 2, column: 14 }, end: { column: 18 } },
      },
    ]);
  });

  it('is told also when the unknown name is only taken away', () => {
    expect(matchHosts({ pattern: 'all:!nodes', inventory }).diagnostics).toMatchObject([
      { code: 'unknown-host', hint: 'its groups: web, db, prod, empty' },
    ]);
  });

  it.each(['empty', 'web:&db', 'web:!web', 'all[7]', 'x*', '~x', ''])('matches nothing: %j', (pattern) => {
    expect(matchHosts({ pattern, inventory })).toMatchObject({
      hosts: [],
      diagnostics: [{ code: 'empty-pattern', severity: 'error' }],
    });
  });

  it('is no regular expression', () => {
    expect(matchHosts({ pattern: '~h(', inventory }).diagnostics).toMatchObject([{ code: 'host-pattern' }]);
  });

  it('asks for an inventory when there is none', () => {
    expect(matchHosts({ pattern: 'all', inventory: inventoryOf('all: {}') }).diagnostics).toMatchObject([
      { message: 'the inventory has no hosts', hint: 'name an inventory with -i' },
    ]);
  });
});

describe('any host pattern', () => {
  const names = fc.constantFrom(
    'all',
    'web',
    'db',
    'prod',
    'empty',
    'h1',
    'h2',
    'h3',
    'h4',
    'h*',
    '~h[12]',
    'all[0:2]',
    'db[-1]',
  );
  const members: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
    ['all', 'web', 'db', 'prod', 'empty', 'h1', 'h2', 'h3', 'h4', 'h*', '~h[12]', 'all[0:2]', 'db[-1]'].map((name) => [
      name,
      matchHosts({ pattern: name, inventory }).hosts,
    ]),
  );
  const terms = fc.array(fc.record({ sign: fc.constantFrom('', '', '&', '!'), name: names }), {
    minLength: 1,
    maxLength: 6,
  });

  it('is a union, then intersections, then differences, in the order of the inventory', () => {
    fc.assert(
      fc.property(terms, fc.constantFrom(':', ','), (list, separator) => {
        const of = (sign: string): readonly (readonly string[])[] =>
          list.filter((term) => term.sign === sign).map((term) => members[term.name] ?? []);
        const base = of('').length > 0 ? of('').flat() : ['h1', 'h2', 'h3', 'h4'];
        const expected = ['h1', 'h2', 'h3', 'h4'].filter(
          (host) =>
            base.includes(host) &&
            of('&').every((term) => term.includes(host)) &&
            !of('!').some((term) => term.includes(host)),
        );
        const pattern = list.map(({ sign, name }) => sign + name).join(separator);
        expect(matchHosts({ pattern, inventory }).hosts).toEqual(expected);
      }),
    );
  });

  it('never throws, and says something when it finds nothing', () => {
    const text = fc.string({
      unit: fc.constantFrom('h', '1', '*', '?', '[', ']', ':', ',', '!', '&', '~', '(', ')', '-', '|', '\\', ' '),
    });
    fc.assert(
      fc.property(text, (pattern) => {
        const { hosts, diagnostics } = matchHosts({ pattern, inventory });
        expect(hosts.length > 0 || diagnostics.length > 0).toBe(true);
      }),
    );
  });
});
