import type { ServerResponse } from 'node:http';
import { reason } from '../shared/exit.js';
import { call } from '../shared/http-client.js';
import type { Log } from '../shared/log.js';

export type MarathonEvent = { readonly eventType: string } & Readonly<Record<string, unknown>>;

/** Marathon's event bus: server-sent events for whoever listens, HTTP callbacks for whoever subscribed. */
export interface Events {
  readonly publish: (event: MarathonEvent) => void;
  readonly stream: (outgoing: ServerResponse) => void;
  readonly setSubscribers: (urls: readonly string[]) => void;
  readonly close: () => void;
}

export function openEvents(log: Log): Events {
  const streams = new Set<ServerResponse>();
  let subscribers: readonly string[] = [];
  const write = (outgoing: ServerResponse, event: MarathonEvent): void => {
    outgoing.write(`event: ${event.eventType}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  // An empty line now and then keeps the connection from looking idle, as the real stream does.
  const heartbeat = setInterval(() => {
    for (const outgoing of streams) outgoing.write('\n');
  }, 5_000);
  return {
    publish: (event) => {
      const dated = { ...event, timestamp: new Date().toISOString() };
      for (const outgoing of streams) write(outgoing, dated);
      for (const url of subscribers) {
        call({
          method: 'POST',
          url,
          body: JSON.stringify(dated),
          headers: { 'Content-Type': 'application/json' },
          timeoutMs: 10_000,
        }).catch((error: unknown) => log(`callback ${url}: ${reason(error)}`));
      }
    },
    stream: (outgoing) => {
      outgoing.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
      streams.add(outgoing);
      outgoing.on('close', () => streams.delete(outgoing));
      write(outgoing, {
        eventType: 'event_stream_attached',
        remoteAddress: outgoing.req.socket.remoteAddress ?? '',
        timestamp: new Date().toISOString(),
      });
    },
    setSubscribers: (urls) => {
      subscribers = urls;
    },
    close: () => {
      clearInterval(heartbeat);
      for (const outgoing of streams) outgoing.end();
    },
  };
}
