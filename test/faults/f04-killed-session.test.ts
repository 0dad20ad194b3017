import { describe, expect, it } from 'vitest';
import { startStopwatch } from '../rig/stopwatch.js';
import { until } from '../rig/until.js';
import { faultHostForFile, processesWith } from './support/fault-host.js';

const site = faultHostForFile();

describe('F4: the session dies in the middle of a task', () => {
  it('is unreachable within 2 s, is never ok, is not run again, and leaves no process', async () => {
    const { host } = site;
    const started = `${host.user.home}/started`;
    const run = site.apply(`- hosts: web
  facts: false
  tasks:
    - name: Long
      shell: "echo x >> ${started}; sleep 704.1"
    - name: After
      shell: "echo after >> ${started}"
`);
    await until(() => processesWith('sleep 704.1', host.user.name).length > 0);
    const watch = startStopwatch();
    expect(host.killSessions()).toBeGreaterThan(0);
    const { code, task } = await run.ended;
    expect(watch.milliseconds()).toBeLessThan(2000 + 500);
    expect(code).toBe(3);
    expect(task('Long')['h1']?.status).toBe('unreachable');
    expect(task('After')).toEqual({});
    await until(() => processesWith('sleep 704.1').length === 0);
    site.freeLock();
    const again = site.apply(`- hosts: web
  facts: false
  tasks:
    - name: Once
      shell: "[ $(wc -l < ${started}) = 1 ]"
`);
    expect((await again.ended).code).toBe(0);
  });

  it('costs the task that was under way and nothing else: the next task has a new connection', async () => {
    const { host } = site;
    const run = site.apply(`- hosts: web
  facts: false
  tasks:
    - name: Long
      shell: "sleep 704.2"
      ignore_unreachable: true
    - name: After
      shell: "echo after"
`);
    await until(() => processesWith('sleep 704.2', host.user.name).length > 0);
    expect(host.killSessions()).toBeGreaterThan(0);
    const { code, task } = await run.ended;
    expect([task('Long')['h1']?.status, task('After')['h1']?.status, code]).toEqual(['unreachable', 'changed', 0]);
  });
});
