import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { InputError } from '../../../src/core/diagnostic.js';
import { genericKind } from '../../../src/rollout/generic.js';
import type { Ensemble, MemberReply } from '../../../src/rollout/types.js';
import type { ValueMap } from '../../../src/template/value.js';

const span = { file: 'site.yaml', start: { line: 3, column: 5 }, end: { line: 3, column: 9 } };
const names = ['h1', 'h2', 'h3'];

/** Settings of which `HOST` is the member's name. */
function opened(settings: ValueMap): Ensemble {
  const hosts = names.map((host) => ({
    host,
    address: host,
    groups: [],
    read: () => undefined,
    setting: (name: string) => {
      const value = settings[name];
      return typeof value === 'string' ? value.replaceAll('HOST', host) : value;
    },
  }));
  const match = (pattern: string): readonly string[] | undefined => (pattern === 'pair' ? ['h1', 'h2'] : undefined);
  return genericKind.open({ hosts, playHosts: ['h2'], allPlayHosts: names, match, settings, span });
}

/** The answer of a real shell to a member's look. */
function asked(ensemble: Ensemble, host: string): MemberReply {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', ensemble.look(host).raw]);
  return { kind: 'reply', reply: { code: status ?? -1, stdout, stderr } };
}

test('a real shell is asked, and its exit codes and first lines are what members are', () => {
  const ensemble = opened({
    healthy: 'echo "HOST\truns"; echo more; [ HOST != h3 ]',
    leader: '[ HOST = h2 ]',
    identity: 'echo "id of HOST"',
  });
  const observation = ensemble.observe(new Map(names.map((host) => [host, asked(ensemble, host)])), undefined);
  expect(observation.members).toEqual([
    { host: 'h1', present: true, healthy: true, leads: false, said: 'h1 runs', identity: 'id of h1' },
    { host: 'h2', present: true, healthy: true, leads: true, said: 'h2 runs', identity: 'id of h2' },
    { host: 'h3', present: true, healthy: false, leads: false, said: 'h3 runs', identity: 'id of h3' },
  ]);
  expect(observation.leader).toBe('h2');
  expect(observation.unmet).toEqual([{ host: 'h3', condition: 'it is healthy', said: 'h3 runs' }]);
});

test('a host that does not answer may well have a member: it is there, and down', () => {
  const ensemble = opened({ healthy: 'true' });
  const replies = new Map<string, MemberReply>(names.map((host) => [host, { kind: 'unreached', reason: 'refused' }]));
  expect(ensemble.observe(replies, undefined).members[0]).toMatchObject({
    present: true,
    healthy: false,
    said: 'refused',
  });
});

test('two leaders, and none, are no leader', () => {
  const both = opened({ healthy: 'true', leader: '[ HOST != h3 ]' });
  const seen = both.observe(new Map(names.map((host) => [host, asked(both, host)])), undefined);
  expect(seen.unmet).toEqual([{ condition: 'exactly one member leads', said: 'h1 and h2 do' }]);
});

test('members are the hosts of the play whatever --limit leaves, or those of a pattern', () => {
  expect(opened({ healthy: 'true' })).toMatchObject({ members: names, quorum: 2 });
  expect(opened({ healthy: 'true', members: 'pair', quorum: 1 })).toMatchObject({ members: ['h1', 'h2'], quorum: 1 });
});

test.each([
  [{}, 'needs the setting `healthy`'],
  [{ healthy: 'true', quorum: 4 }, '`quorum` must be `majority` or a number up to 3'],
  [{ healthy: 'true', members: 'nobody' }, '`members` matches no host: nobody'],
  [{ healthy: ['true'] }, '`healthy` of the ensemble must be text'],
])('settings that make no sense are told with their place: %j', (settings, message) => {
  const open = (): unknown => opened(settings);
  expect(open).toThrow(InputError);
  expect(open).toThrow(message);
});
