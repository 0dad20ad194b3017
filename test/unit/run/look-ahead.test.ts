import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/run/events.js';
import { Lab, type LabOptions } from './support/lab.js';
import { SettingsHosts, settingModule } from './support/settings-host.js';
import { storePlay } from './support/sim-cluster.js';

const one = { web: ['h1'] };

function labOf(hosts: SettingsHosts, options: LabOptions = {}): Lab {
  return new Lab({ groups: one, answer: hosts.answer, ...options, modules: [settingModule] });
}

/** A play of `setting` tasks: `a` sets a to on, `a=off` to off. */
function play(tasks: string, rest = ''): string {
  const lines = tasks.split(' ').map((task) => {
    const [key = '', to = 'on'] = task.split('=');
    return `    - { name: ${key}, setting: { key: ${key}, to: "${to}" } }\n`;
  });
  return `- hosts: all\n  facts: false\n${rest}  tasks:\n${lines.join('')}`;
}

/** What the world saw, without times. */
function seen(lab: Lab): readonly string[] {
  return lab.events.map((event: RunEvent) =>
    JSON.stringify(event, (key, value: unknown) => (key === 'milliseconds' ? 0 : value)),
  );
}

describe('looks of the tasks ahead', () => {
  it('cost one round trip for a window of tasks that grows while there is nothing to do', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts);
    await lab.run(play('a b c d e f g h i j k l m n'));
    expect(hosts.trips('h1')).toEqual(['h1 peek a', 'h1 peek d', 'h1 peek i']);
    expect(lab.outcomes).toHaveLength(14);
    expect(new Set(Object.values(lab.outcomesOf('n')))).toEqual(new Set(['ok']));
  });

  it('take the items of a loop that are left with them', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts);
    const tasks = `    - { name: many, setting: { key: "<%= item %>", to: "on" }, loop: [p, q, r] }
    - { name: last, setting: { key: l, to: "on" } }\n`;
    await lab.run(`- hosts: all\n  facts: false\n  tasks:\n${tasks}`);
    expect(hosts.log).toEqual(['h1 peek p', 'h1 peek q ahead', 'h1 peek r ahead', 'h1 peek l']);
  });

  it('leave the items of a loop with pauses to their time', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts);
    const tasks = `    - { name: many, setting: { key: "<%= item %>", to: "on" }, loop: [p, q], loop_control: { pause: 3 } }\n`;
    await lab.run(`- hosts: all\n  facts: false\n  tasks:\n${tasks}`);
    expect(hosts.log).toEqual(['h1 peek p', 'h1 peek q']);
  });

  it('are still good after a look that could not be foreseen', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts);
    const task = (key: string, rest = ''): string =>
      `    - { name: ${key}, setting: { key: ${key}, to: "on" }${rest} }\n`;
    const dependent = '    - { name: g, setting: { key: "<%= f.found %>", to: "on" } }\n';
    const tasks = ['a', 'b', 'c', 'd', 'e'].map((key) => task(key)).join('');
    await lab.run(
      `- hosts: all\n  facts: false\n  tasks:\n${tasks}${task('f', ', register: f')}${dependent}${task('h')}`,
    );
    expect(hosts.trips('h1')).toEqual(['h1 peek a', 'h1 peek d', 'h1 peek on']);
    expect(hosts.log.filter((entry) => entry.includes('peek h'))).toEqual(['h1 peek h ahead']);
    expect(lab.outcomesOf('h')).toEqual({ h1: 'ok' });
  });

  it('are made anew after a change, since it may be what they are about', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts);
    await lab.run(play('a b=off b=off b c'));
    expect(lab.outcomes.map((line) => line.split('→ ')[1])).toEqual(['ok', 'changed', 'ok', 'changed', 'ok']);
    expect(hosts.log).toEqual([
      'h1 peek a',
      'h1 peek b ahead',
      'h1 put b',
      'h1 peek b',
      'h1 peek b',
      'h1 peek c ahead',
      'h1 put b',
      'h1 peek c',
    ]);
  });

  it('are made anew after a change on another host', async () => {
    const hosts = new SettingsHosts();
    hosts.values.set('h2 b', 'off');
    const lab = labOf(hosts, { groups: { web: ['h1', 'h2'] } });
    await lab.run(play('a b c'));
    expect(hosts.trips('h1')).toEqual(['h1 peek a', 'h1 peek c']);
    expect(hosts.trips('h2')).toEqual(['h2 peek a', 'h2 put b', 'h2 peek c']);
  });

  it('are made anew after a handler or a command has run in between', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts);
    await lab.run(`
- hosts: all
  facts: false
  tasks:
    - { name: a, setting: { key: a, to: "off" }, notify: h }
    - { name: b, setting: { key: b, to: "on" } }
    - { name: c, setting: { key: c, to: "on" } }
    - meta: flush_handlers
    - { name: d, setting: { key: c, to: "on" } }
    - { name: act, sim: { do: act, would: act } }
    - { name: e, setting: { key: c, to: "on" } }
  handlers:
    - { name: h, setting: { key: c, to: "off" } }
`);
    expect(lab.outcomes).toEqual([
      'h1: a → changed',
      'h1: b → ok',
      'h1: c → ok',
      'h1: h → changed',
      'h1: d → changed',
      'h1: act → changed',
      'h1: e → ok',
    ]);
    expect(hosts.trips('h1').filter((entry) => entry.endsWith('peek c'))).toHaveLength(4);
  });

  it('fail at their own task, in its words, and no later task runs', async () => {
    const hosts = new SettingsHosts();
    hosts.values.set('h1 c', 'mute');
    const lab = labOf(hosts);
    await lab.run(play('a b c d'));
    expect(lab.outcomes).toEqual(['h1: a → ok', 'h1: b → ok', 'h1: c → failed']);
    expect(lab.messageOf('h1', 'c')).toBe('cannot look at c');
    expect(hosts.trips('h1')).toEqual(['h1 peek a']);
  });

  it('are asked again by their task when they came to nothing', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts, {
      answer: (asked) => {
        const answer = hosts.answer(asked);
        return hosts.log.at(-1) === 'h1 peek b ahead' ? { end: { kind: 'timeout', seconds: 1 } } : answer;
      },
    });
    await lab.run(play('a b c'));
    expect(lab.outcomes).toEqual(['h1: a → ok', 'h1: b → ok', 'h1: c → ok']);
    expect(hosts.trips('h1')).toEqual(['h1 peek a', 'h1 peek b']);
  });

  it('show the world the same events as looks one by one', async () => {
    const playbook = `
- hosts: all
  facts: false
  tasks:
    - { name: a, setting: { key: a, to: "on" }, register: first }
    - { name: "b <%= first.found %>", setting: { key: "<%= first.found %>", to: "on" }, notify: h }
    - { name: none, setting: { key: x, to: "on" }, when: first.changed }
    - { name: many, setting: { key: "<%= item %>", to: "on" }, loop: [p, q, r], register: all }
    - block:
        - { name: c, setting: { key: c, to: "on" }, no_log: true }
        - { name: bad, setting: { key: broken, to: "on" } }
        - { name: never, setting: { key: n, to: "on" } }
      rescue:
        - { name: saved, setting: { key: s, to: "on" } }
      always:
        - { name: last, setting: { key: l, to: "off" }, notify: h }
    - { name: after, setting: { key: l, to: "off" } }
  handlers:
    - { name: h, setting: { key: h, to: "on" } }
`;
    const runs = [];
    for (const confirm of [undefined, async () => 'run' as const]) {
      const hosts = new SettingsHosts();
      for (const host of ['h1', 'h2']) hosts.values.set(`${host} broken`, 'broken');
      const lab = labOf(hosts, { groups: { web: ['h1', 'h2'] }, options: confirm ? { confirm } : {} });
      await lab.run(playbook);
      runs.push({ lab, ahead: hosts.log.filter((entry) => entry.endsWith(' ahead')).length });
    }
    const [gathered, single] = runs;
    expect(gathered?.ahead).toBeGreaterThan(0);
    expect(single?.ahead).toBe(0);
    for (const host of ['h1', 'h2']) {
      const of = (lab: Lab | undefined): readonly string[] =>
        lab ? seen(lab).filter((line) => line.includes(`"host":"${host}"`)) : [];
      expect(of(gathered?.lab)).toEqual(of(single?.lab));
    }
  });

  it('are the same in a preview, where earlier changes are promised', async () => {
    const hosts = new SettingsHosts();
    hosts.values.set('h1 b', 'broken');
    const lab = labOf(hosts, { options: { preview: true } });
    await lab.run(play('a=off b c d=off'));
    expect(lab.outcomes).toEqual(['h1: a → change', 'h1: b → failed']);
    const again = labOf(hosts, { options: { preview: true } });
    hosts.values.set('h1 b', 'on');
    await again.run(play('a=off b c d=off a'));
    expect(again.outcomes.map((line) => line.split('→ ')[1])).toEqual(['change', 'same', 'same', 'change', 'same']);
    expect(hosts.log.some((entry) => entry.includes(' put '))).toBe(false);
  });

  it('end with the run when it is cancelled while one is awaited', async () => {
    const hosts = new SettingsHosts();
    const controller = new AbortController();
    const lab = labOf(hosts, {
      signal: controller.signal,
      answer: async (asked) => {
        const answer = hosts.answer(asked);
        if (hosts.log.at(-1) !== 'h1 peek b ahead') return answer;
        await new Promise((resolve) => asked.request.signal?.addEventListener('abort', resolve, { once: true }));
        return { end: { kind: 'lost', message: 'ended' } };
      },
    });
    const running = lab.run(play('a b c'));
    await expect.poll(() => lab.outcomes).toContain('h1: a → ok');
    controller.abort();
    expect((await running).result).toBe('interrupted');
    expect(lab.outcomes.filter((line) => line.startsWith('h1: c'))).toEqual([]);
  });

  it('count against the timeout of the task that needs them', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts, {
      answer: async (asked) => {
        const answer = hosts.answer(asked);
        if (hosts.log.at(-1) === 'h1 peek b ahead') await new Promise(() => undefined);
        return answer;
      },
    });
    await lab.run(`
- hosts: all
  facts: false
  tasks:
    - { name: a, setting: { key: a, to: "on" } }
    - { name: b, setting: { key: b, to: "on" }, timeout: 5 }
`);
    expect(lab.outcomes).toEqual(['h1: a → ok', 'h1: b → failed']);
    expect(lab.messageOf('h1', 'b')).toContain('timeout of 5 s');
  });

  it('are not used on another connection than the one that answered', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts, {
      answer: (asked) => {
        const answer = hosts.answer(asked);
        return hosts.log.length === 2 ? { ...answer, last: true } : answer;
      },
    });
    await lab.run(play('a b'));
    expect(lab.connected).toEqual(['h1', 'h1']);
    expect(hosts.trips('h1')).toEqual(['h1 peek a', 'h1 peek b']);
    expect(lab.outcomes).toEqual(['h1: a → ok', 'h1: b → ok']);
  });

  it('are not used when they are old', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts, {
      answer: async (asked) => {
        const answer = hosts.answer(asked);
        if (hosts.log.at(-1) === 'h1 peek c ahead') await lab.clock.sleep(11_000, new AbortController().signal);
        return answer;
      },
    });
    await lab.run(play('a b c'));
    expect(hosts.trips('h1')).toContain('h1 peek c');
    expect(lab.outcomes).toContain('h1: c → ok');
  });

  it('are left out where a task works elsewhere, once for all, or one host at a time', async () => {
    const hosts = new SettingsHosts();
    const lab = labOf(hosts, { groups: { web: ['h1', 'h2'] } });
    await lab.run(`
- hosts: all
  facts: false
  tasks:
    - { name: a, setting: { key: a, to: "on" } }
    - { name: b, setting: { key: b, to: "on" }, delegate_to: h1 }
    - { name: c, setting: { key: c, to: "on" }, run_once: true }
    - { name: d, setting: { key: d, to: "on" }, throttle: 1 }
`);
    expect(hosts.log.filter((entry) => entry.endsWith(' ahead'))).toEqual([]);
    expect(lab.outcomes).toHaveLength(7);
  });
});

describe('looks of a rehearsal', () => {
  const tasks = (keys: string): string =>
    keys
      .split(' ')
      .map((key) => `    - { name: ${key}, setting: { key: ${key}, to: "on" } }\n`)
      .join('');
  /** A host whose ensemble is well: what its probe prints. */
  const well = 'healthy\t0\tup\nleader\t0\t\npresent\t0\t\nidentity\t0\th1\n';
  const ensemble = (hosts: SettingsHosts): Lab =>
    labOf(hosts, {
      answer: (asked) => (asked.text.includes('probe healthy') ? { stdout: well } : hosts.answer(asked)),
    });

  it('cost one round trip in all, and none are made again where nothing differs', async () => {
    const hosts = new SettingsHosts();
    const lab = ensemble(hosts);
    await lab.run(`${storePlay}\n  tasks:\n${tasks('a b c d e f g h')}`);
    expect(hosts.trips('h1')).toEqual(['h1 peek a']);
    expect(hosts.log).toHaveLength(8);
    expect(lab.outcomes).toEqual('a b c d e f g h'.split(' ').map((key) => `h1: ${key} → ok`));
  });

  it('are made once, however many tasks make the same, and not again in the run', async () => {
    const hosts = new SettingsHosts();
    const lab = ensemble(hosts);
    const known = (key: string): string =>
      `    - { name: known, setting: { key: "<%= f.found === 'on' ? '${key}' : '' %>", to: "on" } }\n`;
    const first = '    - { name: f, setting: { key: a, to: "on" }, register: f }\n';
    await lab.run(`${storePlay}\n  tasks:\n${first}${known('b')}${tasks('a c a d')}`);
    const looks = hosts.log.map((entry) => entry.replace(' ahead', ''));
    expect(looks.toSorted()).toEqual(['h1 peek a', 'h1 peek b', 'h1 peek c', 'h1 peek d']);
    expect(lab.outcomes.every((line) => line.endsWith('ok'))).toBe(true);
  });

  it('reach a task that is tried again or takes turns, too', async () => {
    const hosts = new SettingsHosts();
    const lab = ensemble(hosts);
    const waiting = '    - { name: w, setting: { key: w, to: "on" }, retries: 3, delay: 1 }\n';
    const inTurn = '    - { name: t, setting: { key: t, to: "on" }, throttle: 1 }\n';
    await lab.run(`${storePlay}\n  tasks:\n${tasks('a')}${waiting}${inTurn}${tasks('b')}`);
    expect(hosts.log).toEqual(['h1 peek a', 'h1 peek w ahead', 'h1 peek t ahead', 'h1 peek b ahead']);
  });

  it('are made again where something differs: the ensemble is asked anew before each step', async () => {
    const hosts = new SettingsHosts();
    hosts.values.set('h1 b', 'off');
    const lab = ensemble(hosts);
    await lab.run(`${storePlay}\n  tasks:\n${tasks('a b')}`);
    expect(hosts.log.filter((entry) => entry.includes('peek a'))).toHaveLength(2);
    expect(hosts.trips('h1')).toContain('h1 put b');
    expect(lab.outcomesOf('b')).toEqual({ h1: 'changed' });
  });
});
