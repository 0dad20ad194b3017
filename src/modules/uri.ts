import { z } from 'zod';
import type { Value } from '../template/value.js';
import { pathResource } from './promises.js';
import { ModuleFailure, type HostWriter } from './types.js';
import { guardReason, guardResources, lookAtGuards, type Guards } from './support/command-line.js';
import { defineModule, params } from './support/define.js';
import { choice, flag, named, path, seconds, text, textMap } from './support/fields.js';
import { checkHttpFields, credentialsOf, curlWay, headersOf, httpFields } from './support/http-fields.js';
import { ownershipFields } from './support/ownership.js';
import { keepAnswer } from './support/uri-answer.js';
import { decodeOutput } from './support/command-result.js';
import { requestFromController } from './support/http-from-controller.js';
import { requestFromHost } from './support/http-from-host.js';
import type { HttpRequest, HttpResponse } from './support/http-message.js';

const statusCodes = z
  .preprocess(
    (value) =>
      (Array.isArray(value) ? value : [value]).map((one: unknown) => (typeof one === 'string' ? Number(one) : one)),
    z.array(z.int().min(100).max(599)),
  )
  .describe('The status codes that count as success: one or a list.');

const uriParams = params(
  {
    url: named(/^https?:\/\/[^\s]+$/, { otherwise: 'must be an http or https address', description: 'The address.' }),
    method: text('The method.').default('GET'),
    body: z.custom<Value>().describe('What is sent: a text, or a map for `json` and `form-urlencoded`.').optional(),
    body_format: choice(
      ['raw', 'json', 'form-urlencoded'],
      'How a map or list is written, and the content type.',
    ).default('raw'),
    headers: textMap('Further headers.').default({}),
    status_code: statusCodes.default([200]),
    return_content: flag('Keeps the body as `content` in the result; without it only when the request fails.').default(
      false,
    ),
    timeout: seconds('How long the whole request may take.').default(30),
    follow_redirects: choice(
      ['safe', 'all', 'none'],
      'Follows redirects of GET and HEAD, of everything, or not.',
    ).default('safe'),
    validate_certs: flag("Checks the server's certificate.").default(true),
    ...httpFields,
    unix_socket: path('A socket of the host that is asked in place of the network; needs curl.').optional(),
    src: path('A file that is sent as the body.').optional(),
    remote_src: flag('`src` is a file of the host.').default(false),
    dest: path(
      'A file of the host that the body of the answer is written to; in a folder it gets the last name of the address. For large files there is get_url.',
    ).optional(),
    ...ownershipFields,
    creates: path('A path or glob pattern on the host: when it exists, nothing is asked.').optional(),
    removes: path('A path or glob pattern on the host: when it does not exist, nothing is asked.').optional(),
    from: choice(['host', 'controller'], 'Who asks: the host, or this machine.').default('host'),
  },
  (value) => {
    if (value.src !== undefined && value.body !== undefined) return '`src` and `body` exclude each other';
    const ofHost = (['client_cert', 'ca_path', 'unix_socket'] as const).find((name) => value[name] !== undefined);
    if (value.from === 'controller' && ofHost !== undefined)
      return `\`${ofHost}\` is of the host: it needs \`from: host\``;
    return checkHttpFields(value);
  },
);

type UriParams = z.output<typeof uriParams>;

/** Asks a web service. */
export const uri = defineModule<UriParams, Buffer | undefined, Guards>({
  name: 'uri',
  summary: 'Sends an HTTP request from the host (curl, or bash or nc for plain http) or from the controller.',
  params: uriParams,
  freeForm: 'url',
  background: 'awaited',
  secrets: ['url_password'],
  // Requests that only read may be asked again: RFC 9110, section 9.2.1.
  doneOnce: ({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method),
  async prepare(controller, { src, remote_src: remote }) {
    if (src === undefined || remote) return undefined;
    return controller.readFile(await controller.find(src, 'files'));
  },
  restsOn: (params) => [
    ...guardResources(params),
    ...(sourceOnHost(params) === undefined ? [] : [pathResource(params.src ?? '')]),
  ],
  look: ({ params }) => lookAtGuards(params),
  compare(found, { params }) {
    const why = guardReason(found, params);
    if (why !== undefined) return { kind: 'same', values: { msg: `skipped: ${why}` } };
    return { kind: 'act', summary: `${params.method} ${params.url}` };
  },
  async change(host, { params, prepared }) {
    const request = requestOf(params, prepared ?? (await bodyOnHost(host, params)));
    const began = performance.now();
    const response =
      params.from === 'controller'
        ? await requestFromController(request, host.signal)
        : await requestFromHost(host, request);
    const values = { ...valuesOf(response, params), elapsed: Math.round((performance.now() - began) / 1000) };
    if (params.status_code.includes(response.status)) {
      const { dest } = params;
      if (dest === undefined) return { changed: false, values };
      const { changed, path: written } = await keepAnswer(host, {
        params: { ...params, dest },
        url: params.url,
        body: response.body,
      });
      return { changed, values: { ...values, path: written } };
    }
    const { text: content } = decodeOutput(response.body);
    const wanted = params.status_code.join(' or ');
    return {
      changed: false,
      failed: `${params.url} answered ${response.status}, not ${wanted}: ${content.slice(0, 300)}`.replace(/: $/, ''),
      values: { ...values, content },
    };
  },
});

function sourceOnHost({ src, remote_src: remote }: UriParams): string | undefined {
  return remote ? src : undefined;
}

async function bodyOnHost(host: HostWriter, params: UriParams): Promise<Buffer | undefined> {
  const source = sourceOnHost(params);
  if (source === undefined) return undefined;
  const bytes = await host.readFile(source);
  if (bytes === undefined) throw new ModuleFailure(`there is no file ${source} on the host`);
  return bytes;
}

function requestOf(params: UriParams, source: Buffer | undefined): HttpRequest {
  const headers = headersOf(params);
  const { body, type } = source === undefined ? bodyOf(params) : { body: source, type: undefined };
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const odd = Object.entries(headers).find(
    ([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(value),
  );
  if (odd !== undefined) throw new ModuleFailure(`the header ${odd[0]} is not one line of name and value`);
  if (type !== undefined && !names.includes('content-type')) headers['Content-Type'] = type;
  return {
    url: params.url,
    method: params.method.toUpperCase(),
    headers,
    body,
    credentials: credentialsOf(params),
    followRedirects: params.follow_redirects,
    validateCertificates: params.validate_certs,
    timeoutSeconds: params.timeout,
    curl: { ...curlWay(params), ...(params.unix_socket === undefined ? {} : { 'unix-socket': params.unix_socket }) },
  };
}

function bodyOf(params: UriParams): { readonly body: Buffer | undefined; readonly type?: string } {
  const { body, body_format: format } = params;
  if (body === undefined || body === null) return { body: undefined };
  if (format === 'json') {
    const json = typeof body === 'string' ? body : JSON.stringify(body);
    return { body: Buffer.from(json, 'utf8'), type: 'application/json' };
  }
  if (format === 'form-urlencoded') {
    const form =
      typeof body === 'string'
        ? body
        : new URLSearchParams(
            Object.entries(body).map(([key, value]): [string, string] => [key, String(value)]),
          ).toString();
    return { body: Buffer.from(form, 'utf8'), type: 'application/x-www-form-urlencoded' };
  }
  return { body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8') };
}

function valuesOf(response: HttpResponse, params: UriParams): Readonly<Record<string, Value>> {
  const { text: content } = decodeOutput(response.body);
  const headers = Object.entries(response.headers).map(([name, value]) => [name.replaceAll('-', '_'), value] as const);
  const json = jsonOf(response, content);
  const { 'content-type': type, location } = response.headers;
  return {
    headers: Object.fromEntries(headers),
    ...(type === undefined ? {} : { content_type: type }),
    ...(location === undefined ? {} : { location }),
    status: response.status,
    url: response.url,
    redirected: response.url !== params.url,
    ...(params.return_content ? { content } : {}),
    ...(json === undefined ? {} : { json }),
  };
}

/** The body as data, when the server calls it JSON and it is. */
function jsonOf(response: HttpResponse, content: string): Value | undefined {
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(response.headers['content-type'] ?? '')) return undefined;
  try {
    return JSON.parse(content) as Value;
  } catch {
    return undefined;
  }
}
