import { describe, expect, test } from 'vitest';
import { genericKind } from '../../../src/rollout/generic.js';
import type { EnsembleKind, Step } from '../../../src/rollout/types.js';
import { sh } from '../../../src/shell/text.js';
import { BecomeError } from '../../../src/transport/types.js';
import { refusalsOf, SimCluster, stepsOf, storeAt, storePlay } from './support/sim-cluster.js';

const thenNext = `
- name: Next
  hosts: [h1]
  tasks:
    - debug: {msg: next}
`;

test('an ensemble of which nothing is there is brought up on all hosts together', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3'], { present: false, up: false, leads: false, version: '' });
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('1'));
  expect(result).toBe('done');
  expect(cluster.log).toEqual(['h1 put 1', 'h2 put 1', 'h3 put 1']);
  expect(stepsOf(lab)).toEqual([]);
});

test('where nothing differs nobody is stepped, and every member is asked once', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('1'));
  expect(result).toBe('done');
  expect(cluster.log).toEqual([]);
  expect(Object.fromEntries(cluster.looks)).toEqual({ h1: 1, h2: 1, h3: 1 });
  expect(lab.outcomesOf('version')).toEqual({ h1: 'ok', h2: 'ok', h3: 'ok' });
});

test('members are stepped one by one, the leader last, with what they had kept until the gate holds', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('2'));
  expect(result).toBe('done');
  expect(cluster.log).toEqual(
    ['h2', 'h3', 'h1'].flatMap((host) => [`${host} keep`, `${host} put 2`, `${host} forget`]),
  );
  const gates = lab.events.flatMap((event) =>
    event.kind === 'rollout-gate' && event.state === 'holds'
      ? [`${event.hosts.join()} ${event.good} of ${event.inARow}`]
      : [],
  );
  expect(gates).toEqual(['h2 3 of 3', 'h3 3 of 3', 'h1 3 of 3']);
});

test('hosts where nothing differs go first and are no steps', async () => {
  const cluster = new SimCluster();
  cluster.of('h2').version = '2';
  const lab = cluster.lab();
  await lab.run(storeAt('2'));
  expect(stepsOf(lab)).toEqual(['h3', 'h1']);
  expect(lab.outcomes[0]).toBe('h2: version → ok');
});

test('a leader that moves in the middle is still stepped last', async () => {
  const cluster = new SimCluster();
  cluster.onPut = (host) => {
    if (host === 'h2') cluster.elect('h3');
  };
  const lab = cluster.lab();
  await lab.run(storeAt('2'));
  expect(stepsOf(lab)).toEqual(['h2', 'h1', 'h3']);
});

test('a leader under election is waited for, not refused', async () => {
  const cluster = new SimCluster();
  let looks = 0;
  cluster.onLook = () => {
    looks++;
    // From the second to the fourth round nobody leads.
    if (looks === 4) for (const member of cluster.members.values()) member.leads = false;
    if (looks === 13) cluster.elect('h1');
  };
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('2'));
  expect(refusalsOf(lab)).toEqual([]);
  expect(result).toBe('done');
});

describe('a quorum that would break', () => {
  test('is refused with the arithmetic, and nothing is touched', async () => {
    const cluster = new SimCluster();
    Object.assign(cluster.of('h3'), { up: false });
    const lab = cluster.lab({ selection: { limit: ['h2'] } });
    const { result } = await lab.run(storeAt('2') + thenNext);
    expect(refusalsOf(lab)).toEqual([
      'Store: stepping h2 would leave 1 of 3 serving, 2 are needed: h3 is down (the connection is refused)',
    ]);
    expect(cluster.log).toEqual([]);
    expect(result).toBe('failed');
    expect(lab.shown).toEqual([]);
  });

  test('counts members that do not answer', async () => {
    const cluster = new SimCluster();
    const lab = cluster.lab({ down: ['h3'] });
    const { result } = await lab.run(storeAt('2'));
    expect(refusalsOf(lab)).toEqual([
      'Store: stepping h2 would leave 1 of 3 serving, 2 are needed: h3 is down (h3 refused the connection)',
    ]);
    expect(cluster.log).toEqual([]);
    expect(result).toBe('failed');
  });

  test('is not broken by the member that is down itself: its turn comes first', async () => {
    const cluster = new SimCluster();
    Object.assign(cluster.of('h3'), { up: false });
    const lab = cluster.lab();
    const { result } = await lab.run(storeAt('2'));
    expect(stepsOf(lab)).toEqual(['h3', 'h2', 'h1']);
    expect(result).toBe('done');
  });

  test('does not keep the only member from being changed', async () => {
    const cluster = new SimCluster(['h1']);
    const { result } = await cluster.lab().run(storeAt('2'));
    expect(cluster.log).toContain('h1 put 2');
    expect(result).toBe('done');
  });
});

test('a gate that is not well for another reason ends the rollout before its first step', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3', 'h4', 'h5']);
  Object.assign(cluster.of('h5'), { up: false, version: '2' });
  const lab = cluster.lab();
  await lab.run(storeAt('2'));
  expect(refusalsOf(lab)).toEqual(['Store is not well: h5: it is healthy: the connection is refused']);
  expect(cluster.log).toEqual([]);
});

test('an ensemble that does not serve is refused, and brought up together only when told so', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3'], { up: false, leads: false });
  const refused = cluster.lab();
  await refused.run(storeAt('2'));
  expect(refusalsOf(refused)[0]).toContain('Store does not serve: 0 of 3 members do, 2 are needed: h1 is down');
  expect(cluster.log).toEqual([]);
  cluster.onPut = () => cluster.elect('h1');
  const told = cluster.lab({ options: { rollout: { bringUp: true } } });
  const { result } = await told.run(storeAt('2'));
  expect(stepsOf(told)).toEqual(['h1+h2+h3']);
  expect(result).toBe('done');
});

test('a bring-up that was cut off goes on: what is not there yet is made together', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3'], { present: false, up: false, leads: false, version: '' });
  Object.assign(cluster.of('h1'), { present: true, version: '1' });
  cluster.onPut = () => {
    cluster.of('h1').up = true;
    cluster.elect('h1');
  };
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('1'));
  expect(stepsOf(lab)).toEqual(['h2+h3']);
  expect(result).toBe('done');
});

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
    const said = lab.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
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
    const said = lab.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
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
    const said = lab.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
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
    const said = lab.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
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

test('the rehearsal alters nothing that earlier plays registered and says nothing', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab();
  await lab.run(`
- name: Before
  hosts: all
  tasks:
    - set_fact: {count: 1}
${storeAt('2')}    - set_fact: {count: "<%= count + 1 %>"}
    - debug: {msg: "count <%= count %>, rolling <%= run.rolling %>"}
`);
  expect([...lab.shown].sort()).toEqual(['h1', 'h2', 'h3'].map((host) => `${host}: count 2, rolling true`));
  expect(lab.events.filter((event) => event.kind === 'task-start')).toHaveLength(12);
});

test('run.rolling is false where nothing differs and in a bring-up', async () => {
  const tasks = '    - debug: {msg: "rolling <%= run.rolling %>"}\n';
  const cluster = new SimCluster();
  const same = cluster.lab();
  await same.run(storeAt('1') + tasks);
  expect(same.shown).toEqual(['h1: rolling false', 'h2: rolling false', 'h3: rolling false']);
  const fresh = new SimCluster(['h1'], { present: false, up: false }).lab();
  await fresh.run(storeAt('1') + tasks);
  expect(fresh.shown).toEqual(['h1: rolling false']);
});

test('a proof that fails where nothing differs is told by its own task', async () => {
  const cluster = new SimCluster();
  Object.assign(cluster.of('h3'), { up: false });
  const lab = cluster.lab();
  const { result } = await lab.run(`${storeAt('1')}    - {name: proof, sim: {do: proof, would: failed}}\n`);
  expect(refusalsOf(lab)).toEqual([]);
  expect(lab.messageOf('h3', 'proof')).toBe('proof cannot work');
  expect(result).toBe('failed');
});

test('a task that never changes anything makes no step of its host', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab();
  await lab.run(`${storeAt('1')}    - {sim: {do: ask, would: act}, changed_when: false}\n`);
  expect(stepsOf(lab)).toEqual([]);
});

describe('a preview', () => {
  test('says in what order hosts would be stepped, and changes nothing', async () => {
    const cluster = new SimCluster();
    const lab = cluster.lab({ options: { preview: true } });
    const { result } = await lab.run(storeAt('2'));
    expect(cluster.log).toEqual([]);
    expect(lab.outcomesOf('version')).toEqual({ h1: 'change', h2: 'change', h3: 'change' });
    const plan = lab.events.find((event) => event.kind === 'rollout-plan');
    expect(plan).toMatchObject({ way: 'steps', pending: ['h1', 'h2', 'h3'] });
    expect(plan?.steps.map(({ hosts }) => hosts)).toEqual([['h2'], ['h3'], ['h1']]);
    expect(result).toBe('done');
  });

  test('says what would be refused, and goes on looking', async () => {
    const cluster = new SimCluster();
    Object.assign(cluster.of('h3'), { up: false });
    const lab = cluster.lab({ options: { preview: true }, selection: { limit: ['h1', 'h2'] } });
    const { result } = await lab.run(storeAt('2') + thenNext);
    expect(refusalsOf(lab)[0]).toContain('stepping h2 would leave 1 of 3 serving');
    expect(lab.shown).toContain('h1: next');
    expect(result).toBe('failed');
  });
});

describe('what the user wishes', () => {
  test('a pause is asked before every step but the first', async () => {
    const cluster = new SimCluster();
    const asked: string[] = [];
    const pause = async (question: string): Promise<boolean> => {
      asked.push(question);
      return asked.length < 2;
    };
    const lab = cluster.lab({ options: { rollout: { pause } } });
    const { result } = await lab.run(storeAt('2'));
    expect(asked).toEqual(['Store: 3 of 3 serve. Go on with h3?', 'Store: 3 of 3 serve. Go on with h1?']);
    expect(cluster.log).toEqual(['h2 keep', 'h2 put 2', 'h2 forget', 'h3 keep', 'h3 put 2', 'h3 forget']);
    expect(result).toBe('failed');
  });

  test('a canary whose gate breaks while it soaks is rolled back', async () => {
    const cluster = new SimCluster();
    cluster.onLook = (host, member) => {
      if (host === 'h2' && lab.clock.now() > 30_000 && member.version === '2') member.up = false;
    };
    const lab = cluster.lab({ options: { rollout: { canary: 1, soakSeconds: 60 } } });
    const { result } = await lab.run(storeAt('2'));
    expect(cluster.log).toEqual(['h2 keep', 'h2 put 2', 'h2 roll back']);
    expect(result).toBe('failed');
  });

  test('a canary that holds is forgotten, and the others follow', async () => {
    const cluster = new SimCluster();
    const lab = cluster.lab({ options: { rollout: { canary: 1, soakSeconds: 60 } } });
    const { result } = await lab.run(storeAt('2'));
    expect(result).toBe('done');
    expect(cluster.log.slice(0, 4)).toEqual(['h2 keep', 'h2 put 2', 'h2 forget', 'h3 keep']);
    expect(lab.clock.now()).toBeGreaterThan(60_000);
  });
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
    const said = lab.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
    expect(said).toEqual(['"Store" was stopped: the user stopped it before h4; h3 was rolled back']);
  });
});

test('max_unavailable lets so many go at once, never past the quorum and never with the leader', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3', 'h4', 'h5']);
  const lab = cluster.lab();
  await lab.run(storeAt('2').replace('kind: generic', 'kind: generic\n    max_unavailable: 2'));
  expect(stepsOf(lab)).toEqual(['h2+h3', 'h4+h5', 'h1']);
});

test('a refused sudo is told in its own words', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab({
    answer: (asked) => {
      if (asked.text.includes('probe')) throw new BecomeError('password-missing', 'sudo asks for a password');
      return cluster.answer(asked);
    },
  });
  const { result } = await lab.run(storePlay + '\n  become: true\n  tasks: [{setting: {key: version, to: "2"}}]\n');
  expect(refusalsOf(lab)).toEqual(['Store cannot be asked on h1: sudo asks for a password']);
  expect(result).toBe('failed');
});
