import { z } from 'zod';
import type { Value } from '../template/value.js';
import { ModuleFailure } from './types.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, named, seconds, text, textMap } from './support/fields.js';
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

const uriParams = params({
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
  url_username: alias(text('The user for basic authentication.').optional(), 'user'),
  url_password: alias(text('The password for basic authentication.').optional(), 'password'),
  from: choice(['host', 'controller'], 'Who asks: the host, or this machine.').default('host'),
});

type UriParams = z.output<typeof uriParams>;

/** Asks a web service. */
export const uri = defineModule<UriParams, unknown, undefined>({
  name: 'uri',
  summary: 'Sends an HTTP request from the host (curl, or bash or nc for plain http) or from the controller.',
  params: uriParams,
  freeForm: 'url',
  background: 'awaited',
  secrets: ['url_password'],
  // Requests that only read may be asked again: RFC 9110, section 9.2.1.
  doneOnce: ({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method),
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { params }) => ({ kind: 'act', summary: `${params.method} ${params.url}` }),
  async change(host, { params }) {
    const request = requestOf(params);
    const began = performance.now();
    const response =
      params.from === 'controller'
        ? await requestFromController(request, host.signal)
        : await requestFromHost(host, request);
    const values = { ...valuesOf(response, params), elapsed: Math.round((performance.now() - began) / 1000) };
    if (params.status_code.includes(response.status)) return { changed: false, values };
    const { text: content } = decodeOutput(response.body);
    const wanted = params.status_code.join(' or ');
    return {
      changed: false,
      failed: `${params.url} answered ${response.status}, not ${wanted}: ${content.slice(0, 300)}`.replace(/: $/, ''),
      values: { ...values, content },
    };
  },
});

function requestOf(params: UriParams): HttpRequest {
  const headers = { ...params.headers };
  const { body, type } = bodyOf(params);
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
    credentials:
      params.url_username === undefined
        ? undefined
        : { user: params.url_username, password: params.url_password ?? '' },
    followRedirects: params.follow_redirects,
    validateCertificates: params.validate_certs,
    timeoutSeconds: params.timeout,
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
