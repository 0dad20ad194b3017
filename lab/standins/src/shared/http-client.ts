import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface Call {
  readonly method?: string;
  /** `http://host:port/path?query`; with `socketPath` only its path is used. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly socketPath?: string;
  /** Milliseconds for the whole call; 5000 unless said. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One HTTP call. Resolves whatever the status; rejects when no answer came. */
export function call(options: Call): Promise<Answer> {
  const url = new URL(options.url);
  const timeoutMs = options.timeoutMs ?? 5_000;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        ...(options.socketPath === undefined
          ? { host: url.hostname, port: url.port || 80 }
          : { socketPath: options.socketPath }),
        method: options.method ?? 'GET',
        path: url.pathname + url.search,
        headers: {
          ...options.headers,
          ...(options.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(options.body)) }),
        },
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          clearTimeout(timer);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    const timer = setTimeout(
      () => outgoing.destroy(new Error(`no answer from ${options.url} in ${timeoutMs} ms`)),
      timeoutMs,
    );
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(options.body);
  });
}

/** A POST of JSON whose answer is JSON; rejects for any status that is not 2xx. */
export async function postJson(url: string, value: unknown, timeoutMs = 5_000): Promise<unknown> {
  const answer = await call({
    method: 'POST',
    url,
    body: JSON.stringify(value),
    headers: { 'Content-Type': 'application/json' },
    timeoutMs,
  });
  if (answer.status < 200 || answer.status > 299) throw new Error(`${url} answered ${answer.status}: ${answer.body}`);
  return answer.body === '' ? undefined : (JSON.parse(answer.body) as unknown);
}
