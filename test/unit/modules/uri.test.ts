import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uri } from '../../../src/modules/uri.js';
import { localController } from './local-controller.js';
import { isThere, localHost, localShells, shellWith, type LocalShell } from './local-host.js';
import { applyModule, type Pass } from './run-module.js';

interface Seen {
  readonly method: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
  readonly bytes: Buffer;
}

const controller = localController('/', {});

describe('uri', () => {
  let server: Server;
  let other: Server;
  let seen: Seen[] = [];

  const record = async (request: IncomingMessage): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const body = bytes.toString('utf8');
    seen.push({ method: request.method, authorization: request.headers.authorization, body, bytes });
    return body;
  };
  const portOf = (one: Server): number => (one.address() as AddressInfo).port;

  beforeAll(async () => {
    server = createServer((request, response) => {
      void record(request).then((body) => {
        if (request.url === '/json') response.setHeader('Content-Type', 'application/json').end('{"leader": "é"}');
        else if (request.url === '/away')
          response.writeHead(302, { Location: `http://127.0.0.1:${portOf(other)}/` }).end();
        else if (request.url === '/missing') response.writeHead(404).end('no such thing');
        else if (request.url === '/never') return;
        else response.end(`${request.method} ${body}`);
      });
    });
    other = createServer((request, response) => void record(request).then(() => response.end('elsewhere')));
    await Promise.all(
      [server, other].map((one) => new Promise<void>((resolve) => void one.listen(0, '127.0.0.1', resolve))),
    );
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    other.close();
  });

  const shells = [
    shellWith(['cat', 'timeout', 'bash']),
    ...localShells().filter(({ name }) => name === 'busybox'),
    ...(isThere('curl') ? [shellWith(['cat', 'timeout', 'curl'])] : []),
  ];
  const ways: { readonly name: string; readonly shell: LocalShell; readonly from: string }[] = [
    ...shells.map((shell) => ({ name: `the host with ${shell.name}`, shell, from: 'host' })),
    { name: 'the controller', shell: shells[0]!, from: 'controller' },
  ];

  describe.each(ways)('asked from $name', ({ shell, from }) => {
    const ask = (path: string, params: Readonly<Record<string, unknown>> = {}): Promise<Pass> => {
      seen = [];
      const url = `http://127.0.0.1:${portOf(server)}${path}`;
      const request = { module: uri, params: { url, from, ...params }, controller: localController('/', {}) };
      return applyModule(localHost(shell), request);
    };

    test('keeps the data of a JSON answer', async () => {
      const { result } = await ask('/json');
      expect(result).toMatchObject({ changed: false, values: { status: 200, json: { leader: 'é' } } });
    });

    test('sends a body with its type', async () => {
      const { result } = await ask('/', {
        method: 'put',
        body: { a: ['"x\\', 'new\nline'] },
        body_format: 'json',
        return_content: true,
      });
      expect(result?.values).toMatchObject({
        status: 200,
        content: `PUT ${JSON.stringify({ a: ['"x\\', 'new\nline'] })}`,
      });
    });

    test('fails for a status that was not asked for and keeps what was said', async () => {
      const { comparison } = await ask('/missing');
      expect(comparison).toMatchObject({ kind: 'failed', values: { status: 404, content: 'no such thing' } });
      expect((await ask('/missing', { status_code: [200, '404'] })).comparison.kind).toBe('act');
    });

    test('follows a redirect without taking the credentials along', async () => {
      const { result } = await ask('/away', { url_username: 'u', url_password: 'p', return_content: true });
      expect(result?.values).toMatchObject({ content: 'elsewhere', redirected: true });
      expect(seen.map(({ authorization }) => authorization)).toEqual(['Basic dTpw', undefined]);
    });

    test('asks nothing when `creates` is there or `removes` is not', async () => {
      expect((await ask('/json', { creates: '/etc/pass*' })).comparison.kind).toBe('same');
      expect((await ask('/json', { removes: '/none/at/all' })).comparison.kind).toBe('same');
      expect(seen).toEqual([]);
    });

    test('writes the answer to a file, once', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'runner-uri-'));
      const host = localHost(localShells()[0]!);
      const url = `http://127.0.0.1:${portOf(server)}/json`;
      const request = { module: uri, params: { url, from, dest: folder, mode: '0640' }, controller };
      const { result } = await applyModule(host, request);
      expect(result).toMatchObject({ changed: true, values: { path: join(folder, 'json') } });
      expect(await readFile(join(folder, 'json'), 'utf8')).toBe('{"leader": "é"}');
      expect((await stat(join(folder, 'json'))).mode & 0o777).toBe(0o640);
      expect((await applyModule(host, request)).result).toMatchObject({ changed: false });
      await rm(folder, { recursive: true });
    });

    test('sends a file byte for byte', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'runner-uri-'));
      await writeFile(join(folder, 'bytes'), Buffer.from([0, 255, 10, 39, 34]));
      const params = { url: `http://127.0.0.1:${portOf(server)}/`, from, method: 'POST', src: 'bytes' };
      seen = [];
      await applyModule(localHost(shell), { module: uri, params, controller: localController(folder, {}) });
      expect(seen.map(({ bytes }) => bytes)).toEqual([Buffer.from([0, 255, 10, 39, 34])]);
      await rm(folder, { recursive: true });
    });

    test('gives up when the time is over', async () => {
      const { comparison } = await ask('/never', { timeout: 1 });
      expect(comparison).toMatchObject({ kind: 'failed' });
    });

    test('fails when nobody listens', async () => {
      const { comparison } = await ask('/', { url: 'http://127.0.0.1:1/' });
      expect(comparison).toMatchObject({ kind: 'failed' });
    });
  });

  test('says what the host lacks for a certificate, and refuses what is of the host when the controller asks', async () => {
    const params = { url: 'http://127.0.0.1:1/', client_cert: '/x' };
    const { comparison } = await applyModule(localHost(shellWith(['cat', 'bash'])), {
      module: uri,
      params,
      controller,
    });
    expect(comparison).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('no curl, which `cert` needs'),
    });
    const parsed = uri.params.safeParse({ ...params, from: 'controller' });
    expect(parsed.error?.issues[0]?.message).toContain('`from: host`');
  });
});
