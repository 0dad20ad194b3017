import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/core/diagnostic.js';
import { resolveBecome } from '../../../src/inventory/become.js';
import { parseJump } from '../../../src/inventory/jump.js';
import { readLimit } from '../../../src/inventory/limit.js';
import { hostNamed } from '../../../src/inventory/localhost.js';
import { problemsOf } from '../syntax/read.js';
import { inventoryOf, memoryFiles } from './load.js';

describe('--limit', () => {
  function limits(...list: readonly string[]): {
    readonly patterns: readonly string[];
    readonly problems: readonly string[];
  } {
    const diagnostics = new Diagnostics();
    const files = memoryFiles({ retry: 'h1\n\n# failed\nh2  # again\n', nobody: '# none\n' });
    return { patterns: readLimit({ limits: list, files, diagnostics }), problems: problemsOf(diagnostics) };
  }

  it('takes patterns and the lines of files', () => {
    expect(limits('web:!h3', '@retry')).toEqual({ patterns: ['web:!h3', 'h1', 'h2'], problems: [] });
  });

  it('takes @failed for the hosts the last run did not finish, and reports that there are none', () => {
    const failed = (hosts: readonly string[] | undefined): unknown => {
      const diagnostics = new Diagnostics();
      const patterns = readLimit({ limits: ['@failed'], failed: () => hosts, files: memoryFiles({}), diagnostics });
      return { patterns, codes: diagnostics.all.map(({ code }) => code) };
    };
    expect(failed(['h2', 'h4'])).toEqual({ patterns: ['h2', 'h4'], codes: [] });
    expect(failed([])).toEqual({ patterns: [], codes: ['limit-failed'] });
    expect(failed(undefined)).toEqual({ patterns: [], codes: ['limit-failed'] });
  });

  it('reports a file that is missing or names nobody', () => {
    expect(limits('@missing', '@nobody').problems).toEqual([
      'limit-file: --limit: there is no readable file `missing`',
      'limit-file: --limit: the file `nobody` names no host',
    ]);
  });
});

describe('a hop written as text', () => {
  it.each([
    ['host', { host: 'host' }],
    ['user@host:22', { user: 'user', host: 'host', port: 22 }],
    ['ssh://user@host:22/', { user: 'user', host: 'host', port: 22 }],
    ['[2001:db8::1]:22', { host: '2001:db8::1', port: 22 }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['a.b@c@host', undefined],
    ['host:99999', undefined],
    ['-l', undefined],
    ['a b', undefined],
    ['$(id)@host', undefined],
    ['a;b', undefined],
    ['-oX=y@host', undefined],
    ['', undefined],
  ])('%s', (text, hop) => {
    expect(parseJump(text)).toEqual(hop);
  });
});

describe('localhost', () => {
  it('is there with the variables of all when the inventory does not have it', () => {
    const inventory = inventoryOf('all: {vars: {x: 1}}\nweb: {hosts: {h1: }}');
    expect(hostNamed(inventory, 'localhost')).toMatchObject({
      name: 'localhost',
      groups: [],
      layers: [{ name: 'group all' }],
    });
    expect(hostNamed(inventory, 'h1')?.groups).toEqual(['web']);
    expect(hostNamed(inventory, 'h2')).toBeUndefined();
  });
});

describe('become of the inventory', () => {
  const span = { file: 'f.yaml', start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

  it('is read from the rendered variables', () => {
    const diagnostics = new Diagnostics();
    const variables = { become: true, become_user: 'app', become_method: 'su', become_password: 'x', other: 1 };
    expect(resolveBecome({ variables, span, diagnostics })).toEqual({
      become: true,
      user: 'app',
      method: 'su',
      password: 'x',
    });
    expect(resolveBecome({ variables: {}, span, diagnostics })).toEqual({});
    expect(diagnostics.all).toEqual([]);
  });

  it('is refused when it makes no sense', () => {
    const diagnostics = new Diagnostics();
    resolveBecome({ variables: { become: 'yes', become_method: 'doas' }, span, diagnostics });
    expect(diagnostics.all).toHaveLength(2);
  });
});
