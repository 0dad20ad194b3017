import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { awaitToken } from '../../../src/transport/awaited-token.js';
import { ChannelSlots } from '../../../src/transport/channel-slots.js';
import { FrameReader } from '../../../src/transport/frames.js';
import { LineSplitter, OutputKeeper } from '../../../src/transport/output.js';

const token = '0123456789abcdef0123456789abcdef';

/** The same bytes cut at any places. */
function pieces(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('output kept in bounded memory', () => {
  it('is whole below the limit and its first and last half above it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.nat(), { maxLength: 5 }), (array, cuts) => {
        const bytes = Buffer.from(array);
        const keeper = new OutputKeeper({ limit: 20 });
        for (const piece of pieces(bytes, cuts)) keeper.add(piece);
        if (keeper.omitted === 0) {
          expect(keeper.bytes().equals(bytes)).toBe(true);
        } else {
          expect(bytes.length).toBeGreaterThan(20);
          expect(keeper.bytes().subarray(0, 10).equals(bytes.subarray(0, 10))).toBe(true);
          expect(keeper.bytes().subarray(-10).equals(bytes.subarray(-10))).toBe(true);
          expect(keeper.bytes().toString('utf8')).toContain(`${String(keeper.omitted)} bytes left out`);
        }
      }),
    );
  });

  it('drops the middle also when it comes in many tiny pieces', () => {
    const keeper = new OutputKeeper({ limit: 100 });
    for (let index = 0; index < 20_000; index += 1) keeper.add(Buffer.from('x'));
    expect(keeper.omitted).toBe(19_900);
  });
});

describe('lines', () => {
  it('are whole however the bytes are cut, letters of several bytes too', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat()), (texts, cuts) => {
        const lines = texts.map((text) => text.replaceAll(/[\r\n]/g, ''));
        const seen: string[] = [];
        const splitter = new LineSplitter();
        for (const piece of pieces(Buffer.from(lines.map((line) => `${line}\n`).join('')), cuts))
          seen.push(...splitter.add(piece));
        seen.push(...splitter.end());
        expect(seen).toEqual(lines);
      }),
    );
  });

  it('that are endless come in parts', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter();
    for (let index = 0; index < 10; index += 1) lines.push(...splitter.add(Buffer.alloc(30_000, 0x61)));
    const seen = [...lines, ...splitter.end()].map((line) => line.length);
    expect(seen.reduce((sum, length) => sum + length, 0)).toBe(300_000);
    expect(Math.max(...seen)).toBeLessThanOrEqual(64 * 1024);
  });
});

describe('a framed reply', () => {
  it('is found whole between its marks however the bytes are cut, with noise and other tokens around', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.array(fc.nat()), async (array, cuts) => {
        const body = Buffer.from(array);
        const stream = new PassThrough();
        const reader = new FrameReader(stream);
        const frame = reader.expect({ token, limit: 1_000_000, trailerEnd: '\n' });
        const replayed = `${'f'.repeat(32)}<old${'f'.repeat(32)}>0\n`;
        const wire = Buffer.concat([Buffer.from(`noise${replayed}${token}<`), body, Buffer.from(`${token}>17\n`)]);
        for (const piece of pieces(wire, cuts)) stream.write(piece);
        const { bytes, trailer } = await frame;
        expect([bytes.equals(body), trailer]).toEqual([true, '17']);
      }),
    );
  });

  it('begins anew for each reply: what came in between is nobody’s', async () => {
    const stream = new PassThrough();
    const reader = new FrameReader(stream);
    const first = reader.expect({ token, limit: 100, trailerEnd: '' });
    stream.write(`${token}<one${token}>`);
    expect((await first).bytes.toString()).toBe('one');
    stream.write('late words of a daemon');
    const other = token.toUpperCase();
    const second = reader.expect({ token: other, limit: 100, trailerEnd: '' });
    stream.write(`${token}<one${token}>${other}<two${other}>`);
    expect((await second).bytes.toString()).toBe('two');
  });
});

describe('waiting for a token', () => {
  it('leaves the stream right behind it, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat()), async (cuts) => {
        const stream = new PassThrough();
        const wait = awaitToken({ stream, token });
        for (const piece of pieces(Buffer.from(`motd\n${token}rest`), cuts)) stream.write(piece);
        stream.end();
        const outcome = await wait.outcome;
        expect([outcome.kind, outcome.before.toString()]).toEqual(['found', 'motd\n']);
        const rest: Buffer[] = [];
        for await (const chunk of stream) rest.push(chunk as Buffer);
        expect(Buffer.concat(rest).toString()).toBe('rest');
      }),
    );
  });

  it('tells the end without it, and forgets endless noise', async () => {
    const stream = new PassThrough();
    const wait = awaitToken({ stream, token });
    for (let index = 0; index < 100; index += 1) stream.write(Buffer.alloc(10_000, 0x61));
    stream.end('the last words');
    const outcome = await wait.outcome;
    expect(outcome.kind).toBe('ended');
    expect(outcome.before.length).toBeLessThan(200_000);
    expect(outcome.before.toString()).toMatch(/the last words$/);
  });
});

describe('channel slots', () => {
  it('give no more than the limit at once, in the order asked', async () => {
    let spared = 0;
    const slots = new ChannelSlots({ limit: 2, spare: () => (spared += 1) });
    const order: number[] = [];
    const taken = [1, 2, 3, 4].map((index) => slots.take().then(() => order.push(index)));
    await Promise.all(taken.slice(0, 2));
    expect([order, spared]).toEqual([[1, 2], 2]);
    slots.give();
    await taken[2];
    slots.give();
    await taken[3];
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it('learn a smaller limit from refusals, and trust again later', async () => {
    const slots = new ChannelSlots({ limit: 8, spare: () => undefined });
    for (let index = 0; index < 3; index += 1) await slots.take();
    expect(slots.refused()).toBe(true);
    let third = false;
    const waiting = slots.take().then(() => (third = true));
    await Promise.resolve();
    expect(third).toBe(false);
    for (let index = 0; index < 16; index += 1) slots.opened();
    slots.give();
    await waiting;
    slots.give();
    slots.give();
    await slots.take();
    expect(slots.refused()).toBe(false);
  });
});
