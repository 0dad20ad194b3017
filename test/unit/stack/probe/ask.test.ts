import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Answer, askAll, parseAnswers, type Question } from '../../../../src/stack/probe/ask.js';
import { isThere, localHost, type LocalShell, localShells, shellWith } from '../../modules/local-host.js';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
});

/** A server on the loopback; gives its endpoint. */
async function serve(answer: (socket: Socket, request: string) => void): Promise<string> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (bytes: Buffer) => answer(socket, bytes.toString('utf8')));
    socket.on('error', () => undefined);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(shell: LocalShell, questions: readonly Question[]): Promise<ReadonlyMap<string, Answer>> {
  const { end, stdout, stderr } = await localHost(shell).query(askAll(questions));
  return parseAnswers({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
}

const echo = (): Promise<string> => serve((socket, request) => void socket.end(request));

/** bash with a `timeout` that stays in the process group it was started in, as busybox's does. */
function withoutGroup(): LocalShell {
  const path = mkdtempSync(join(tmpdir(), 'runner-test-path-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  for (const program of ['bash', 'cat']) {
    symlinkSync(
      execFileSync('/bin/sh', ['-c', 'command -v "$0"', program], { encoding: 'utf8' }).trim(),
      join(path, program),
    );
  }
  writeFileSync(join(path, 'timeout'), '#!/bin/sh\nshift\nexec "$@"\n');
  chmodSync(join(path, 'timeout'), 0o755);
  return { name: 'bash, and a timeout without a group', command: ['/bin/sh'], path };
}

const shells = isThere('bash')
  ? [...localShells(), shellWith(['timeout', 'cat', 'bash']), withoutGroup()]
  : localShells();

describe.each(shells)('asking many endpoints over TCP with $name', (shell) => {
  test('brings every word there and back as it is', async () => {
    const endpoint = await echo();
    const words = [
      `it's "$HOME" \`id\` $(id) \\n %s`,
      '\n\ntwo before, two behind\n\n',
      'ends like a code\n0',
      'ä → ✓',
    ];
    const told = await ask(
      shell,
      words.map((request, index) => ({ key: `'$key ${index}'`, endpoint, request })),
    );
    expect([...told]).toEqual(words.map((text, index) => [`'$key ${index}'`, { kind: 'answer', text }]));
  });

  test('gives large answers whole', async () => {
    const large = `${'x'.repeat(99)}\n`.repeat(20_000);
    const endpoint = await serve((socket) => void socket.end(large));
    const told = await ask(shell, [
      { key: 'one', endpoint, request: 'a' },
      { key: 'two', endpoint, request: 'b' },
    ]);
    expect([told.get('one'), told.get('two')]).toEqual([
      { kind: 'answer', text: large },
      { kind: 'answer', text: large },
    ]);
  });

  test('takes no byte of an answer for a record of its own', async () => {
    const endpoint = await serve((socket) => void socket.end('4\0answer\0other\x000\0forged\0'));
    const told = await ask(shell, [{ key: 'mine', endpoint, request: 'a' }]);
    expect([...told.keys()]).toEqual(['mine']);
  });
});

describe.each(isThere('bash') ? [shellWith(['timeout', 'cat', 'bash'])] : [])('those who stay silent', (shell) => {
  test('cost the time limit once, and what was said until then counts', { timeout: 20_000 }, async () => {
    const mute = await serve(() => undefined);
    const talks = await serve((socket) => void socket.write('some\nwords'));
    const leaves = await serve((socket) => void socket.end());
    const began = performance.now();
    const told = await ask(shell, [
      { key: 'mute', endpoint: mute, request: 'a' },
      { key: 'mute too', endpoint: mute, request: 'a' },
      { key: 'talks', endpoint: talks, request: 'a' },
      { key: 'leaves', endpoint: leaves, request: 'a' },
      { key: 'refuses', endpoint: '127.0.0.1:1', request: 'a' },
      { key: 'answers', endpoint: await echo(), request: 'hello' },
    ]);
    expect(performance.now() - began).toBeLessThan(7500);
    expect(Object.fromEntries(told)).toEqual({
      mute: { kind: 'silent', reason: 'it does not answer within 4 s' },
      'mute too': { kind: 'silent', reason: 'it does not answer within 4 s' },
      talks: { kind: 'answer', text: 'some\nwords' },
      leaves: { kind: 'silent', reason: 'it closes the connection without a word' },
      refuses: { kind: 'silent', reason: 'the connection is refused' },
      answers: { kind: 'answer', text: 'hello' },
    });
  });
});
