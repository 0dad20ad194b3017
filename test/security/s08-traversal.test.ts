import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';

vi.setConfig({ testTimeout: 120_000 });

const lab = labForFile();

describe('S8: nothing a host names leads out of where it belongs', () => {
  it('a fetched file stays below its folder, whatever its path is', async () => {
    writeFileSync(join(lab.out, 'x'), 'data');
    const run = await lab.apply(`
- hosts: h1
  facts: false
  tasks:
    - { name: up, fetch: { src: "<%= out %>/../out/../out/x", dest: got }, ignore_errors: true }
    - { name: deep, fetch: { src: "/../../../../../../<%= out %>/x", dest: got }, ignore_errors: true }
`);
    expect(run.code, run.why).toBe(0);
    const outside = execFileSync(
      'find',
      [join(lab.folder, '..'), '-maxdepth', '1', '-newer', join(lab.out, 'x'), '-name', 'x'],
      { encoding: 'utf8' },
    );
    expect(outside).toBe('');
  });

  it('an inventory name that is a path is refused or stays inside', async () => {
    const inventory = readFileSync(join(lab.folder, 'inventory.yaml'), 'utf8');
    lab.write('inventory.yaml', inventory.replace('h1: {', '"../../h1": {'));
    writeFileSync(join(lab.out, 'x'), 'data');
    const run = await lab.run('fetch', 'all', join(lab.out, 'x'), 'got/deep');
    expect([0, 1, 2]).toContain(run.code);
    expect(existsSync(join(lab.folder, 'h1'))).toBe(false);
    expect(existsSync(join(lab.folder, '..', 'h1'))).toBe(false);
  });

  it('an archive that climbs, or writes through a link of its own, is refused', async () => {
    const make = join(lab.folder, 'make');
    mkdirSync(make);
    writeFileSync(join(make, 'evil'), 'evil');
    symlinkSync('/tmp', join(make, 'link'));
    execFileSync('tar', [
      '-C',
      make,
      '-P',
      '--transform',
      's,^evil,../../escaped,',
      '-cf',
      join(lab.folder, 'climb.tar'),
      'evil',
    ]);
    execFileSync('tar', ['-C', make, '-cf', join(lab.folder, 'through.tar'), 'link']);
    execFileSync('tar', [
      '-C',
      make,
      '-P',
      '--transform',
      `s,^evil,link/escaped-${String(process.pid)},`,
      '-rf',
      join(lab.folder, 'through.tar'),
      'evil',
    ]);
    mkdirSync(join(lab.out, 'into/deep'), { recursive: true });
    execFileSync('chmod', ['-R', '777', lab.out]);
    const run = await lab.apply(`
- hosts: h1
  facts: false
  tasks:
    - { name: climb, unarchive: { src: climb.tar, dest: "<%= out %>/into/deep" }, ignore_errors: true }
    - { name: through, unarchive: { src: through.tar, dest: "<%= out %>/into/deep" }, ignore_errors: true }
`);
    expect(run.code, run.why).toBe(0);
    expect([run.statuses('climb')['h1'], run.statuses('through')['h1']]).toEqual(['failed', 'failed']);
    expect(existsSync(join(lab.out, 'escaped'))).toBe(false);
    expect(existsSync(`/tmp/escaped-${String(process.pid)}`)).toBe(false);
  });
});
