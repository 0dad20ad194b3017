import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay that can be cut: from then on bytes vanish both ways while the connections stay open (a black hole). */
export interface Relay {
  readonly port: number;
  /** Connections that came in so far. */
  readonly count: () => number;
  cut(): void;
  heal(): void;
  stop(): void;
}

/** Starts a relay on a free port of 127.0.0.1 to another port there. */
export async function cuttableRelay(target: number): Promise<Relay> {
  const sockets: Socket[] = [];
  let isCut = false;
  let count = 0;
  const server = createServer((inner) => {
    count += 1;
    const outer = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.push(from);
      from.on('error', () => undefined);
      // What is held back while cut arrives when the network heals, as TCP would send it again.
      from.on('data', (chunk) => {
        if (isCut) from.pause();
        to.write(chunk);
      });
      from.on('close', () => {
        if (!isCut) to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    count: () => count,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    heal: () => {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
