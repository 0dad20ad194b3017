import { describe, expect, it } from 'vitest';
import { until } from '../rig/until.js';
import { faultHostForFile, startFaultHost } from './support/fault-host.js';

const site = faultHostForFile();

describe('F10: a connection that was idle', () => {
  it('is made anew in silence when the server dropped it between two tasks', async () => {
    const { host } = site;
    const run = site.apply(`- hosts: web
  facts: false
  tasks:
    - name: Before
      command: "true"
    - name: Pause
      pause: { seconds: 3 }
    - name: After
      shell: "echo x >> ~/after"
    - name: Once
      shell: "[ $(wc -l < ~/after) = 1 ]"
`);
    await run.begun('Pause');
    expect(host.killSessions()).toBeGreaterThan(0);
    const { code, task } = await run.ended;
    expect([task('After')['h1']?.status, task('Once')['h1']?.status, code]).toEqual(['changed', 'changed', 0]);
    expect(host.log().split('Accepted publickey').length - 1).toBe(2);
  });

  it('is kept alive against a server that drops whoever is silent', async () => {
    const strict = await startFaultHost({ config: ['ClientAliveInterval 5', 'ClientAliveCountMax 1'] });
    try {
      const run = strict.apply(`- hosts: web
  facts: false
  tasks:
    - name: Before
      command: "true"
    - name: Pause
      pause: { seconds: 14 }
    - name: After
      command: "true"
`);
      await until(() => run.stdout().includes('run-end'), 40_000);
      const { code, task } = await run.ended;
      expect([task('After')['h1']?.status, code]).toEqual(['changed', 0]);
      expect(strict.host.log().split('Accepted publickey').length - 1).toBe(1);
    } finally {
      await strict.stop();
    }
  });
});
