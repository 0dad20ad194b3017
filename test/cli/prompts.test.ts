import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quote } from '../../src/shell/quote.js';
import { until } from '../rig/until.js';
import { startSshd } from '../rig/sshd.js';
import { folderOf, program } from './program.js';

const password = `s3cret pä$$'"`;
let rig: Awaited<ReturnType<typeof startSshd>>;
let folder: ReturnType<typeof folderOf>;

beforeAll(async () => {
  rig = await startSshd();
  const { name } = rig.addUser({ name: `${rig.user.name}p`, password, sudo: ['ALL=(ALL) ALL'] });
  const settings = `host: 127.0.1.1, port: ${String(rig.port)}, user: ${name}, agent: false, known_hosts: ${rig.knownHosts}`;
  folder = folderOf({ 'inventory.yaml': `web:\n  hosts:\n    h1: { ssh: { ${settings} } }\n` });
});

afterAll(async () => {
  folder.remove();
  await rig.stop();
});

it('-k and -K ask on the terminal without an echo, and what is typed logs in and becomes root', async () => {
  const words = [process.execPath, program, 'exec', 'h1', '-k', '-K', '-b', '--', 'id', '-un'].map(quote).join(' ');
  const terminal = spawn('script', ['-qec', words, '/dev/null'], {
    cwd: folder.path,
    env: { ...process.env, HOME: folder.path, NO_COLOR: '1', SSH_AUTH_SOCK: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  terminal.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  for (const question of ['SSH password: ', 'BECOME password: ']) {
    await until(() => shown.includes(question));
    terminal.stdin.write(`${password}\n`);
  }
  await once(terminal, 'close');
  expect(shown.replaceAll('\r', '')).toBe('SSH password: \nBECOME password: \nh1 | root\n');
});
