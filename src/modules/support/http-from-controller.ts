import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { ModuleFailure } from '../types.js';
import { mostRedirects, redirected, sentHeaders, type HttpRequest, type HttpResponse } from './http-message.js';

/** Sends a request from the controller. Throws ModuleFailure with the network's own words. */
export async function requestFromController(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  let current: HttpRequest | undefined = request;
  for (let count = 0; count <= mostRedirects; count++) {
    const response: HttpResponse = await requestOnce(current, signal);
    current = redirected(current, response);
    if (current === undefined) return response;
  }
  throw new ModuleFailure(`${request.url}: more than ${mostRedirects} redirects`);
}

function requestOnce(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const { url, method, body, timeoutSeconds, validateCertificates } = request;
  const send = url.startsWith('https:') ? secureRequest : plainRequest;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
  const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const reason = limit.aborted && !signal.aborted ? `no answer within ${timeoutSeconds} s` : error.message;
      reject(new ModuleFailure(`${url}: ${reason}`));
    };
    const options = {
      method,
      headers: { ...sentHeaders(request), ...length },
      signal: limit,
      rejectUnauthorized: validateCertificates,
      agent: false as const,
    };
    const sent = send(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', fail);
      answer.on('end', () => {
        const headers = Object.entries(answer.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(', ') : (value ?? ''),
        ]);
        resolve({
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(headers) as Record<string, string>,
          body: Buffer.concat(chunks),
          url,
        });
      });
    });
    sent.on('error', fail);
    sent.end(body);
  });
}
