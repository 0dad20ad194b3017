import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { siteOf, type Site } from './support/fault-host.js';

let host: NetworkHost;
let site: Site;
const names = Array.from({ length: 50 }, (_, index) => `n${String(index + 1)}`);

beforeAll(async () => {
  host = await startNetworkHost({ config: ['MaxSessions 10'] });
  site = siteOf([
    { name: 'h1', address: host.address, rig: host, user: host.user.name },
    ...names.map((name) => ({ name, address: '127.0.0.1', rig: { ...host, port: 1 }, user: 'nobody' })),
  ]);
});

afterAll(async () => {
  site.remove();
  await host.stop();
});

describe('F9: MaxSessions at its default', () => {
  it('fails none of 50 tasks at once that are delegated to one host', async () => {
    const run = await site.apply(
      `- hosts: web,!h1
  facts: false
  tasks:
    - name: Together
      shell: "echo x >> ~/together; sleep 0.5"
      delegate_to: h1
    - name: Counted
      shell: wc -l < ~/together
      delegate_to: h1
      run_once: true
`,
      '-f',
      '50',
    ).ended;
    expect(run.code).toBe(0);
    expect(Object.values(run.task('Together')).map(({ status }) => status)).toEqual(names.map(() => 'changed'));
    expect(Object.values(run.task('Counted'))[0]?.result).toMatchObject({ stdout: '50' });
  });

  it('gives every channel back: 30 files of a megabyte one after another over one connection', async () => {
    const before = host.log().split('Accepted publickey').length;
    site.folder.write('big', 'x'.repeat(1_000_000));
    const run = await site.apply(`- hosts: h1
  facts: false
  tasks:
    - name: Upload
      copy: { src: big, dest: "~/big<%= item %>" }
      loop: "<%= [...Array(30).keys()] %>"
    - name: Counted
      shell: cat ~/big* | wc -c
`).ended;
    expect(run.code).toBe(0);
    expect(run.task('Counted')['h1']?.result).toMatchObject({ stdout: '30000000' });
    expect(host.log().split('Accepted publickey').length - before).toBe(1);
  });
});
