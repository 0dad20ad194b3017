import { describe, expect, it } from 'vitest';
import {
  lookForStore,
  parseStoreSize,
  putInScript,
  stepDown,
  storeRefusals,
} from '../../../../src/stack/backup/marathon-store.js';

const away: readonly never[] = [];
const messages = (taken: string | undefined, runs: string | undefined): readonly string[] =>
  storeRefusals(taken, { runs, away }).map(({ message }) => message);

describe('the state that Marathon wrote itself', () => {
  it('is asked for where a leader steps down, with the place as one word of the query', () => {
    const { request } = stepDown('x', { endpoint: '10.0.0.1:8080', what: 'backup', path: '/tmp/a b&c.tar' });
    expect(request).toContain('DELETE /v2/leader?backup=file%3A%2F%2F%2Ftmp%2Fa%20b%26c.tar HTTP/1.0\r\n');
  });

  it('is there when its size is told, and not when nothing or an empty file is', () => {
    const reply = (size: string): Parameters<typeof parseStoreSize>[0] => ({
      code: 0,
      stdout: Buffer.from(['2', 'size', size, ''].join('\0')),
      stderr: Buffer.alloc(0),
    });
    expect(['1234', '0', ''].map((size) => parseStoreSize(reply(size)))).toEqual([1234, undefined, undefined]);
    expect(lookForStore('marathon', '/tmp/x.tar').raw).toContain('docker exec -- marathon');
  });

  it('is proved on the host before it is put into the container', () => {
    const { raw } = putInScript('marathon', { path: '/tmp/x.tar', sha256: 'a'.repeat(64) });
    expect(raw.indexOf('sha256sum')).toBeLessThan(raw.indexOf('docker cp'));
  });

  it('goes back to the same minor release, and to the next, which migrates it', () => {
    expect(messages('1.5.15', '1.5.12')).toEqual([]);
    expect(messages('1.5.15', '1.6.549')).toEqual([]);
  });

  it('is refused by an older Marathon, over a skipped release, before 1.5, and without a leader', () => {
    expect(messages('1.6.549', '1.5.15')[0]).toContain('refuses state that is newer than itself');
    expect(messages('1.5.15', '1.7.174')[0]).toContain('no minor release is skipped');
    expect(messages('1.5.15', '1.4.14')[0]).toContain('it can from 1.5 on');
    expect(messages('1.5.15', undefined)[0]).toContain('no Marathon leads');
  });

  it('is refused while an instance cannot be given it: that one may lead next', () => {
    const refusals = storeRefusals('1.5.15', { runs: '1.5.15', away: [{ host: 'node3', reason: 'no route' }] });
    expect(refusals).toMatchObject([{ host: 'node3', hint: expect.stringContaining('runner scale-in') as string }]);
  });
});
