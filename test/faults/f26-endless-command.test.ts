import { describe, expect, it } from 'vitest';
import { until } from '../rig/until.js';
import { faultHostForFile, processesWith, startFaultHost } from './support/fault-host.js';

const site = faultHostForFile();

const tasks = (text: string): string => `- hosts: web
  facts: false
  tasks:
    - name: Task
${text}`;

describe('F26: a command that does not end', () => {
  it('because it waits for input gets none', async () => {
    const { code, task, milliseconds } = await site.apply(tasks('      command: cat\n')).ended;
    expect([code, task('Task')['h1']?.result?.['stdout']]).toEqual([0, '']);
    expect(milliseconds).toBeLessThan(6000);
  });

  it('because a daemon keeps its output open is not waited for, and the daemon lives', async () => {
    const { code, task, milliseconds } = await site.apply(tasks('      shell: "(sleep 726.1)& echo started"\n')).ended;
    expect([code, task('Task')['h1']?.result?.['stdout']]).toEqual([0, 'started']);
    expect(milliseconds).toBeLessThan(6000);
    await until(() => processesWith('sleep 726.1', site.host.user.name).length === 1);
  });

  it('is ended with all it started when its time is over', async () => {
    const run = site.apply(tasks('      shell: "sleep 726.2 & sleep 726.2"\n      timeout: 2\n'));
    await until(() => processesWith('sleep 726.2', site.host.user.name).length >= 2);
    const { code, task } = await run.ended;
    expect([code, task('Task')['h1']?.status]).toEqual([1, 'failed']);
    expect(task('Task')['h1']?.message).toContain('2 s');
    await until(() => processesWith('sleep 726.2', site.host.user.name).length === 0);
  });

  it('is told of every 30 s, on every output', async () => {
    const playbook = tasks('      command: sleep 33\n');
    const json = site.apply(playbook);
    await json.begun('Task');
    const other = await startFaultHost();
    try {
      other.folder.write('site.yaml', playbook);
      const [events, plain, exec] = await Promise.all([
        json.ended,
        other.run('apply', 'site.yaml').ended,
        other.run('exec', 'web', '--', 'sleep', '32').ended,
      ]);
      expect(events.events.find((event) => event.kind === 'task-running')).toMatchObject({
        ref: { task: 'Task', host: 'h1' },
      });
      expect(plain.stdout).toContain('running:     [h1] Task — still, after 30');
      expect(exec.stderr).toContain('h1 | still running after 30 s');
    } finally {
      await other.stop();
    }
  });
});
