import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingHost, folderOf, runner, type Said } from './program.js';

let host: Awaited<ReturnType<typeof countingHost>>;
let folder: ReturnType<typeof folderOf>;

beforeEach(async () => {
  host = await countingHost();
  folder = folderOf({
    'inventory.yaml': `zookeeper:
  vars: { ssh: { host: 127.0.0.1, port: ${host.port}, host_key: "off" } }
  hosts:
    h[1:3]: {}
`,
  });
});

afterEach(async () => {
  folder.remove();
  await host.stop();
});

/** Runs a command that must end with exit 2 before anybody is connected to. */
async function refused(...args: readonly string[]): Promise<Said> {
  const said = await runner(folder.path, args);
  expect(said.code, said.stderr).toBe(2);
  expect(host.connections()).toBe(0);
  return said;
}

describe('what cannot be done ends with exit 2 before any connection', () => {
  it.each([['start'], ['stop'], ['restart'], ['logs'], ['destroy']])('%s of an unknown component', async (command) => {
    const said = await refused(command, 'zookeper', ...(command === 'logs' ? [] : ['--yes']));
    expect(said.stderr + said.stdout).toMatch(/zookeper/);
  });

  it('start of a misspelt component says what was meant', async () => {
    expect((await refused('start', 'zookeper')).stderr).toMatch(/did you mean/);
  });

  it('destroy without somebody who says yes', async () => {
    expect((await refused('destroy')).stderr).toContain('--yes');
  });

  it('logs of a time that is none', async () => {
    expect((await refused('logs', 'zookeeper', '--since', 'yesterday-ish')).stderr).toContain('yesterday-ish');
  });

  it('logs of a number of lines that is none', async () => {
    expect((await refused('logs', 'zookeeper', '--tail', 'many')).stderr).toContain('many');
  });

  it('status every so many seconds that are none', async () => {
    expect((await refused('status', '--watch', 'often')).stderr).toContain('often');
  });

  it('doctor of hosts that the inventory has not', async () => {
    expect((await refused('doctor', '-l', 'nobody')).stderr).toContain('nobody');
  });
});

describe('hosts that cannot be reached', () => {
  it.each([
    { name: 'status', args: ['status'] },
    { name: 'doctor', args: ['doctor'] },
    { name: 'logs', args: ['logs', 'zookeeper'] },
  ])('$name ends with exit 3 and names them', async ({ args }) => {
    await host.stop();
    const said = await runner(folder.path, [...args, '--connect-timeout', '3']);
    expect(said.code, said.stdout + said.stderr).toBe(3);
    for (const name of ['h1', 'h2', 'h3']) expect(said.stdout + said.stderr).toContain(name);
  });
});
