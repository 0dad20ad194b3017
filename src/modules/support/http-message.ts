import { ModuleFailure } from '../types.js';

/** A request of the `uri` module, whoever sends it. */
export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Basic authentication: only ever sent to the host of `url`. */
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
  /** `safe` follows for GET and HEAD only. */
  readonly followRedirects: 'none' | 'safe' | 'all';
  readonly validateCertificates: boolean;
  readonly timeoutSeconds: number;
  /** Options of curl by name (`cert`, `unix-socket`): a request with any is sent by curl alone. */
  readonly curl?: Readonly<Record<string, string>>;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; several values of a name are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Where it came from in the end. */
  readonly url: string;
}

export const mostRedirects = 10;

/** The last name of an address: what a file is called that is put into a folder. */
export function lastName(url: string): string {
  const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
  return name === '' || name === '.' || name === '..' || name.includes('/') ? 'index.html' : name;
}

export function follows(request: HttpRequest): boolean {
  const { followRedirects, method } = request;
  return followRedirects === 'all' || (followRedirects === 'safe' && (method === 'GET' || method === 'HEAD'));
}

/**
 * The request a redirect asks for, undefined when the response is none or is not to be followed. Credentials, and the
 * headers that carry them, never go to another origin.
 */
export function redirected(request: HttpRequest, response: HttpResponse): HttpRequest | undefined {
  const location = response.headers['location'];
  if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined || !follows(request))
    return undefined;
  const url = new URL(location, request.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ModuleFailure(`redirected to ${url.protocol}, which is not followed`);
  const keepsBody = response.status === 307 || response.status === 308;
  const same = url.origin === new URL(request.url).origin;
  const headers = Object.entries(request.headers).filter(
    ([name]) => same || !['authorization', 'cookie', 'proxy-authorization'].includes(name.toLowerCase()),
  );
  return {
    ...request,
    url: url.href,
    headers: Object.fromEntries(headers),
    credentials: same ? request.credentials : undefined,
    method: keepsBody || request.method === 'HEAD' ? request.method : 'GET',
    body: keepsBody ? request.body : undefined,
  };
}

/** Headers as they are sent, with authentication. */
export function sentHeaders(request: HttpRequest): Readonly<Record<string, string>> {
  const { credentials, headers } = request;
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (credentials === undefined || names.includes('authorization')) return headers;
  const basic = Buffer.from(`${credentials.user}:${credentials.password}`, 'utf8').toString('base64');
  return { ...headers, Authorization: `Basic ${basic}` };
}

/** Reads a whole response off the wire, as `Connection: close` ends it; chunks are put together. */
export function parseResponse(bytes: Buffer, url: string): HttpResponse {
  const split = bytes.indexOf('\r\n\r\n');
  if (split === -1) throw new ModuleFailure(`${url}: the answer is not HTTP`);
  const head = bytes.toString('latin1', 0, split);
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})/.exec(head)?.[1];
  if (status === undefined) throw new ModuleFailure(`${url}: the answer is not HTTP`);
  const rest = bytes.subarray(split + 4);
  if (status.startsWith('1') && status !== '101') return parseResponse(rest, url);
  const headers = parseHeaders(head);
  const chunked = headers['transfer-encoding']?.toLowerCase().includes('chunked') === true;
  const length = headers['content-length'];
  if (!chunked && length !== undefined && rest.length < Number(length))
    throw new ModuleFailure(`${url}: the answer is cut short`);
  return { status: Number(status), headers, body: chunked ? joinChunks(rest, url) : rest, url };
}

/** The header lines of a block that begins with a status line. */
export function parseHeaders(head: string): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n').slice(1)) {
    const at = line.indexOf(':');
    if (at <= 0) continue;
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    const known = headers.get(name);
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return Object.fromEntries(headers);
}

function joinChunks(bytes: Buffer, url: string): Buffer {
  const chunks: Buffer[] = [];
  let offset = 0;
  while (true) {
    const end = bytes.indexOf('\r\n', offset);
    const size = end === -1 ? Number.NaN : Number.parseInt(bytes.toString('latin1', offset, end), 16);
    if (Number.isNaN(size) || end + 2 + size > bytes.length) throw new ModuleFailure(`${url}: the answer is cut short`);
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(end + 2, end + 2 + size));
    offset = end + 2 + size + 2;
  }
}
