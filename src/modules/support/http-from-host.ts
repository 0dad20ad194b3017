import { sh } from '../../shell/text.js';
import { ModuleFailure, type HostWriter } from '../types.js';
import { decodeOutput, failureOf, succeeded } from './command-result.js';
import { curlQuoted } from './http-fields.js';
import {
  follows,
  mostRedirects,
  parseHeaders,
  parseResponse,
  redirected,
  sentHeaders,
  type HttpRequest,
  type HttpResponse,
} from './http-message.js';

/**
 * Sends a request from the host: with curl, or, for plain http, over a TCP connection of bash or nc. Headers, bodies and
 * passwords go through standard input, so that no process list shows them.
 */
export async function requestFromHost(host: HostWriter, request: HttpRequest): Promise<HttpResponse> {
  const script = sh`for tool in curl bash nc; do command -v "$tool" >/dev/null 2>&1 && { echo "$tool"; exit 0; }; done; echo none`;
  const tool = decodeOutput(
    succeeded(await host.query(script), { host, doing: 'cannot look for an HTTP client' }),
  ).text;
  if (tool === 'curl') return requestByCurl(host, request);
  const option = Object.keys(request.curl ?? {}).find((name) => name !== 'noproxy');
  if (option !== undefined) throw new ModuleFailure(`${request.url}: the host has no curl, which \`${option}\` needs`);
  if (tool === 'none') throw new ModuleFailure('the host has no curl, bash or nc: `from: controller` asks from here');
  let current: HttpRequest | undefined = request;
  for (let count = 0; count <= mostRedirects; count++) {
    const response: HttpResponse = await requestByConnection(host, { request: current, tool });
    current = redirected(current, response);
    if (current === undefined) return response;
  }
  throw new ModuleFailure(`${request.url}: more than ${mostRedirects} redirects`);
}

async function requestByCurl(host: HostWriter, request: HttpRequest): Promise<HttpResponse> {
  const { credentials, body } = request;
  const options: [string, string][] = [
    ['url', request.url],
    ...methodOption(request),
    ...Object.entries(request.headers).map(([name, value]): [string, string] => ['header', `${name}: ${value}`]),
  ];
  if (credentials !== undefined) options.push(['user', `${credentials.user}:${credentials.password}`]);
  options.push(...Object.entries(request.curl ?? {}));
  const text = body?.toString('utf8');
  // A line of a configuration holds no NUL and only UTF-8: other bytes come on standard input, the configuration beside.
  const isText = body === undefined || (text?.includes('\0') === false && Buffer.from(text, 'utf8').equals(body));
  if (text !== undefined && isText) options.push(['data-raw', text]);
  const config = options.map(([name, value]) => (value === '' ? name : `${name} = ${curlQuoted(value)}`)).join('\n');
  const flags = [
    ...(follows(request) ? ['--location', '--max-redirs', String(mostRedirects)] : []),
    ...(request.validateCertificates ? [] : ['--insecure']),
  ];
  const curl = sh`exec curl -q -sS -i --globoff --proto =http,https --proto-redir =http,https --max-time ${request.timeoutSeconds} ${flags} -w '\\n%{http_code} %{size_header} %{url_effective}'`;
  const reply = isText
    ? await host.run(sh`${curl} -K -`, { ownChannel: true, stdin: Buffer.from(`${config}\n`, 'utf8') })
    : await host.run(
        sh`${curl} --data-binary @- -K /dev/fd/3 3<<'END_OF_CONFIGURATION'
${{ raw: config, masked: '********' }}
END_OF_CONFIGURATION`,
        { ownChannel: true, stdin: body },
      );
  const failure = failureOf(reply, host);
  if (failure !== undefined) throw new ModuleFailure(`${request.url}: ${failure}`);
  const end = reply.stdout.lastIndexOf(0x0a);
  const [status, headerSize, url] = reply.stdout.toString('utf8', end + 1).split(' ');
  const head = reply.stdout.toString('latin1', 0, Number(headerSize));
  const last = head.trimEnd().split('\r\n\r\n').at(-1) ?? '';
  return {
    status: Number(status),
    headers: parseHeaders(last),
    body: reply.stdout.subarray(Number(headerSize), end),
    url: url ?? request.url,
  };
}

/** A method that curl does not choose by itself; a named one it would keep through a redirect. */
function methodOption({ method, body }: HttpRequest): [string, string][] {
  if (method === 'HEAD') return [['head', '']];
  return method === (body === undefined ? 'GET' : 'POST') ? [] : [['request', method]];
}

async function requestByConnection(
  host: HostWriter,
  options: { readonly request: HttpRequest; readonly tool: string },
): Promise<HttpResponse> {
  const { request, tool } = options;
  const url = new URL(request.url);
  if (url.protocol !== 'http:')
    throw new ModuleFailure(`${request.url}: https needs curl on the host, or \`from: controller\``);
  const address = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? '80' : url.port;
  const client =
    tool === 'bash'
      ? sh`bash -c ${'exec 3<>"/dev/tcp/$0/$1" && cat >&3 && cat <&3'} ${address} ${port}`
      : sh`nc ${address} ${port}`;
  const limit = Math.max(1, Math.ceil(request.timeoutSeconds));
  const script = sh`if command -v timeout >/dev/null 2>&1; then exec timeout ${limit} ${client}; fi
exec ${client}`;
  const reply = await host.run(script, { ownChannel: true, stdin: rawRequest(request, url) });
  if (reply.end.kind === 'code' && (reply.end.code === 124 || reply.end.code === 143)) {
    throw new ModuleFailure(`${request.url}: no answer within ${limit} s`);
  }
  const failure = failureOf(reply, host);
  if (failure !== undefined) throw new ModuleFailure(`${request.url}: ${failure}`);
  return parseResponse(reply.stdout, request.url);
}

function rawRequest(request: HttpRequest, url: URL): Buffer {
  const body = request.body ?? Buffer.alloc(0);
  const hasLength = request.body !== undefined || request.method === 'POST' || request.method === 'PUT';
  const headers = {
    Host: url.host,
    Accept: '*/*',
    ...sentHeaders(request),
    ...(hasLength ? { 'Content-Length': String(body.length) } : {}),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([
    Buffer.from(`${request.method} ${url.pathname}${url.search} HTTP/1.0\r\n${lines.join('\r\n')}\r\n\r\n`, 'utf8'),
    body,
  ]);
}
