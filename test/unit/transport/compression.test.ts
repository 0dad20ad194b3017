import { connect as dial, createServer, type AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shellSource } from '../../../src/shell/text.js';
import { connect } from '../../../src/transport/connect.js';
import { settingsFor } from '../../rig/settings.js';
import { startSshd } from '../../rig/sshd.js';

let rig: Awaited<ReturnType<typeof startSshd>>;

beforeAll(async () => {
  rig = await startSshd();
});

afterAll(async () => {
  await rig.stop();
});

/** Megabytes that pass in both directions while a large text is written and read again. */
async function passing(compression: boolean): Promise<number> {
  let bytes = 0;
  const count = (chunk: Buffer): void => void (bytes += chunk.length);
  const line = createServer((near) => {
    const far = dial(rig.port, '127.0.0.1');
    near.on('data', count).pipe(far).on('data', count).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy());
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  const { port } = line.address() as AddressInfo;
  const settings = settingsFor(rig, rig.user.name, { port, compression, hostKey: 'off' });
  const session = await connect(settings, { host: 'h' });
  const text = 'a line of a configuration file that is like the others\n'.repeat(60_000);
  const path = `${rig.user.home}/${String(compression)}`;
  try {
    expect(await session.write({ path, source: { kind: 'bytes', bytes: Buffer.from(text) } })).toEqual({
      kind: 'written',
    });
    expect(readFileSync(path, 'utf8') === text).toBe(true);
    const { stdout } = await session.exec({ script: shellSource(`cat ${path}`) });
    expect(stdout.toString() === text).toBe(true);
  } finally {
    await session.close();
    line.close();
  }
  return bytes / 1e6;
}

it('compresses both directions where it is asked for, and nothing else', async () => {
  expect(await passing(true)).toBeLessThan(1);
  expect(await passing(false)).toBeGreaterThan(6);
});
