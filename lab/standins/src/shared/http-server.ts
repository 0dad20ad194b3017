import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reason } from './exit.js';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** `streaming` says that the handler has taken over `outgoing` (server-sent events, a proxied answer). */
export type Reply =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly kind: 'streaming' };

export type Handler = (request: Request) => Reply | Promise<Reply>;

export interface HttpServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export function text(status: number, body = '', headers: Readonly<Record<string, string>> = {}): Reply {
  return { kind: 'reply', status, headers: { 'Content-Type': 'text/plain', ...headers }, body };
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    kind: 'reply',
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(value),
  };
}

/** The body as JSON; undefined when it is none. */
export function jsonBody(request: Request): unknown {
  try {
    return JSON.parse(request.body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Listens on `host:port` (port 0: any). Every answer names the stand-in in `Server` and `X-Lab-Stand-In`.
 * Rejects with the listen error (EADDRINUSE …).
 */
export async function listen(options: {
  host: string;
  port: number;
  banner: string;
  handle: Handler;
}): Promise<HttpServer> {
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    outgoing.setHeader('Server', `${options.banner} (lab stand-in)`);
    outgoing.setHeader('X-Lab-Stand-In', 'yes');
    const url = new URL((incoming.url ?? '/').replace(/^\/\/+/, '/'), 'http://stand-in');
    const reply = await options.handle({
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: await readBody(incoming),
      incoming,
      outgoing,
    });
    if (reply.kind === 'streaming') return;
    for (const [name, value] of Object.entries(reply.headers ?? {})) outgoing.setHeader(name, value);
    outgoing.statusCode = reply.status;
    outgoing.end(reply.body ?? '');
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.statusCode = 500;
      outgoing.end(reason(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
