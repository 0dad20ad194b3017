import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const wrapper = join(import.meta.dirname, '../../../lab/images/host/files/usr/local/sbin/runc');
let folder: string;

/** Runs the wrapper with the given bounding set in place of /proc's, and a runc that only repeats its arguments. */
function runWrapper(boundingSet: string, ...args: readonly string[]): string {
  const status = join(folder, 'status');
  const real = join(folder, 'real');
  writeFileSync(status, `CapEff:\t${boundingSet}\nCapBnd:\t${boundingSet}\n`);
  writeFileSync(real, '#!/bin/sh\necho "$@"\n');
  chmodSync(real, 0o755);
  const script = readFileSync(wrapper, 'utf8')
    .replaceAll('/proc/self/status', status)
    .replace('real=/usr/sbin/runc', `real=${real}`);
  return execFileSync('sh', ['-c', script, 'runc', ...args], { encoding: 'utf8' }).trim();
}

const without = '000001fffeffffff';
const complete = '000001ffffffffff';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runc-wrapper-'));
  mkdirSync(join(folder, 'bundle'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the wrapper in front of runc', () => {
  it.each([
    ['first', ['CAP_SYS_RESOURCE', 'CAP_KILL']],
    ['last', ['CAP_KILL', 'CAP_SYS_RESOURCE']],
    ['alone', ['CAP_SYS_RESOURCE']],
    ['in the middle', ['CAP_KILL', 'CAP_SYS_RESOURCE', 'CAP_CHOWN']],
  ])('takes the capability out of a bundle where it stands %s', (_, bounding) => {
    const config = join(folder, 'bundle', 'config.json');
    writeFileSync(config, JSON.stringify({ process: { capabilities: { bounding } } }));
    const bundle = join(folder, 'bundle');
    expect(runWrapper(without, '--root', '/x', 'create', '--bundle', bundle, 'id')).toBe(
      `--root /x create --bundle ${bundle} id`,
    );
    expect(JSON.parse(readFileSync(config, 'utf8'))).toEqual({
      process: { capabilities: { bounding: bounding.filter((name) => name !== 'CAP_SYS_RESOURCE') } },
    });
  });

  it('takes it out of the process file of an exec', () => {
    const file = join(folder, 'process.json');
    writeFileSync(file, JSON.stringify({ capabilities: { effective: ['CAP_KILL', 'CAP_SYS_RESOURCE'] } }));
    runWrapper(without, 'exec', '--process', file, 'id');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ capabilities: { effective: ['CAP_KILL'] } });
  });

  it('changes nothing where the machine has the capability', () => {
    const config = join(folder, 'bundle', 'config.json');
    const text = JSON.stringify({ process: { capabilities: { bounding: ['CAP_SYS_RESOURCE'] } } });
    writeFileSync(config, text);
    runWrapper(complete, 'create', '--bundle', join(folder, 'bundle'), 'id');
    expect(readFileSync(config, 'utf8')).toBe(text);
  });
});
