import { describe, expect, test } from 'vitest';
import { user, userChanges } from '../../../src/modules/user.js';
import type { UserState } from '../../../src/modules/support/account-state.js';

const found: UserState = {
  name: 'zk',
  uid: 1000,
  gid: 1000,
  group: 'zk',
  groups: ['adm', 'docker'],
  comment: '',
  home: '/home/zk',
  shell: '/bin/sh',
  password: '!',
  homeExists: true,
};

const changes = (state: UserState | undefined, params: object) =>
  userChanges(state, user.params.parse({ name: 'zk', ...params })).map(({ part, after }) => [part, after]);

describe('what would change of a user', () => {
  test('is nothing for one that is as wished', () => {
    expect(changes(found, { uid: 1000, group: '1000', groups: 'docker,adm', shell: '/bin/sh', password: '!' })).toEqual(
      [],
    );
  });
  test('is taking it out of groups, unless they are appended', () => {
    expect(changes(found, { groups: ['docker'] })).toEqual([['groups', ['docker']]]);
    expect(changes(found, { groups: ['docker'], append: true })).toEqual([]);
    expect(changes(found, { groups: ['audio'], append: true })).toEqual([['groups', ['adm', 'audio', 'docker']]]);
  });
  test('never shows the hash of a password', () => {
    expect(changes(found, { password: '$6$salt$hash' })).toEqual([['password', 'set']]);
    expect(changes(found, { password: '$6$salt$hash', update_password: 'on_create' })).toEqual([]);
  });
  test('is everything for one that is missing, and nothing when it shall be', () => {
    expect(changes(undefined, { uid: 7 })).toEqual([
      ['state', 'present'],
      ['uid', 7],
    ]);
    expect(changes(undefined, { state: 'absent' })).toEqual([]);
  });
});

test('a password that is no hash is refused', () => {
  expect(user.params.safeParse({ name: 'zk', password: 'hunter2' }).error?.issues[0]?.message).toContain(
    'must be a hash',
  );
});
