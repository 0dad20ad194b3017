import { describe, expect, it } from 'vitest';
import { faultHostForFile } from './support/fault-host.js';

const site = faultHostForFile();

describe('F34: the playbook is edited while it runs', () => {
  it('changes nothing of the run: what was read at its start is what happens', async () => {
    const run = site.apply(`- hosts: web
  facts: false
  tasks:
    - { name: first, pause: { seconds: 2 } }
    - { name: second, command: echo as it was }
`);
    await run.begun('first');
    site.folder.write('site.yaml', '- hosts: web\n  tasks: [{ name: second, command: echo edited }, { bad: [ }]\n');
    site.folder.write('inventory.yaml', 'nonsense: [');
    const { code, task } = await run.ended;
    expect([code, task('second')['h1']?.result?.['stdout']]).toEqual([0, 'as it was']);
  });
});
