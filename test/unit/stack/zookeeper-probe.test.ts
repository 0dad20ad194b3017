import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { zookeeperProbe } from '../../../src/stack/zookeeper/probe.js';
import { localController } from '../modules/local-controller.js';
import { localHost, localShells } from '../modules/local-host.js';
import { applyModule } from '../modules/run-module.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Members of one pretended ZooKeeper: what each was asked, and the znodes they share. */
class Ensemble {
  readonly znodes = new Map<string, Buffer>();
  readonly asked: string[] = [];
  /** What a member does with a request before it is answered; an error code ends it. */
  refuse: (kind: string) => number = () => 0;

  async member(name: string): Promise<string> {
    const server = createServer((socket) => {
      let bytes = Buffer.alloc(0);
      let open = false;
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
          const frame = bytes.subarray(4, 4 + bytes.readInt32BE(0));
          bytes = bytes.subarray(4 + frame.length);
          if (open) this.#answer(name, { frame, reply: (...parts) => socket.write(framed(...parts)) });
          // Protocol 0, ten seconds, a session id, a password of 16 bytes.
          else socket.write(framed(ints(0, 10_000, 0, 7, 16), Buffer.alloc(16)));
          open = true;
          if (frame.length === 8 && frame.readInt32BE(4) === -11) socket.end();
        }
      });
      socket.on('error', () => undefined);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #answer(name: string, of: { readonly frame: Buffer; readonly reply: (...parts: readonly Buffer[]) => void }): void {
    const { frame, reply } = of;
    const kind = { 1: 'create', 2: 'delete', 4: 'get', 9: 'sync' }[frame.readInt32BE(4)] ?? 'close';
    this.asked.push(`${name} ${kind}`);
    const end = (error: number, payload: Buffer = Buffer.alloc(0)): void =>
      reply(ints(frame.readInt32BE(0), 0, 1, error), payload);
    if (kind === 'close') return end(0);
    const error = this.refuse(kind);
    if (error !== 0) return end(error);
    const path = frame.toString('utf8', 12, 12 + frame.readInt32BE(8));
    const known = this.znodes.get(path);
    if (kind === 'create') {
      const at = 12 + Buffer.byteLength(path);
      this.znodes.set(path, frame.subarray(at + 4, at + 4 + frame.readInt32BE(at)));
      return end(0, framed(Buffer.from(path)));
    }
    if (known === undefined) return end(-101);
    if (kind === 'delete') this.znodes.delete(path);
    end(0, kind === 'get' ? Buffer.concat([framed(known), Buffer.alloc(68)]) : Buffer.alloc(0));
  }
}

function ints(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeInt32BE(value, 4 * index));
  return bytes;
}

function framed(...parts: readonly Buffer[]): Buffer {
  const frame = Buffer.concat(parts);
  return Buffer.concat([ints(frame.length), frame]);
}

describe.each(localShells())('zookeeper_probe with $name', (shell) => {
  const host = localHost(shell);
  const controller = localController('/', {});
  const prove = async (members: readonly string[]): Promise<unknown> =>
    applyModule(host, {
      module: zookeeperProbe,
      params: { members, container: 'runner-test-no-such-container' },
      controller,
    });

  test('reads on one member what it wrote on another, and leaves nothing behind', async () => {
    const ensemble = new Ensemble();
    const [first, last] = [await ensemble.member('first'), await ensemble.member('last')];
    await expect(prove([first, last])).resolves.toMatchObject({
      result: { changed: false, values: { written_on: first, read_on: last } },
    });
    expect(ensemble.asked).toEqual([
      'first create',
      'first close',
      'last sync',
      'last get',
      'last delete',
      'last close',
    ]);
    expect([...ensemble.znodes]).toEqual([]);
  });

  test('takes the znode away on the first member when the other does not', async () => {
    const ensemble = new Ensemble();
    const [first, last] = [await ensemble.member('first'), '127.0.0.1:1'];
    await expect(prove([first, last])).resolves.toMatchObject({
      comparison: { kind: 'failed', message: expect.stringContaining('does not give back what was written on') },
    });
    expect(ensemble.asked.at(-2)).toBe('first delete');
    expect([...ensemble.znodes]).toEqual([]);
  });

  test("asks the program's own client where a member refuses, and fails in its words", async () => {
    const ensemble = new Ensemble();
    ensemble.refuse = () => -115;
    const member = await ensemble.member('only');
    await expect(prove([member])).resolves.toMatchObject({
      comparison: {
        kind: 'failed',
        message: expect.stringContaining(`${member} does not give back what was written on ${member}: `),
      },
    });
  });
});
