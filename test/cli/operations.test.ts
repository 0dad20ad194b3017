import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingHost, folderOf, runner } from './program.js';

let host: Awaited<ReturnType<typeof countingHost>>;
let folder: ReturnType<typeof folderOf>;

beforeEach(async () => {
  host = await countingHost();
  folder = folderOf({
    'inventory.yaml': `all:
  vars:
    ssh: { host: 127.0.0.1, port: ${host.port}, host_key: "off" }
  hosts:
    lonely: {}
zookeeper:
  hosts:
    node[1:3]: {}
`,
  });
});

afterEach(async () => {
  folder.remove();
  await host.stop();
});

describe('mistakes in operations end with exit 2 before any connection', () => {
  it.each([
    [['scale-out', 'node9'], 'the inventory has no host `node9`', 'did you mean `node'],
    [['scale-in', 'lonely'], '`lonely` is in no group of the stack', 'the groups are zookeeper'],
    [['scale-out', 'node1', '--component', 'zokeeper'], '`zokeeper` is no component', 'did you mean `zookeeper`?'],
    [['scale-out', 'node1', '--component', 'bamboo'], '`node1` is in no group of bamboo', 'bamboo'],
    [['replace', 'node1', 'node1'], 'cannot be replaced by itself', 'name the old one'],
    [['backup', 'zookeper'], '`zookeper` is no component', 'did you mean `zookeeper`?'],
    [['restore', 'nowhere'], 'nowhere is no backup', 'runner backup'],
  ])('%j', async (args, message, hint) => {
    const said = await runner(folder.path, args);
    expect(said.stderr).toContain(message);
    expect(said.stderr).toContain(hint);
    expect(said.code).toBe(2);
    expect(host.connections()).toBe(0);
  });

  it('a backup that was changed or leads out of its folder is not put back', async () => {
    const backup = join(folder.path, 'b');
    mkdirSync(join(backup, 'marathon/node1'), { recursive: true });
    writeFileSync(join(backup, 'marathon/node1/apps.json'), '{"apps": []}');
    const manifest = (path: string): string =>
      JSON.stringify({
        format: 1,
        id: 'x',
        takenAt: '2026-11-21T00:00:00Z',
        takenBy: 'ops@desk',
        components: ['marathon'],
        marathon: { apps: 0 },
        missing: [],
        files: [
          {
            path,
            component: 'marathon',
            host: 'node1',
            kind: 'state',
            source: '/v2/apps',
            size: 12,
            sha256: 'a'.repeat(64),
          },
        ],
      });
    writeFileSync(join(backup, 'manifest.json'), manifest('marathon/node1/apps.json'));
    const changed = await runner(folder.path, ['restore', 'b']);
    expect(changed.stderr).toContain('is not what was backed up');
    expect(changed.code).toBe(2);
    writeFileSync(join(backup, 'manifest.json'), manifest('../inventory.yaml'));
    const outside = await runner(folder.path, ['restore', 'b']);
    expect(outside.stderr).toContain('must stay inside the backup');
    expect(outside.code).toBe(2);
    expect(host.connections()).toBe(0);
  });
});

it('a backup of hosts that cannot be reached says so and is no success', async () => {
  const said = await runner(folder.path, ['backup', '--to', 'kept']);
  expect(said.stderr).toContain('node1: left out');
  expect(said.stderr).toContain('no ZooKeeper server serves');
  expect(said.code).toBe(1);
  expect(existsSync(join(folder.path, 'kept'))).toBe(true);
});
