import { request as httpRequest } from 'node:http';
import { text, type Reply, type Request } from '../shared/http-server.js';

/** Headers that belong to one connection and are not passed on. */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'server', 'x-lab-stand-in']);

/**
 * Passes a request on to the leader and its answer back, as it comes (events stream). Both ways carry `X-Marathon-Via: 1.1 <this instance>`,
 * and a request that has been here before ends a loop with 502.
 */
export function proxyToLeader(options: {
  request: Request;
  leader: string;
  self: string;
  connectTimeoutMs: number;
}): Promise<Reply> {
  const { request, leader, self } = options;
  const via = `1.1 ${self}`;
  const before = request.headers['x-marathon-via'];
  if (before !== undefined && String(before).includes(via))
    return Promise.resolve(text(502, 'Detected proxying loop.'));
  const [host, port] = leader.split(':');
  return new Promise((resolve) => {
    const onward = httpRequest(
      {
        host,
        port: Number(port),
        method: request.method,
        path: request.incoming.url,
        agent: false,
        headers: {
          ...request.headers,
          connection: 'close',
          'x-marathon-via': before === undefined ? via : `${String(before)}, ${via}`,
        },
      },
      (answer) => {
        clearTimeout(timer);
        for (const [name, value] of Object.entries(answer.headers)) {
          if (value !== undefined && !hopByHop.has(name)) request.outgoing.setHeader(name, value);
        }
        request.outgoing.setHeader('X-Marathon-Via', via);
        request.outgoing.writeHead(answer.statusCode ?? 502);
        answer.pipe(request.outgoing);
        answer.on('error', () => request.outgoing.destroy());
        request.outgoing.on('close', () => answer.destroy());
        resolve({ kind: 'streaming' });
      },
    );
    const timer = setTimeout(() => onward.destroy(new Error('timed out')), options.connectTimeoutMs);
    onward.on('error', () => {
      clearTimeout(timer);
      resolve(text(502, 'Failed to successfully establish a connection to the leader.'));
    });
    onward.end(request.body);
  });
}
