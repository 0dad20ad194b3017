import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uri } from '../../../src/modules/uri.js';
import { localController } from './local-controller.js';
import { isThere, localHost, localShells, shellWith, type LocalShell } from './local-host.js';
import { applyModule, type Pass } from './run-module.js';

interface Seen {
  readonly method: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

describe('uri', () => {
  let server: Server;
  let other: Server;
  let seen: Seen[] = [];

  const record = async (request: IncomingMessage): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    seen.push({ method: request.method, authorization: request.headers.authorization, body });
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

    test('gives up when the time is over', async () => {
      const { comparison } = await ask('/never', { timeout: 1 });
      expect(comparison).toMatchObject({ kind: 'failed' });
    });

    test('fails when nobody listens', async () => {
      const { comparison } = await ask('/', { url: 'http://127.0.0.1:1/' });
      expect(comparison).toMatchObject({ kind: 'failed' });
    });
  });
});
