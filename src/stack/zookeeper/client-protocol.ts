/**
 * The little of ZooKeeper's client protocol that a probe needs: requests and replies, each behind its length as four
 * bytes, numbers big-endian (zookeeper.jute in ZooKeeper's sources; the same from 3.3 on).
 */

/** What a session may do; the answers come in the same order. */
export type Operation =
  | { readonly kind: 'create'; readonly path: string; readonly data: string }
  /** Waits until the member has caught up with the leader. */
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'get'; readonly path: string }
  | { readonly kind: 'delete'; readonly path: string };

/** One answer: ZooKeeper's own error code (0: it worked), and what it said besides. */
export interface Answered {
  readonly error: number;
  readonly payload: Buffer;
}

const opcodes: Readonly<Record<Operation['kind'], number>> = { create: 1, delete: 2, get: 4, sync: 9 };
const closeSession = -11;
const sessionMilliseconds = 10_000;
const everyPermission = 31;
const anyVersion = -1;

/** A whole session in one piece: the server answers its requests in order, then closes the connection. */
export function sessionBytes(operations: readonly Operation[]): Buffer {
  const requests = operations.map((operation, index) =>
    framed(int(index + 1), int(opcodes[operation.kind]), argumentsOf(operation)),
  );
  const connect = framed(int(0), long(0), int(sessionMilliseconds), long(0), counted(Buffer.alloc(16)));
  return Buffer.concat([connect, ...requests, framed(int(operations.length + 1), int(closeSession))]);
}

/** The answers in the bytes of a session; fewer than asked when the server refused the session or broke off. */
export function sessionAnswers(bytes: Buffer): readonly Answered[] {
  const [opened, ...frames] = framesIn(bytes);
  // A session that is refused has a time of 0.
  if (opened === undefined || opened.length < 16 || opened.readInt32BE(4) === 0) return [];
  return frames
    .filter((frame) => frame.length >= 16)
    .map((frame) => ({ error: frame.readInt32BE(12), payload: frame.subarray(16) }));
}

/** The data in the answer to `get`; undefined for anything else. */
export function dataOf(answer: Answered | undefined): string | undefined {
  if (answer === undefined || answer.error !== 0 || answer.payload.length < 4) return undefined;
  const length = answer.payload.readInt32BE(0);
  return length < 0 ? '' : answer.payload.toString('utf8', 4, 4 + length);
}

function argumentsOf(operation: Operation): Buffer {
  const path = counted(Buffer.from(operation.path));
  switch (operation.kind) {
    case 'create': {
      const everybody = [int(1), int(everyPermission), counted(Buffer.from('world')), counted(Buffer.from('anyone'))];
      return Buffer.concat([path, counted(Buffer.from(operation.data)), ...everybody, int(0)]);
    }
    case 'sync':
      return path;
    case 'get':
      return Buffer.concat([path, Buffer.of(0)]);
    case 'delete':
      return Buffer.concat([path, int(anyVersion)]);
  }
}

function framesIn(bytes: Buffer): readonly Buffer[] {
  const frames: Buffer[] = [];
  let offset = 0;
  while (offset + 4 <= bytes.length) {
    const end = offset + 4 + bytes.readInt32BE(offset);
    if (end < offset + 4 || end > bytes.length) break;
    frames.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return frames;
}

function framed(...parts: readonly Buffer[]): Buffer {
  return counted(Buffer.concat(parts));
}

function counted(bytes: Buffer): Buffer {
  return Buffer.concat([int(bytes.length), bytes]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
