import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../rig/ports.js';
import { program } from './program.js';
import { labForFile } from './conformance/lab.js';

const lab = labForFile();

const linesOf = (text: string): readonly string[] => text.split('\n').filter(Boolean).toSorted();

async function withDeadHost(): Promise<void> {
  const inventory = readFileSync(join(lab.folder, 'inventory.yaml'), 'utf8');
  lab.write(
    'inventory.yaml',
    `${inventory}    dead:\n      hosts:\n        gone: { ssh: { host: 127.0.0.1, port: ${await freePort()} } }\n`,
  );
}

describe('runner exec', () => {
  it('shows each line with its host, and the exit code of one that failed', async () => {
    const said = await lab.run(
      'exec',
      'web',
      '--shell',
      '--',
      'echo "on $(id -un)"; echo err >&2; [ "$SSH_CONNECTION" ]',
    );
    expect(said.code).toBe(0);
    expect(linesOf(said.stdout)).toEqual([`h1 | on ${lab.user.name}`, `h2 | on ${lab.user.name}`]);
    expect(linesOf(said.stderr)).toEqual(['h1 | err', 'h2 | err']);
    const failed = await lab.run('exec', 'h1', '--', 'sh', '-c', 'exit 7');
    expect([failed.code, failed.stderr.trim()]).toEqual([1, 'h1 | exit code 7']);
  });

  it('tells programs the streams and the end of each host apart, as JSON', async () => {
    const script = `printf 'a\\000\\377\\033[31m\\n'; echo err >&2; case $SSH_CONNECTION in *127.0.1.2*) kill -9 $$;; esac; exit 7`;
    const said = await lab.run('exec', 'h1,h2', '--output', 'json', '--shell', '--', script);
    expect(linesOf(said.stdout).map((line) => JSON.parse(line) as unknown)).toEqual([
      { host: 'h1', status: 'failed', code: 7, message: 'exit code 7' },
      { host: 'h1', stream: 'stderr', line: 'err' },
      { host: 'h1', stream: 'stdout', line: 'a\u0000\ufffd\u001b[31m' },
      { host: 'h2', status: 'failed', signal: 'SIGKILL', message: 'killed by SIGKILL' },
      { host: 'h2', stream: 'stderr', line: 'err' },
      { host: 'h2', stream: 'stdout', line: 'a\u0000\ufffd\u001b[31m' },
    ]);
  });

  it('gives its own standard input to the command of every host when asked to, byte for byte', async () => {
    const input = Buffer.from([0x61, 0x00, 0xff, 0x0d, 0x0a, 0x27, 0x5c, 0x62]);
    const child = spawn('node', [program, 'exec', 'web', '--stdin', '--', 'od', '-An', '-tx1'], { cwd: lab.folder });
    child.stdin.end(input);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child, 'close');
    const bytes = '61 00 ff 0d 0a 27 5c 62';
    expect(linesOf(Buffer.concat(chunks).toString())).toEqual([`h1 |  ${bytes}`, `h2 |  ${bytes}`]);
  });

  it('gathers hosts that say the same, the largest group first, and names those that could not be reached', async () => {
    await withDeadHost();
    const script = 'case $SSH_CONNECTION in *127.0.1.3*) echo other;; *) echo "a  b"; echo c;; esac';
    const said = await lab.run('exec', 'all', '--gather', '--shell', '--', script);
    expect(said.stdout).toBe('h1, h2, h4 (3)\n  a  b\n  c\nh3 (1)\n  other\n');
    expect(said.stderr).toContain('gone | unreachable:');
    expect(said.code).toBe(3);
  });

  it('ends a command whose time is over', async () => {
    const said = await lab.run('exec', 'h1', '--timeout', '1', '--', 'sleep', '60');
    expect([said.code, said.stderr.trim()]).toEqual([1, 'h1 | ended after 1 s: its time was over']);
  });
});

describe('runner ping', () => {
  it('says how long it took, as whom, with which shell', async () => {
    const said = await lab.run('ping', 'web');
    expect(said.code).toBe(0);
    expect(said.stdout).toMatch(new RegExp(`^h1 \\| ok in \\d+ ms, ${lab.user.name}, /\\S+, Linux \\S+$`, 'm'));
    expect(said.stdout.trim().split('\n')).toHaveLength(2);
  });

  it('becomes the other user when asked, and says why it cannot', async () => {
    const said = await lab.run('ping', 'h1', '-b', '--output', 'json');
    expect(JSON.parse(said.stdout)).toMatchObject({ host: 'h1', status: 'ok', user: lab.user.name, become: 'root' });
    const refused = await lab.run('ping', 'h1', '-b', '--become-user', 'no-such-user');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('no-such-user');
  });

  it('ends with 3 when hosts cannot be reached', async () => {
    await withDeadHost();
    const said = await lab.run('ping', 'all');
    expect(said.code).toBe(3);
    expect(said.stdout.trim().split('\n')).toHaveLength(4);
    expect(said.stderr).toContain('gone | unreachable:');
  });
});

describe('runner copy and runner fetch', () => {
  it('copy a file there and back again, and change nothing the second time', async () => {
    const name = `odd '"$x <%= 1 %> name`;
    writeFileSync(join(lab.folder, name), 'content\n');
    const target = join(lab.out, name);
    const args = ['copy', 'h1', name, target, '--mode', '0640', '--output', 'json'];
    const preview = await lab.run(...args, '--check');
    expect([preview.code, preview.recap('h1')]).toEqual([0, expect.objectContaining({ changed: 1 })]);
    expect(lab.read(name)).toBeUndefined();
    const said = await lab.run(...args);
    expect(said.why).toBe('');
    expect([said.code, said.recap('h1'), lab.read(name)]).toEqual([
      0,
      expect.objectContaining({ changed: 1 }),
      'content\n',
    ]);
    expect((await lab.run(...args)).recap('h1')).toMatchObject({ changed: 0, ok: 1 });
    const fetched = await lab.run('fetch', 'h1,h2', target, 'back');
    expect(fetched.code).toBe(0);
    expect(readFileSync(join(lab.folder, 'back/h2', target), 'utf8')).toBe('content\n');
  });

  it('say what is missing, here before anything is connected to, and there as a failure', async () => {
    const missing = await lab.run('fetch', 'h1', '/no/such/file', 'back');
    expect([missing.code, missing.stdout + missing.stderr]).toEqual([1, expect.stringContaining('/no/such/file')]);
    const source = await lab.run('copy', 'h1', 'no-such-file', '/x');
    expect([source.code, source.stderr]).toEqual([2, expect.stringContaining('no-such-file here')]);
    const flat = await lab.run('fetch', 'web', '/etc/hostname', 'back', '--flat');
    expect([flat.code, flat.stderr]).toEqual([2, expect.stringContaining('are 2 hosts')]);
    const unknown = await lab.run('copy', 'nobody', 'x', '/x');
    expect(unknown.code).toBe(2);
  });
});
