import { describe, expect, test } from 'vitest';
import { genericKind } from '../../../../src/rollout/generic.js';
import type { EnsembleKind, Step } from '../../../../src/rollout/types.js';
import { sh } from '../../../../src/shell/text.js';
import { messagesOf, refusalsOf, SimCluster, stepsOf, storeAt, thenNext } from '../support/sim-cluster.js';

describe('a step that does not succeed', () => {
  test('is rolled back when its gate does not hold, and nobody else is touched', async () => {
    const cluster = new SimCluster();
    cluster.onPut = (_host, member) => {
      member.up = false;
    };
    const lab = cluster.lab();
    const { result } = await lab.run(storeAt('2') + thenNext);
    expect(cluster.log).toEqual(['h2 keep', 'h2 put 2', 'h2 roll back']);
    expect(cluster.of('h2')).toMatchObject({ version: '1', up: true });
    expect(result).toBe('failed');
    expect(lab.shown).toEqual([]);
    const said = messagesOf(lab);
    expect(said).toEqual([
      '"Store" was stopped: the gate after h2 did not hold within 20 s: h2: it is healthy: the connection is refused; h2 was rolled back; Store is well again: 3 of 3 serve',
    ]);
  });

  test('is rolled back when a task of it fails', async () => {
    const cluster = new SimCluster();
    const lab = cluster.lab();
    const { result } = await lab.run(`${storeAt('2')}    - {sim: {do: proof, fails_on: [h2]}}\n`);
    expect(cluster.log).toEqual(['h2 keep', 'h2 put 2', 'h2 roll back']);
    expect(result).toBe('failed');
  });

  test('fails at once when its member is somebody else than before', async () => {
    const cluster = new SimCluster();
    cluster.onPut = (_host, member) => {
      member.id = 'new';
    };
    const lab = cluster.lab();
    await lab.run(storeAt('2'));
    const failed = lab.events.find((event) => event.kind === 'rollout-gate' && event.state === 'failed');
    expect(failed).toMatchObject({
      milliseconds: 0,
      unmet: [{ host: 'h2', condition: 'its identity is still h2', said: 'it is now new' }],
    });
  });

  test('is left as it is when it serves and going back would cost the quorum, because another went down meanwhile', async () => {
    const cluster = new SimCluster();
    cluster.onPut = (host) => {
      if (host === 'h3') cluster.of('h2').up = false;
    };
    const lab = cluster.lab();
    const { result } = await lab.run(storeAt('2'));
    expect(result).toBe('failed');
    expect(cluster.log.at(-1)).toBe('h3 put 2');
    expect(cluster.of('h3')).toMatchObject({ version: '2', up: true, kept: '1' });
    const said = messagesOf(lab);
    expect(said[0]).toContain(
      'h3 serves and was not rolled back, because Store: stepping h3 would leave 1 of 3 serving, 2 are needed: h2 is down (the connection is refused)',
    );
  });

  test('is not followed by another while a member that served at the beginning is down', async () => {
    const cluster = new SimCluster();
    cluster.onPut = (host) => {
      if (host === 'h2') cluster.of('h3').up = false;
    };
    const lab = cluster.lab();
    const { result } = await lab.run(storeAt('2'));
    expect(result).toBe('failed');
    expect(stepsOf(lab)).toEqual(['h2']);
    expect(cluster.log).toEqual(['h2 keep', 'h2 put 2']);
    const said = messagesOf(lab);
    expect(said[0]).toContain('did not hold within 20 s: h3: it is healthy: the connection is refused');
    // Once somebody knows why, the same again begins with the one that is down.
    cluster.onPut = () => undefined;
    const again = cluster.lab();
    expect((await again.run(storeAt('2'))).result).toBe('done');
    expect(stepsOf(again)[0]).toBe('h3');
  });

  test('waits for a member that restarts meanwhile, and goes on', async () => {
    const cluster = new SimCluster();
    let asked = 0;
    cluster.onPut = (host) => {
      if (host === 'h2') cluster.of('h3').up = false;
    };
    cluster.onLook = (host, member) => {
      if (host === 'h3' && !member.up && ++asked === 5) member.up = true;
    };
    const lab = cluster.lab();
    expect((await lab.run(storeAt('2'))).result).toBe('done');
    expect(stepsOf(lab)).toEqual(['h2', 'h3', 'h1']);
  });

  test('says so when it cannot be rolled back', async () => {
    const cluster = new SimCluster();
    cluster.onPut = (_host, member) => {
      member.up = false;
    };
    const lab = cluster.lab({
      answer: (asked) =>
        asked.text === 'bring it back'
          ? { end: { kind: 'code', code: 1 }, stdout: 'nothing was kept\n' }
          : cluster.answer(asked),
    });
    await lab.run(storeAt('2'));
    const said = messagesOf(lab);
    expect(said[0]).toContain('h2 could not be rolled back: nothing was kept; Store is not well yet: h2:');
  });
});

test('a run that was cancelled in a step rolls nothing back, and the next one begins with that host', async () => {
  const cluster = new SimCluster();
  const cancel = new AbortController();
  cluster.onPut = (_host, member) => {
    member.up = false;
    cancel.abort();
  };
  const { result } = await cluster.lab({ signal: cancel.signal }).run(storeAt('2'));
  expect(result).toBe('interrupted');
  expect(cluster.log).toEqual(['h2 keep', 'h2 put 2']);
  expect(cluster.of('h2').kept).toBe('1');
  // Its program comes up late; the rest of it is to be done again.
  cluster.onPut = () => undefined;
  cluster.of('h2').version = 'half';
  const again = cluster.lab();
  expect((await again.run(storeAt('2'))).result).toBe('done');
  expect(stepsOf(again)).toEqual(['h2', 'h3', 'h1']);
  expect([...cluster.members.values()].map(({ version }) => version)).toEqual(['2', '2', '2']);
});

describe('a member that was stopped for a hand-over', () => {
  /** h3 stops first, then h2 is stepped; what comes after that is given. */
  function handOver(then: Step): EnsembleKind {
    return {
      ...genericKind,
      open: (context) => ({
        ...genericKind.open(context),
        stop: () => sh`stop it`,
        next: ({ stopped, done }) => {
          if (stopped.length === 0) return { kind: 'stop', host: 'h3', why: 'it must not lead again' };
          if (done.length === 0) return { kind: 'apply', hosts: ['h2'], why: 'takes over' };
          return done.includes('h4') ? { kind: 'done' } : then;
        },
      }),
    };
  }

  test('is started again when the rollout is refused then', async () => {
    const cluster = new SimCluster(['h1', 'h2', 'h3', 'h4', 'h5']);
    const refusal = { message: 'not on a Friday' };
    const lab = cluster.lab({ ensemble: handOver({ kind: 'refuse', refusal }) });
    const { result } = await lab.run(storeAt('2'));
    expect(result).toBe('failed');
    expect(refusalsOf(lab)).toEqual(['not on a Friday']);
    expect(cluster.log).toEqual(['h3 stop', 'h2 keep', 'h2 put 2', 'h2 forget', 'h3 roll back']);
    expect(cluster.of('h3')).toMatchObject({ up: true, version: '1' });
  });

  test('is started again when the user goes no further', async () => {
    const cluster = new SimCluster(['h1', 'h2', 'h3', 'h4', 'h5']);
    const lab = cluster.lab({
      ensemble: handOver({ kind: 'apply', hosts: ['h4'], why: 'stands by' }),
      options: { rollout: { pause: async (question) => !question.includes('h4') } },
    });
    const { result } = await lab.run(storeAt('2'));
    expect(result).toBe('failed');
    expect(cluster.log.at(-1)).toBe('h3 roll back');
    const said = messagesOf(lab);
    expect(said).toEqual(['"Store" was stopped: the user stopped it before h4; h3 was rolled back']);
  });
});
