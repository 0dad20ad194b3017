import type { Answer, Endpoint, Question } from './ask.js';

/** What a program answered over HTTP. */
export interface HttpReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An HTTP/1.0 request, which is answered in one piece and closed. */
export function httpGet(key: string, options: { readonly endpoint: Endpoint; readonly path: string }): Question {
  const { endpoint, path } = options;
  const lines = [`GET ${path} HTTP/1.0`, `Host: ${endpoint}`, 'Accept: application/json', 'Connection: close'];
  return { key, endpoint, request: `${lines.join('\r\n')}\r\n\r\n` };
}

/** A POST of JSON. */
export function httpPost(
  key: string,
  options: { readonly endpoint: Endpoint; readonly path: string; readonly body: string },
): Question {
  const { endpoint, path, body } = options;
  const lines = [
    `POST ${path} HTTP/1.0`,
    `Host: ${endpoint}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return { key, endpoint, request: `${lines.join('\r\n')}\r\n\r\n${body}` };
}

/** A DELETE without a body. */
export function httpDelete(key: string, options: { readonly endpoint: Endpoint; readonly path: string }): Question {
  const { endpoint, path } = options;
  const lines = [`DELETE ${path} HTTP/1.0`, `Host: ${endpoint}`, 'Accept: application/json', 'Connection: close'];
  return { key, endpoint, request: `${lines.join('\r\n')}\r\n\r\n` };
}

/** Parses an answer as HTTP; undefined for silence and for what is no HTTP. */
export function parseHttp(answer: Answer | undefined): HttpReply | undefined {
  if (answer?.kind !== 'answer') return undefined;
  const end = /\r?\n\r?\n/.exec(answer.text);
  const head = end === null ? answer.text : answer.text.slice(0, end.index);
  const rest = end === null ? '' : answer.text.slice(end.index + end[0].length);
  const [first = '', ...lines] = head.split(/\r?\n/);
  const status = /^HTTP\/\d\.\d (\d{3})/.exec(first)?.[1];
  if (status === undefined) return undefined;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const body = headers['transfer-encoding'] === 'chunked' ? unchunk(rest) : rest;
  return { status: Number(status), headers, body };
}

/** The body of a reply as JSON; undefined when it is none. */
export function parseJsonBody(reply: HttpReply | undefined): unknown {
  if (reply === undefined) return undefined;
  try {
    return JSON.parse(reply.body);
  } catch {
    return undefined;
  }
}

/** A text out of JSON that a program sent; empty when it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Some servers send chunks to a client that cannot have asked for them. Lengths count bytes. */
function unchunk(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const line = bytes.indexOf('\n', at);
    if (line === -1) break;
    const length = Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (!(length > 0)) break;
    pieces.push(bytes.subarray(line + 1, line + 1 + length));
    at = line + 1 + length + 2;
  }
  return Buffer.concat(pieces).toString('utf8');
}
