import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { makeKey, publicKey } from '../../rig/sshd.js';
import { startStopwatch } from '../../rig/stopwatch.js';
import { program } from '../program.js';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile({ config: ['Banner /etc/issue', 'MaxAuthTries 6'] });
const password = 'sUd0-of-the-rig';

describe('become', () => {
  it('P01: root and another user; ~ is the home of the user one has become; inner words win', async () => {
    const other = lab.addUser({ name: `oth${lab.sshd.port}` });
    const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks:
          - { shell: "echo <%= host.name %> $(id -un) $HOME >> <%= log %>" }
          - { shell: "echo <%= host.name %> $(id -un) $HOME >> <%= log %>", become_user: ${other.name} }
          - { shell: "echo <%= host.name %> $(id -un) >> <%= log %>", become: false }
          - { copy: { content: mine, dest: "~/of-other", mode: "0600" }, become_user: ${other.name} }
          - { stat: { path: "${other.home}/of-other" }, register: s }
          - { name: told, debug: { msg: "<%= s.stat.pw_name %> <%= s.stat.mode %>" } }
          - { name: unknown, command: "true", become_user: nobody-of-that-name, ignore_errors: true }
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['root /root', `${other.name} ${other.home}`, lab.user.name]);
    expect(run.task('told')['h1']?.message).toBe(`${other.name} 0600`);
    expect(run.task('unknown')['h1']).toMatchObject({ status: 'failed' });
    expect(run.task('unknown')['h1']?.message).toContain('no such user');
  });

  it('P02: the right, the wrong and no password are told apart within seconds; it is never printed nor in the process list', async () => {
    const user = lab.addUser({ name: `pwd${lab.sshd.port}`, password, sudo: ['ALL=(ALL:ALL) ALL'] });
    const playbook = `- { hosts: h1, become: true, tasks: [{ name: who, shell: "id -un; ps axwwe -o args > <%= out %>/seen; cat /proc/$$/environ >> <%= out %>/seen" }] }\n`;
    const texts: string[] = [];
    for (const given of [password, 'wr0ng-passw0rd', undefined]) {
      lab.write('host_vars/h1.yaml', given === undefined ? '{}\n' : `become_password: ${given}\n`);
      const watch = startStopwatch();
      const run = await lab.apply(playbook, '-u', user.name, '-vvv');
      expect(run.code, run.why).toBe(given === password ? 0 : 1);
      expect(watch.milliseconds()).toBeLessThan(20_000);
      expect(run.stdout + run.stderr).not.toMatch(/sUd0-of-the-rig|wr0ng-passw0rd/);
      texts.push(run.task('who')['h1']?.message ?? 'fine');
    }
    expect(lab.read('seen')).toContain('sshd');
    expect(lab.read('seen')).not.toContain(password);
    expect(texts[0]).toBe('fine');
    expect(texts[1]).toContain('the password is wrong');
    expect(texts[2]).toContain('none was given');
  });

  it('P03: -b, --become-user and the variables of the inventory say it too; exec knows them as well', async () => {
    lab.write('host_vars/h2.yaml', 'become: true\n');
    const playbook = '- { hosts: web, tasks: [{ shell: "echo <%= host.name %> $(id -un) >> <%= log %>" }] }\n';
    expect((await lab.apply(playbook)).code).toBe(0);
    expect(lab.marks().toSorted()).toEqual([`h1 ${lab.user.name}`, 'h2 root']);
    const ran = await lab.run('exec', 'web', '-b', '--', 'id', '-un');
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout.match(/root/g)).toHaveLength(2);
  });
});

describe('connections', () => {
  it('Q01: a session that is killed while a command runs makes that host unreachable at once; the others go on', async () => {
    // The command tells which sshd serves it.
    lab.write(
      'files/long.sh',
      `p=$$; until [ "$(cat /proc/$p/comm)" = sshd ]; do p=$(cut -d' ' -f4 /proc/$p/stat); done\necho $p > $1/served-by; sleep 120\n`,
    );
    lab.write(
      'site.yaml',
      `
      - hosts: web
        tasks:
          - { name: long, script: "long.sh <%= out %>", when: 'host.name === "h1"' }
          - ${mark('after')}
    `,
    );
    const running = lab.run('apply', '--output', 'json', 'site.yaml');
    await vi.waitUntil(() => lab.read('served-by')?.endsWith('\n'), { timeout: 60_000, interval: 20 });
    process.kill(Number(lab.read('served-by')), 'SIGKILL');
    const run = await running;
    expect(run.code, run.why).toBe(3);
    expect(run.statuses('long')).toEqual({ h1: 'unreachable', h2: 'skipped' });
    expect(run.task('long')['h1']?.milliseconds).toBeLessThan(60_000);
    expect(lab.marks()).toEqual(['h2 after']);
  });

  it('Q03: reset_connection opens a new session, of the login user and of the one become', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { shell: "echo $PPID", register: one, become: true }
          - { shell: "echo $SSH_CONNECTION", register: c1 }
          - meta: reset_connection
          - { shell: "echo $SSH_CONNECTION", register: c2 }
          - { name: told, debug: { msg: "<%= c1.stdout !== c2.stdout %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('true');
  });

  it('Q07: a banner and a profile full of "password:" are no prompt and do not get into the output', async () => {
    const noisy = lab.addUser({ name: `noi${lab.sshd.port}`, sudo: ['ALL=(ALL:ALL) NOPASSWD: ALL'] });
    writeFileSync(join(noisy.home, '.profile'), 'echo "password: Password: [sudo] password for you:"\n');
    const run = await lab.apply(
      `
      - hosts: h1
        become: true
        tasks: [{ command: echo fine, register: r }, { name: told, debug: { msg: "[<%= r.stdout %>]" } }]
    `,
      '-u',
      noisy.name,
    );
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('[fine]');
  });

  it('Q09: a server that says nothing and a login that takes too long are unreachable after the connect timeout', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const slow = lab.addUser({ name: `slo${lab.sshd.port}`, shell: '/bin/bash' });
    writeFileSync(join(slow.home, '.bashrc'), 'sleep 120\n');
    lab.write('host_vars/h2.yaml', `ssh: { host: 127.0.0.1, port: ${port}, connect_timeout: 2 }\n`);
    lab.write('host_vars/h3.yaml', `ssh: { user: ${slow.name}, connect_timeout: 2 }\n`);
    const watch = startStopwatch();
    const run = await lab.apply(`- { hosts: "all:!h4", tasks: [{ name: a, ${mark('a')} }] }\n`);
    silent.close();
    expect(run.code, run.why).toBe(3);
    expect(watch.milliseconds()).toBeLessThan(20_000);
    expect(lab.marks()).toEqual(['h1 a']);
    for (const host of ['h2', 'h3']) expect(run.task('a')[host]?.message).toMatch(/timeout|timed out|within 2 s/i);
  });

  it('Q15: an unknown key is refused, accept-new takes it once, a changed one is always refused and known_hosts stays', async () => {
    const known = join(lab.folder, 'known');
    const settings = (policy: string): void =>
      lab.write('group_vars/all.yaml', `ssh: { host_key: ${policy}, known_hosts: ${known} }\n`);
    const playbook = '- { hosts: h1, tasks: [{ command: "true" }] }\n';
    settings('strict');
    expect((await lab.apply(playbook)).code).toBe(3);
    settings('accept-new');
    expect((await lab.apply(playbook)).code).toBe(0);
    expect(readFileSync(known, 'utf8')).toContain(`[127.0.1.1]:${lab.sshd.port} ssh-ed25519`);
    settings('strict');
    expect((await lab.apply(playbook)).code).toBe(0);
    makeKey(join(lab.folder, 'other'), 'ed25519');
    const changed = `[127.0.1.1]:${lab.sshd.port} ${publicKey(join(lab.folder, 'other'))}\n`;
    writeFileSync(known, changed);
    for (const policy of ['strict', 'accept-new']) {
      settings(policy);
      const run = await lab.apply(playbook);
      expect(run.code, run.why).toBe(3);
      expect(run.why).toMatch(/key/i);
    }
    expect(readFileSync(known, 'utf8')).toBe(changed);
  });

  it('Q17: a key with a passphrase: right, wrong and absent do not hang; a key of nobody is refused in plain words', async () => {
    const key = join(lab.folder, 'locked');
    makeKey(key, 'ed25519', 'open-sesame');
    const authorized = join(lab.sshd.directory, 'authorized_keys');
    const before = readFileSync(authorized, 'utf8');
    writeFileSync(authorized, `${before}${publicKey(key)}\n`);
    const playbook = '- { hosts: h1, tasks: [{ command: "true" }] }\n';
    for (const [passphrase, code] of [
      ['passphrase: open-sesame', 0],
      ['passphrase: wrong', 3],
      ['', 3],
    ] as const) {
      lab.write('group_vars/all.yaml', `ssh: { key: ${key}, ${passphrase} }\n`);
      const run = await lab.apply(playbook);
      expect(run.code, run.why).toBe(code);
      expect(run.stdout + run.stderr).not.toContain('open-sesame');
    }
    writeFileSync(authorized, before);
    makeKey(join(lab.folder, 'stranger'), 'ed25519');
    lab.write('group_vars/all.yaml', `ssh: { key: ${join(lab.folder, 'stranger')}, passphrase: "" }\n`);
    const stranger = await lab.apply(playbook);
    expect(stranger.code, stranger.why).not.toBe(0);
  });

  it('Q21: a second run on the same hosts is refused at once and told who; after a SIGKILL the lock is free again', async () => {
    lab.write('long.yaml', '- { hosts: h1, tasks: [{ shell: "touch <%= out %>/running; sleep 120" }] }\n');
    const first = spawn('node', [program, 'apply', 'long.yaml'], { cwd: lab.folder, stdio: 'ignore' });
    await vi.waitUntil(() => lab.read('running') !== undefined, { timeout: 60_000, interval: 20 });
    const watch = startStopwatch();
    const second = await lab.apply(`- { hosts: all, tasks: [{ ${mark('x')} }] }\n`);
    expect(second.code, second.why).toBe(5);
    expect(watch.milliseconds()).toBeLessThan(10_000);
    expect(second.why).toMatch(new RegExp(`pid ${String(first.pid)}`));
    expect(lab.marks()).toEqual([]);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const lock = `/tmp/runner.${lab.sshd.port}.lock`;
    const third = await vi.waitUntil(
      async () => {
        // Its last sign of life lies a minute back; one more may just be on its way.
        const [token, boot, beat, holder] = readFileSync(lock, 'utf8').split('\n');
        writeFileSync(lock, [token, boot, Number(beat) - 60, holder, ''].join('\n'));
        const run = await lab.apply(`- { hosts: all, tasks: [{ ${mark('x')} }] }\n`);
        return run.code === 5 ? undefined : run;
      },
      { timeout: 90_000, interval: 100 },
    );
    expect(third.code, third.why).toBe(0);
  });

  it('Q23: a rollout with a bad artefact stops at the gate of the first batch; the others are never touched', async () => {
    for (const host of ['h1', 'h2', 'h3', 'h4']) lab.write(`out/${host}.version`, 'old');
    execFileSync('sh', ['-c', `chmod 666 ${lab.out}/*.version`]);
    const run = await lab.apply(`
      - hosts: all
        serial: 1
        tasks: [{ shell: "echo broken > <%= out %>/<%= host.name %>.version" }]
        gate: [{ name: healthy, shell: "grep -q new <%= out %>/<%= host.name %>.version", retries: 1, delay: 0 }]
        on_failure: [{ shell: "echo <%= host.name %> rolled-back >> <%= log %>" }]
    `);
    expect(run.code, run.why).toBe(1);
    expect(['h1', 'h2', 'h3', 'h4'].map((host) => lab.read(`${host}.version`)?.trim())).toEqual([
      'broken',
      'old',
      'old',
      'old',
    ]);
    expect(lab.marks()).toEqual(['h1 rolled-back']);
  });

  it('Q25: a file whose check fails is not put in place, nothing is left beside it', async () => {
    lab.write('out/config', 'good\n');
    const run = await lab.apply(`
      - hosts: h1
        become: true
        tasks:
          - { name: checked, copy: { content: "bad\\n", dest: "<%= out %>/config", validate: "grep -q good %s" }, ignore_errors: true }
          - { name: accepted, copy: { content: "also good\\n", dest: "<%= out %>/config", validate: "grep -q good %s" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.statuses('checked')).toEqual({ h1: 'failed' });
    expect(lab.read('config')).toBe('also good\n');
    expect(execFileSync('ls', ['-A', lab.out], { encoding: 'utf8' }).trim().split('\n')).toEqual(['config', 'log']);
  });
});

describe('exec', () => {
  it('runs a command on the hosts of a pattern, in inventory order, with its exit code', async () => {
    const ran = await lab.run('exec', 'all:!h4', '--', 'echo', 'a b', '$HOME');
    expect(ran.code, ran.stderr).toBe(0);
    for (const host of ['h1', 'h2', 'h3']) expect(ran.stdout).toContain(host);
    expect(ran.stdout.match(/a b \$HOME/g)).toHaveLength(3);
    expect((await lab.run('exec', 'web', '--', 'false')).code).toBe(1);
  });
});
