import { describe, expect, it, vi } from 'vitest';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labForFile, type Outcome } from './conformance/lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

/** A store of which each host has a folder: the version it runs, whether it is up, who leads. */
const play = (settings = ''): string => `
- name: Store
  hosts: h1:h2:h3
  vars:
    dir: <%= out %>/<%= host.name %>
    leader: <%= out %>/leader
  ensemble:
    kind: generic
    title: Store
    healthy: "cat <%= dir %>/up"
    leader: test "$(cat <%= leader %>)" = <%= host.name %>
    present: "test -d <%= dir %>"
    identity: test -n <%= host.address %> && echo <%= host.name %>
    keep: "[ ! -f <%= dir %>/version ] || cp <%= dir %>/version <%= dir %>/kept"
    roll_back: "cp <%= dir %>/kept <%= dir %>/version && cp <%= dir %>/version <%= dir %>/up"
    forget: "rm -f <%= dir %>/kept"
    gate_interval: 100ms
    gate_deadline: 20s
${settings}  tasks:
    - file: { path: <%= dir %>, state: directory }
    - name: version
      copy: { content: <%= version %>, dest: <%= dir %>/version }
      notify: restart
  handlers:
    - name: restart
      shell: "echo <%= host.name %> >> <%= log %>; rm -f <%= dir %>/up; grep -q bad <%= dir %>/version || cp <%= dir %>/version <%= dir %>/up"
`;

/** Three members at version 1, led by h1. */
function running(): void {
  for (const host of ['h1', 'h2', 'h3']) {
    mkdirSync(join(lab.out, host), { mode: 0o777 });
    for (const name of ['version', 'up']) writeFileSync(join(lab.out, host, name), '1', { mode: 0o666 });
  }
  writeFileSync(join(lab.out, 'leader'), 'h1');
}

function steps(run: Outcome): readonly string[] {
  return run.events.flatMap((event) => (event.kind === 'rollout-step' ? [event.hosts.join('+')] : []));
}

function refusals(run: Outcome): readonly string[] {
  return run.events.flatMap((event) => (event.kind === 'rollout-refused' ? [event.message] : []));
}

describe('a play with an ensemble, over SSH', () => {
  it('brings up what is not there, leaves alone what is right, and steps what differs, the leader last', async () => {
    const made = await lab.apply(play(), '-b', '-e', 'version=1');
    expect(made.code, made.why).toBe(0);
    expect(steps(made)).toEqual([]);
    writeFileSync(join(lab.out, 'leader'), 'h2');
    const again = await lab.apply(play(), '-b', '-e', 'version=1');
    expect(again.code, again.why).toBe(0);
    expect(steps(again)).toEqual([]);
    expect(again.recap('h1').changed).toBe(0);
    const rolled = await lab.apply(play(), '-b', '-e', 'version=2');
    expect(rolled.code, rolled.why).toBe(0);
    expect(steps(rolled)).toEqual(['h1', 'h3', 'h2']);
    expect(lab.marks().slice(3)).toEqual(['h1', 'h3', 'h2']);
    expect(lab.read('h2/up')).toBe('2');
    expect(existsSync(join(lab.out, 'h2/kept'))).toBe(false);
  });

  it('rolls a bad version back on its first host and stops, with what was said last', async () => {
    running();
    const run = await lab.apply(play().replace('deadline: 20s', 'deadline: 4s'), '-b', '-e', 'version=bad');
    expect(run.code).toBe(1);
    expect(lab.marks()).toEqual(['h2']);
    expect(['h1', 'h2', 'h3'].map((host) => lab.read(`${host}/up`))).toEqual(['1', '1', '1']);
    expect(run.why).toContain('the gate after h2 did not hold within 4 s: h2: it is healthy: cat: ');
    expect(run.why).toContain('h2 was rolled back; Store is well again: 3 of 3 serve');
    expect(run.recap('h2').failed).toBe(1);
  });

  it('refuses with the arithmetic when a member is down, and when its host does not answer', async () => {
    running();
    rmSync(join(lab.out, 'h3/up'));
    const down = await lab.apply(play(), '-b', '-e', 'version=2', '-l', 'h2');
    expect(down.code).toBe(1);
    expect(refusals(down)[0]).toMatch(
      /^Store: stepping h2 would leave 1 of 3 serving, 2 are needed: h3 is down \(cat: .*No such file or directory\)$/,
    );
    lab.write('host_vars/h3.yaml', 'ssh: { port: 1 }\n');
    const away = await lab.apply(play(), '-b', '-e', 'version=2');
    expect(refusals(away)[0]).toContain('stepping h2 would leave 1 of 3 serving, 2 are needed: h3 is down (');
    expect(lab.marks()).toEqual([]);
  });

  it('tells in a preview in what order hosts would be stepped', async () => {
    running();
    lab.write('site.yaml', play());
    const run = await lab.run('plan', 'site.yaml', '-b', '-e', 'version=2');
    expect(run.code, run.why).toBe(0);
    expect(run.stdout).toContain(
      'Store: 3 of 3 serve, 2 needed, h1 leads; steps: h2 (does not lead) → h3 (does not lead) → h1 (leads, comes last)',
    );
    expect(lab.read('h2/version')).toBe('1');
  });
});

describe('mistakes in `ensemble` are found before any host is asked', () => {
  const validate = async (text: string): Promise<Outcome> => {
    lab.write('site.yaml', text);
    return lab.run('validate', 'site.yaml', '-e', 'version=1');
  };

  it('an unknown kind', async () => {
    const run = await validate(play().replace('kind: generic', 'kind: zookeper'));
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/site\.yaml:8:11/);
    expect(run.stderr).toContain('did you mean `zookeeper`?');
  });

  it('an unknown setting, with its place', async () => {
    const run = await validate(play('    helthy: "true"\n'));
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/site\.yaml:19:5/);
    expect(run.stderr).toContain('did you mean `healthy`?');
  });

  it('a budget that could never be kept, batches beside it, and a gate without a length of time', async () => {
    const budget = await validate(play('    max_unavailable: 2\n'));
    expect(budget.stderr).toContain('with 2 of 3 members away 1 would be left, and Store needs 2');
    const batches = await validate(play('  serial: 1\n'));
    expect(batches.stderr).toContain('a play with `ensemble` cannot have `serial`');
    const gate = await validate(play().replace('gate_deadline: 20s', 'gate_deadline: soon'));
    expect(gate.stderr).toContain('`gate_deadline` must be a length of time');
    expect([budget.code, batches.code, gate.code]).toEqual([2, 2, 2]);
  });
});
