import { describe, expect, it } from 'vitest';
import { checkDelegates } from '../../../src/plan/delegates.js';
import { mistakesOf, webPlay } from './mistakes.js';

function delegating(host: string): readonly string[] {
  return mistakesOf(checkDelegates, webPlay(`  tasks:\n    - command: x\n      delegate_to: ${host}\n`));
}

describe('delegate_to', () => {
  it.each(['d1', 'localhost', '"<%= groups.db[0] %>"'])('takes %s', (host) => {
    expect(delegating(host)).toEqual([]);
  });

  it('refuses a host the inventory does not have', () => {
    expect(delegating('w11')).toEqual([
      '5:20 unknown-host: the inventory has no host `w11` to delegate to | did you mean `w1`?',
    ]);
  });

  it('refuses a group, which is several hosts', () => {
    expect(delegating('db')).toEqual([
      '5:20 unknown-host: the inventory has no host `db` to delegate to | `db` is a group: name one host of it',
    ]);
  });

  it('is reported once for all tasks of a block', () => {
    const playbook = webPlay('  tasks:\n    - block: [{command: a}, {command: b}]\n      delegate_to: nobody\n');
    expect(mistakesOf(checkDelegates, playbook)).toEqual([
      '5:20 unknown-host: the inventory has no host `nobody` to delegate to',
    ]);
  });
});
