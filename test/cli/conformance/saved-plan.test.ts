import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ConformanceLab, mark, type Outcome, startLab } from './lab.js';

vi.setConfig({ testTimeout: 240_000 });

let lab: ConformanceLab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(async () => {
  await lab.stop();
});
beforeEach(() => {
  lab.fresh();
});

const site = `- name: Site
  hosts: web
  facts: false
  tasks:
    - name: Text
      template: { src: text.ejs, dest: "<%= out %>/<%= host.name %>" }
    - name: Marks
      ${mark('<%= word %>')}
`;

/** A plan of `site` in the file `site.plan`, with the variable that tests give. */
async function planned(...flags: readonly string[]): Promise<Outcome> {
  lab.write('text.ejs', 'text for <%= host.name %>\n');
  return lab.plan(site, '-e', 'word=hush-hush', '-o', 'site.plan', ...flags);
}

const apply = async (...flags: readonly string[]): Promise<Outcome> => lab.run('apply', 'site.plan', ...flags);
const again = ['-e', 'word=hush-hush'];
const path = (name: string): string => join(lab.folder, name);

/** Refused as wrong input, with these words, and nothing of the plan done. */
function expectRefused(outcome: Outcome, words: string | RegExp): void {
  expect(outcome.code, outcome.why).toBe(2);
  expect(outcome.stderr).toMatch(words);
  expect(lab.marks()).toEqual([]);
  expect(lab.read('h2')).toBeUndefined();
}

describe('a saved plan', () => {
  it('touches no host when it is made, is for its owner only, and holds no value of -e', async () => {
    const made = await planned();
    expect(made.code, made.why).toBe(0);
    expect(made.stderr).toContain('runner apply site.plan');
    expect(statSync(path('site.plan')).mode & 0o777).toBe(0o600);
    expect(readFileSync(path('site.plan'), 'utf8')).not.toContain('hush-hush');
    expect([lab.read('h1'), lab.marks()]).toEqual([undefined, []]);
  });

  it('is applied as it is: the same hosts, tags and values', async () => {
    await planned('-l', 'h1', '--tags', 'all');
    const done = await apply(...again);
    expect(done.code, done.why).toBe(0);
    expect(lab.read('h1')).toBe('text for h1\n');
    expect(lab.marks()).toEqual(['h1 hush-hush']);
    expect(lab.read('h2')).toBeUndefined();
  });

  it('is not applied with other values, without them, or with flags that are the plan’s own', async () => {
    await planned();
    expectRefused(await apply(), '`word` came by -e');
    expectRefused(await apply('-e', 'word=other'), 'values of -e are not those');
    expectRefused(await apply(...again, '-l', 'h1', '--tags', 'x'), /without `--limit`, `--tags`/);
  });

  it('is not applied when a file changed, came or went; all of them are told', async () => {
    await planned();
    lab.write('text.ejs', 'another text\n');
    lab.write('group_vars/web.yaml', 'more: 1\n');
    const refused = await apply(...again);
    expectRefused(refused, 'text.ejs has changed');
    expect(refused.stderr).toContain('group_vars/web.yaml is new');
    expect(refused.stderr).toContain('nothing was touched');
  });

  it('is not applied when a host is not what it was', async () => {
    await planned();
    writeFileSync(join(lab.out, 'h1'), 'text for h1\n');
    expectRefused(await apply(...again), /h1, "Text": is in place by now/);
    writeFileSync(join(lab.out, 'h1'), 'by hand\n');
    expectRefused(await apply(...again), /h1, "Text": something else than planned would change/);
  });

  it('is not applied a second time: what it would do is done', async () => {
    await planned();
    expect((await apply(...again)).code).toBe(0);
    const second = await apply(...again);
    expect(second.code, second.why).toBe(2);
    expect(lab.marks().toSorted()).toEqual(['h1 hush-hush', 'h2 hush-hush']);
  });

  it('is not applied by another version, in pieces, or as something else', async () => {
    await planned();
    const text = readFileSync(path('site.plan'), 'utf8');
    writeFileSync(path('site.plan'), text.replace(/"version":"[^"]*"/, '"version":"0.0.1"'));
    expectRefused(await apply(...again), 'was made by version 0.0.1');
    writeFileSync(path('site.plan'), text.slice(0, -20));
    expectRefused(await apply(...again), 'cannot be read');
    expectRefused(await lab.run('plan', 'site.plan'), 'is a saved plan');
    expectRefused(await lab.run('apply', 'site.yaml', 'site.plan'), 'is a saved plan');
  });

  it('is not written when a host could not be asked, and not applied when one cannot', async () => {
    await planned();
    const inventory = readFileSync(path('inventory.yaml'), 'utf8');
    const down = inventory.replace('host: 127.0.1.2', 'host: 127.0.1.2, port: 1');
    // The address is not what the plan was made with: that alone is a reason.
    writeFileSync(path('inventory.yaml'), down);
    expectRefused(await apply(...again), 'inventory.yaml has changed');
    const made = await lab.plan(site, '-e', 'word=hush-hush', '-o', 'other.plan');
    expect(made.code, made.why).toBe(3);
    expect(made.stderr).toContain('No plan was written to other.plan');
    expect(existsSync(path('other.plan'))).toBe(false);
  });

  it('is not applied when a host went away since', async () => {
    lab.write('inventory.d/down.yaml', 'all: { hosts: {} }\n');
    await planned();
    await lab.sshd.stop();
    const refused = await apply(...again);
    lab = await startLab();
    expect(refused.code, refused.why).toBe(3);
    expect(refused.stderr).toContain('h1 is unreachable');
    expect(refused.stderr).toContain('Nothing was touched');
  });
});
