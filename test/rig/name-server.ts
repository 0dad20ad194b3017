import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What a name server says to a question: addresses, an error, or nothing at all for some time. */
export interface Answer {
  readonly addresses?: readonly string[];
  /** RFC 1035, 4.1.1: 2 is SERVFAIL, 3 is NXDOMAIN. */
  readonly error?: 2 | 3;
  readonly delay?: number;
}

export type RecordType = 'A' | 'AAAA' | 'other';

/** A stub resolver of a test's own at port 53 of a loopback address: what it says is up to `answer`. */
export interface NameServer {
  readonly address: string;
  /** What was asked for, "NAME TYPE", each as often as it was, and when in milliseconds. */
  readonly questions: readonly { readonly text: string; readonly at: number }[];
  stop(): Promise<void>;
}

/** Starts it; a name it has no answer for does not exist. */
export async function startNameServer(
  address: string,
  answer: (name: string, type: RecordType) => Answer | undefined,
): Promise<NameServer> {
  const socket = createSocket('udp4');
  const questions: { readonly text: string; readonly at: number }[] = [];
  const late = new Set<NodeJS.Timeout>();
  socket.on('message', (query, { port, address: asker }) => {
    const { name, type, end } = questionOf(query);
    questions.push({ text: `${name} ${type}`, at: performance.now() });
    const { addresses = [], error, delay = 0 } = answer(name, type) ?? { error: 3 };
    const reply = Buffer.concat([
      headerOf(query, { error: error ?? 0, answers: addresses.length }),
      query.subarray(12, end),
      ...addresses.map(recordOf),
    ]);
    const timer = setTimeout(() => {
      late.delete(timer);
      socket.send(reply, port, asker);
    }, delay);
    late.add(timer);
  });
  socket.bind(53, address);
  await once(socket, 'listening');
  return {
    address,
    questions,
    stop: async () => {
      for (const timer of late) clearTimeout(timer);
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** RFC 1035, 4.1.2: labels with their lengths, an empty one, two bytes of type, two of class. */
function questionOf(query: Buffer): { readonly name: string; readonly type: RecordType; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const code = query.readUInt16BE(at + 1);
  return { name: labels.join('.').toLowerCase(), type: code === 1 ? 'A' : code === 28 ? 'AAAA' : 'other', end: at + 5 };
}

function headerOf(query: Buffer, reply: { readonly error: number; readonly answers: number }): Buffer {
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | reply.error, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(reply.answers, 6);
  return header;
}

/** One record that points back to the name of the question; not to be kept. */
function recordOf(address: string): Buffer {
  const bytes = address.includes(':') ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
  const head = Buffer.from([0xc0, 12, 0, bytes.length === 16 ? 28 : 1, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
  return Buffer.concat([head, bytes]);
}

function ipv6Bytes(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const words = (text: string): readonly number[] =>
    text
      .split(':')
      .filter(Boolean)
      .map((word) => Number.parseInt(word, 16));
  const [first, last] = [words(left), words(right)];
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 255]));
}
